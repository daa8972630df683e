//! Which hand-made guests do the tests run? Text here, binary for the sandbox.

use crate::host::{LAB, LOG};

/// A component around one core module, which exports `run` and imports nothing.
pub fn plain(module: &str) -> Vec<u8> {
    binary(&format!("(component {} )", handler(module, "", "(result u64)", "")))
}

/// A component whose module imports the functions of `host::fill` from `host` and its memory from `memory`.
pub fn with_host(pages: u32, body: &str) -> Vec<u8> {
    binary(&format!(
        r#"(component
        (import "{LOG}" (instance $log
            (export "write" (func (param "message" string)))
            (export "write-all" (func (param "messages" (list string))))
            (export "fail" (func))
            (export "live" (func))
            (export "wait" (func))))
        (import "{LAB}" (instance $lab
            (export "bench" (type $bench (sub resource)))
            (export "open" (func (result (own $bench))))))
        {MEMORY}
        (core instance $memory (instantiate $memory_module))
        (core func $write (canon lower (func $log "write") (memory (core memory $memory "memory"))))
        (core func $write_all (canon lower (func $log "write-all") (memory (core memory $memory "memory"))))
        (core func $fail (canon lower (func $log "fail")))
        (core func $live (canon lower (func $log "live")))
        (core func $wait (canon lower (func $log "wait")))
        (core func $open (canon lower (func $lab "open")))
        {handler})"#,
        MEMORY = format_args!("(core module $memory_module (memory (export \"memory\") {pages}))"),
        handler = handler(
            &format!(
                r#"(module
                (import "host" "write" (func $write (param i32 i32)))
                (import "host" "write-all" (func $write_all (param i32 i32)))
                (import "host" "fail" (func $fail))
                (import "host" "live" (func $live))
                (import "host" "wait" (func $wait))
                (import "host" "open" (func $open (result i32)))
                (import "memory" "memory" (memory {pages}))
                {body})"#
            ),
            r#"(with "host" (instance
                (export "write" (func $write)) (export "write-all" (func $write_all)) (export "fail" (func $fail))
                (export "live" (func $live)) (export "wait" (func $wait)) (export "open" (func $open))))
            (with "memory" (instance $memory))"#,
            "(result u64)",
            "",
        )
    ))
}

/// A component that answers with a string: `run` returns the address of its address and length.
pub fn answering(module: &str) -> Vec<u8> {
    binary(&format!(
        "(component {})",
        handler(module, "", "(result string)", r#"(memory (core memory $i "memory"))"#)
    ))
}

/// The module's `run` as the handler. `with` are arguments of its instantiation, `options` of the lift.
pub fn handler(module: &str, with: &str, result: &str, options: &str) -> String {
    let module = module.trim().strip_prefix("(module").expect("a module");
    format!(
        r#"(core module $m {module}
        (core instance $i (instantiate $m {with}))
        (func $run {result} (canon lift (core func $i "run") {options}))
        (instance $h (export "run" (func $run)))
        (export "synapse:workflow/handler@0.1.0" (instance $h))"#
    )
}

/// Text to binary.
pub fn binary(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Computes forever.
pub const LOOPS: &str = r#"(module (func (export "run") (result i64) (loop $l (br $l)) unreachable))"#;

/// Answers 7.
pub const SEVEN: &str = r#"(module (func (export "run") (result i64) (i64.const 7)))"#;
