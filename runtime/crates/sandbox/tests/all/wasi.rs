//! What does a guest of profile B find when it looks around? (threat rows 33, 35, 37)

use synapse_domain::limits::{RANDOM_BYTES, STANDARD};
use synapse_sandbox::trap::Trap;
use synapse_sandbox::vet::Profile;

use crate::guests::{binary, handler};
use crate::host::{Ended, Sandbox};

/// A guest that imports one WASI function: the interface's name and content, the function's name and core type, and the body
/// of `run`, in which it is `$f`.
fn guest(interface: &str, content: &str, function: &str, core_type: &str, body: &str) -> Vec<u8> {
    guest_with("", interface, content, function, core_type, body)
}

/// The same after other imports, whose types the interface may use.
fn guest_with(before: &str, interface: &str, content: &str, function: &str, core_type: &str, body: &str) -> Vec<u8> {
    let module = format!(
        r#"(module (import "wasi" "f" (func $f {core_type})) (import "memory" "memory" (memory 1))
            (func (export "run") (result i64) {body}))"#
    );
    let with = r#"(with "wasi" (instance (export "f" (func $f)))) (with "memory" (instance $memory))"#;
    binary(&format!(
        r#"(component {before}
        (import "{interface}" (instance $wasi {content}))
        (core module $memory_module
            (memory (export "memory") 1)
            (global $top (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3)))))
        (core instance $memory (instantiate $memory_module))
        (core func $f (canon lower (func $wasi "{function}") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
        {})"#,
        handler(&module, with, "(result u64)", "")
    ))
}

async fn run(component: &[u8]) -> Ended<u64> {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.prepare(component).await.profile, Profile::B);
    sandbox.run(component, &STANDARD.run).await
}

/// The length of a list that a function without parameters returns.
async fn length_of(interface: &str, function: &str, element: &str) -> u64 {
    let content = format!(r#"(export "{function}" (func (result (list {element}))))"#);
    let body = "(call $f (i32.const 0)) (i64.load32_u (i32.const 4))";
    run(&guest(interface, &content, function, "(param i32)", body))
        .await
        .result
        .unwrap()
}

#[tokio::test]
async fn row_33_environment_and_arguments_are_empty() {
    assert_eq!(
        length_of("wasi:cli/environment@0.2.6", "get-environment", "(tuple string string)").await,
        0
    );
    assert_eq!(
        length_of("wasi:cli/environment@0.2.6", "get-arguments", "string").await,
        0
    );
}

#[tokio::test]
async fn row_35_clocks_stand_at_the_journaled_time() {
    let monotonic = guest(
        "wasi:clocks/monotonic-clock@0.2.6",
        r#"(export "now" (func (result u64)))"#,
        "now",
        "(result i64)",
        // Some computing between two readings: their difference is zero, so the sum is twice the time.
        "(local $n i32) (local $first i64) (local.set $first (call $f))
         (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 50000000))))
         (i64.add (local.get $first) (call $f))",
    );
    assert_eq!(run(&monotonic).await.result.unwrap(), 2 * 1_000_000 * 1_000_000);
    let wall = guest(
        "wasi:clocks/wall-clock@0.2.9",
        r#"(type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "datetime" (type $datetime (eq $d)))
           (export "now" (func (result $datetime)))"#,
        "now",
        "(param i32)",
        "(call $f (i32.const 0)) (i64.load (i32.const 0))",
    );
    assert_eq!(run(&wall).await.result.unwrap(), 1_000);
}

#[tokio::test]
async fn row_37_random_bytes_are_the_runs_and_bounded() {
    let bytes = |len: u64| {
        guest(
            "wasi:random/random@0.2.6",
            r#"(export "get-random-bytes" (func (param "len" u64) (result (list u8))))"#,
            "get-random-bytes",
            "(param i64 i32)",
            &format!("(call $f (i64.const {len}) (i32.const 0)) (i64.load (i32.load (i32.const 0)))"),
        )
    };
    let first = run(&bytes(8)).await.result.unwrap();
    assert_ne!(first, 0);
    assert_eq!(run(&bytes(8)).await.result.unwrap(), first);
    let ended = run(&bytes(u64::from(RANDOM_BYTES) + 1)).await;
    assert_eq!(ended.trap().code(), "trap");
}

#[tokio::test]
async fn row_33_sockets_are_linked_and_dead() {
    let network = r#"
        (import "wasi:sockets/network@0.2.6" (instance $network
            (type $e (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
                "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit"
                "address-not-bindable" "address-in-use" "remote-unreachable" "connection-refused" "connection-reset"
                "connection-aborted" "datagram-too-large" "name-unresolvable" "temporary-resolver-failure"
                "permanent-resolver-failure"))
            (export "error-code" (type (eq $e)))
            (type $f (enum "ipv4" "ipv6"))
            (export "ip-address-family" (type (eq $f)))))
        (alias export $network "error-code" (type $error))
        (alias export $network "ip-address-family" (type $family))"#;
    for protocol in ["tcp", "udp"] {
        let before = format!(
            r#"{network} (import "wasi:sockets/{protocol}@0.2.6" (instance $sockets (export "{protocol}-socket" (type (sub resource)))))
            (alias export $sockets "{protocol}-socket" (type $socket))"#
        );
        let content = format!(
            r#"(alias outer 1 $error (type $e0)) (export "error-code" (type $e (eq $e0)))
            (alias outer 1 $family (type $f0)) (export "ip-address-family" (type $f (eq $f0)))
            (alias outer 1 $socket (type $s0)) (export "{protocol}-socket" (type $s (eq $s0)))
            (export "create-{protocol}-socket" (func (param "address-family" $f) (result (result (own $s) (error $e)))))"#
        );
        let interface = format!("wasi:sockets/{protocol}-create-socket@0.2.6");
        let function = format!("create-{protocol}-socket");
        // The result's case in the high half, its content in the low half.
        let body = "(call $f (i32.const 0) (i32.const 0))
            (i64.or (i64.shl (i64.load8_u (i32.const 0)) (i64.const 32)) (i64.load8_u (i32.const 4)))";
        let guest = guest_with(&before, &interface, &content, &function, "(param i32 i32)", body);
        let (error, access_denied) = (1, 1);
        assert_eq!(
            run(&guest).await.result.unwrap(),
            error << 32 | access_denied,
            "{protocol}"
        );
    }
}

#[tokio::test]
async fn row_35_a_wait_is_refused_but_looking_is_not() {
    let before = r#"(import "wasi:io/poll@0.2.6" (instance $poll (export "pollable" (type (sub resource)))))
        (alias export $poll "pollable" (type $pollable))"#;
    let content = r#"(alias outer 1 $pollable (type $p0)) (export "pollable" (type $p (eq $p0)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $p))))"#;
    let waits = |nanoseconds: u64| {
        let body = format!("(drop (call $f (i64.const {nanoseconds}))) (i64.const 1)");
        guest_with(
            before,
            "wasi:clocks/monotonic-clock@0.2.6",
            content,
            "subscribe-duration",
            "(param i64) (result i32)",
            &body,
        )
    };
    assert_eq!(run(&waits(0)).await.result.unwrap(), 1);
    assert_eq!(run(&waits(1)).await.trap(), Trap::Waited);
}

#[tokio::test]
async fn exit_is_told_with_its_status() {
    let content = r#"(export "exit" (func (param "status" (result))))"#;
    let exits = guest(
        "wasi:cli/exit@0.2.6",
        content,
        "exit",
        "(param i32)",
        "(call $f (i32.const 1)) (i64.const 1)",
    );
    assert_eq!(run(&exits).await.trap(), Trap::Exit(1));
}

#[tokio::test]
async fn row_11_standard_output_becomes_lines_of_the_log() {
    let module = r#"(module
        (import "wasi" "stdout" (func $stdout (result i32)))
        (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
        (import "memory" "memory" (memory 1))
        (data (i32.const 64) "hello\nworld")
        (func (export "run") (result i64)
            (call $write (call $stdout) (i32.const 64) (i32.const 11) (i32.const 0))
            (i64.load8_u (i32.const 0))))"#;
    let with = r#"(with "wasi" (instance (export "stdout" (func $stdout)) (export "write" (func $write))))
        (with "memory" (instance $memory))"#;
    let component = binary(&format!(
        r#"(component
        (import "wasi:io/error@0.2.6" (instance $io (export "error" (type (sub resource)))))
        (alias export $io "error" (type $error))
        (import "wasi:io/streams@0.2.6" (instance $streams
            (export "output-stream" (type $stream (sub resource)))
            (alias outer 1 $error (type $e0)) (export "error" (type $e (eq $e0)))
            (type $v (variant (case "last-operation-failed" (own $e)) (case "closed")))
            (export "stream-error" (type $failure (eq $v)))
            (export "[method]output-stream.blocking-write-and-flush"
                (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $failure)))))))
        (alias export $streams "output-stream" (type $stream))
        (import "wasi:cli/stdout@0.2.6" (instance $cli
            (alias outer 1 $stream (type $s0)) (export "output-stream" (type $s (eq $s0)))
            (export "get-stdout" (func (result (own $s))))))
        (core module $memory_module (memory (export "memory") 1))
        (core instance $memory (instantiate $memory_module))
        (core func $stdout (canon lower (func $cli "get-stdout")))
        (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
            (memory (core memory $memory "memory"))))
        {})"#,
        handler(module, with, "(result u64)", "")
    ));
    let ended = run(&component).await;
    let success = 0;
    assert_eq!(
        (ended.result.unwrap(), ended.lines),
        (success, vec!["Out: hello".to_owned(), "Out: world".to_owned()])
    );
}
