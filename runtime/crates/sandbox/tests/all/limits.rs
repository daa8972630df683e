//! Does a guest end at each limit, with a name for it, and leave the process as it was?

use synapse_domain::limits::{HANDLES, HOSTCALL_BYTES, RunLimits, STANDARD};
use synapse_sandbox::state::FuelMode;
use synapse_sandbox::trap::Trap;

use crate::guests::{LOOPS, SEVEN, answering, plain, with_host};
use crate::host::{HostError, Sandbox, fuel};

const FUEL: u64 = 20_000_000;

/// A module whose `run` is this.
fn run(body: &str) -> String {
    format!(r#"(module (memory 1) (func $run (export "run") (result i64) {body}))"#)
}

#[tokio::test]
async fn row_1_a_loop_ends_at_the_fuel_limit() {
    let ended = Sandbox::new().run(&plain(LOOPS), &fuel(FUEL)).await;
    assert_eq!(ended.trap(), Trap::CpuLimit);
    assert_eq!(ended.fuel_used, Some(FUEL));
}

#[tokio::test]
async fn row_3_bulk_operations_are_charged_by_their_size() {
    let fills = run(r"(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) unreachable");
    let copies = run(r"(loop $l (memory.copy (i32.const 0) (i32.const 1) (i32.const 65535)) (br $l)) unreachable");
    let sandbox = Sandbox::new();
    for module in [fills, copies] {
        assert_eq!(sandbox.run(&plain(&module), &fuel(FUEL)).await.trap(), Trap::CpuLimit);
    }
}

#[tokio::test]
async fn row_4_growing_beyond_the_quota_traps() {
    let sandbox = Sandbox::new();
    let to_4_gib = run("(drop (memory.grow (i32.const 65535))) (i64.const 1)");
    assert_eq!(
        sandbox.run(&plain(&to_4_gib), &STANDARD.run).await.trap(),
        Trap::MemoryLimit
    );
    // Page by page: ends at the quota, and what was had until then is known.
    let slowly = run("(loop $l (drop (memory.grow (i32.const 1))) (br $l)) unreachable");
    let ended = sandbox.run(&plain(&slowly), &STANDARD.run).await;
    assert_eq!(ended.trap(), Trap::MemoryLimit);
    assert_eq!(ended.data.state.peak_memory(), STANDARD.run.memory_bytes);
    // The guest's own maximum is not ours: it gets its -1, everywhere the same.
    let own =
        r#"(module (memory 1 2) (func (export "run") (result i64) (i64.extend_i32_s (memory.grow (i32.const 2)))))"#;
    assert_eq!(sandbox.run(&plain(own), &STANDARD.run).await.result.unwrap(), u64::MAX);
}

#[tokio::test]
async fn row_4_the_quota_is_the_sum_of_all_memories_and_holds_at_the_start() {
    let sandbox = Sandbox::new();
    let limits = RunLimits {
        memory_bytes: 10 << 16,
        ..STANDARD.run
    };
    // Eight pages of the memory module and two more: fits; three more do not.
    let more = |pages: u32| {
        with_host(
            8,
            &format!(r#"(func (export "run") (result i64) (drop (memory.grow (i32.const {pages}))) (i64.const 1))"#),
        )
    };
    assert_eq!(sandbox.run(&more(2), &limits).await.result.unwrap(), 1);
    assert_eq!(sandbox.run(&more(3), &limits).await.trap(), Trap::MemoryLimit);
    let initial = with_host(11, r#"(func (export "run") (result i64) (i64.const 1))"#);
    assert_eq!(sandbox.run(&initial, &limits).await.trap(), Trap::MemoryLimit);
}

#[tokio::test]
async fn row_5_a_table_grows_to_the_limit_only() {
    let module = r#"(module (table 1 funcref) (func (export "run") (result i64)
        (drop (table.grow (ref.null func) (i32.const 20000))) (i64.const 1)))"#;
    assert_eq!(
        Sandbox::new().run(&plain(module), &STANDARD.run).await.trap(),
        Trap::TableLimit
    );
}

#[tokio::test]
async fn row_6_recursion_ends_at_the_stack_limit_again_and_again() {
    let sandbox = Sandbox::new();
    let recursion = sandbox
        .prepare(&plain(&run("(i64.add (i64.const 1) (call $run))")))
        .await;
    for _ in 0..500 {
        assert_eq!(
            sandbox
                .start::<u64>(&recursion, &STANDARD.run, FuelMode::FromStart)
                .await
                .trap(),
            Trap::StackLimit
        );
    }
    assert_eq!(sandbox.run(&plain(SEVEN), &STANDARD.run).await.result.unwrap(), 7);
}

#[tokio::test]
async fn row_7_host_functions_have_room_at_any_depth_of_the_guest() {
    // Each level calls the host, so one of the calls is the deepest possible one.
    let body = r#"(func $run (export "run") (result i64)
        (call $write (i32.const 0) (i32.const 64)) (call $wait) (i64.add (i64.const 1) (call $run)))"#;
    let ended = Sandbox::new().run(&with_host(1, body), &STANDARD.run).await;
    assert_eq!(ended.trap(), Trap::StackLimit);
    assert!(
        ended.data.written.len() > 1_000,
        "{} calls only",
        ended.data.written.len()
    );
}

#[tokio::test]
async fn row_8_a_string_over_the_limit_never_reaches_the_host_function() {
    let sandbox = Sandbox::new();
    let writes = |bytes: usize| {
        with_host(
            100,
            &format!(
                r#"(func (export "run") (result i64) (call $write (i32.const 0) (i32.const {bytes})) (i64.const 1))"#
            ),
        )
    };
    let ended = sandbox.run(&writes(HOSTCALL_BYTES), &STANDARD.run).await;
    assert_eq!((ended.result.unwrap(), ended.data.written), (1, vec![HOSTCALL_BYTES]));
    let ended = sandbox.run(&writes(HOSTCALL_BYTES + 1), &STANDARD.run).await;
    assert_eq!(ended.trap(), Trap::HostCallTooLarge);
    assert!(ended.data.written.is_empty());
}

#[tokio::test]
async fn row_9_an_answer_over_the_limit_is_not_taken() {
    let answers = |bytes: usize| {
        let little_endian: String = (bytes as u32)
            .to_le_bytes()
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect();
        answering(&format!(
            r#"(module (memory (export "memory") 100) (data (i32.const 4) "{little_endian}") (func (export "run") (result i32) (i32.const 0)))"#
        ))
    };
    let sandbox = Sandbox::new();
    for (bytes, fits) in [(HOSTCALL_BYTES, true), (HOSTCALL_BYTES + 1, false)] {
        let prepared = sandbox.prepare(&answers(bytes)).await;
        let ended = sandbox
            .start::<String>(&prepared, &STANDARD.run, FuelMode::FromStart)
            .await;
        match &ended.result {
            Ok(answer) => assert!(fits && answer.len() == bytes),
            Err(_) => assert!(!fits && ended.trap() == Trap::HostCallTooLarge),
        }
    }
}

#[tokio::test]
async fn row_10_a_list_of_empty_strings_is_charged_for_what_it_becomes() {
    // 500,000 empty strings are 4 MB in the guest and 12 MB in the host.
    let lists = |count: u32| {
        with_host(
            100,
            &format!(
                r#"(func (export "run") (result i64) (call $write_all (i32.const 0) (i32.const {count})) (i64.const 1))"#
            ),
        )
    };
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&lists(100_000), &STANDARD.run).await.result.unwrap(), 1);
    let ended = sandbox.run(&lists(500_000), &STANDARD.run).await;
    assert_eq!(ended.trap(), Trap::HostCallTooLarge);
    assert!(ended.data.written.is_empty());
}

#[tokio::test]
async fn row_14_handles_that_are_never_dropped_end_at_the_limit() {
    let opens = |count: usize| {
        with_host(
            1,
            &format!(
                r#"(func (export "run") (result i64) (local $n i64)
                (loop $l (drop (call $open)) (local.set $n (i64.add (local.get $n) (i64.const 1)))
                    (br_if $l (i64.lt_u (local.get $n) (i64.const {count}))))
                (local.get $n))"#
            ),
        )
    };
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.run(&opens(HANDLES), &STANDARD.run).await.result.unwrap(),
        HANDLES as u64
    );
    assert_eq!(
        sandbox.run(&opens(HANDLES + 1), &STANDARD.run).await.trap(),
        Trap::HandleLimit
    );
}

#[tokio::test]
async fn row_18_work_in_the_start_function_is_limited_like_any_other() {
    let sandbox = Sandbox::new();
    let start = |body: &str| {
        plain(&format!(
            r#"(module (memory 1) (func $start {body}) (start $start) (func (export "run") (result i64) (i64.const 1)))"#
        ))
    };
    let loops = sandbox.run(&start("(loop $l (br $l))"), &fuel(FUEL)).await;
    assert_eq!(loops.trap(), Trap::CpuLimit);
    let grows = sandbox
        .run(&start("(drop (memory.grow (i32.const 60000)))"), &fuel(FUEL))
        .await;
    assert_eq!(grows.trap(), Trap::MemoryLimit);
    let recursion = sandbox.run(&start("(call $start)"), &fuel(FUEL)).await;
    assert_eq!(recursion.trap(), Trap::StackLimit);
}

#[tokio::test]
async fn row_21_a_trap_says_what_and_where_and_the_embedders_errors_come_out_unchanged() {
    let sandbox = Sandbox::new();
    let panics =
        r#"(module (func $inner unreachable) (func $run (export "run") (result i64) (call $inner) (i64.const 1)))"#;
    let trap = sandbox.run(&plain(panics), &STANDARD.run).await.trap();
    assert_eq!(
        trap.to_string(),
        "the workflow stopped: wasm `unreachable` instruction executed (in inner, called by run)"
    );
    let zero = run("(i64.div_u (i64.const 1) (i64.const 0))");
    let trap = sandbox.run(&plain(&zero), &STANDARD.run).await.trap();
    assert_eq!((trap.code(), trap.is_final()), ("trap", true));

    let fails = with_host(1, r#"(func (export "run") (result i64) (call $fail) (i64.const 1))"#);
    let ended = sandbox.run(&fails, &STANDARD.run).await;
    assert_eq!(ended.result.unwrap_err().downcast_ref::<HostError>(), Some(&HostError));
}

#[tokio::test]
async fn fuel_on_another_engine_holds_from_the_first_live_call() {
    let sandbox = Sandbox::new();
    let counts = |before: &str| {
        with_host(
            1,
            &format!(
                r#"(func (export "run") (result i64) (local $n i64) {before}
                (loop $l (local.set $n (i64.add (local.get $n) (i64.const 1)))
                    (br_if $l (i64.lt_u (local.get $n) (i64.const 400000000))))
                (local.get $n))"#
            ),
        )
    };
    // Far more than the limit, but replayed: nothing ends it.
    let replay = sandbox.prepare(&counts("")).await;
    let ended = sandbox
        .start::<u64>(&replay, &fuel(1_000), FuelMode::AfterFirstLiveCall)
        .await;
    assert_eq!((ended.result.unwrap(), ended.fuel_used), (400_000_000, None));
    // The same after a live call: ends in the middle of the loop.
    let live = sandbox.prepare(&counts("(call $live)")).await;
    let ended = sandbox
        .start::<u64>(&live, &fuel(1_000), FuelMode::AfterFirstLiveCall)
        .await;
    assert_eq!(ended.trap(), Trap::CpuLimit);
}
