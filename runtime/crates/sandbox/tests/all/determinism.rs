//! Does the same guest do the same again, whatever the machine did meanwhile? (threat row 37)

use synapse_domain::limits::STANDARD;
use synapse_sandbox::state::FuelMode;

use crate::guests::{plain, with_host};
use crate::host::{Sandbox, fuel};

/// Some arithmetic, long enough for several epochs and portions of fuel.
const WORK: &str = r#"(func $run (export "run") (result i64) (local $n i64) (local $sum i64)
    (loop $l
        (local.set $sum (i64.xor (i64.mul (local.get $sum) (i64.const 6364136223846793005)) (local.get $n)))
        (local.set $n (i64.add (local.get $n) (i64.const 1)))
        (br_if $l (i64.lt_u (local.get $n) (i64.const 5000000))))
    (call $wait)
    (local.get $sum))"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_37_fuel_counts_repeat_exactly() {
    let sandbox = Sandbox::new();
    let prepared = sandbox.prepare(&with_host(1, WORK)).await;
    // One alone, then four at once: other interleavings, same counts.
    let alone = sandbox
        .start::<u64>(&prepared, &STANDARD.run, FuelMode::FromStart)
        .await;
    let (sum, used) = (alone.result.unwrap(), alone.fuel_used.unwrap());
    assert!(used > 30_000_000, "too short to mean anything: {used}");
    let run = || sandbox.start::<u64>(&prepared, &STANDARD.run, FuelMode::FromStart);
    let together = tokio::join!(run(), run(), run(), run());
    for ended in [together.0, together.1, together.2, together.3] {
        assert_eq!((ended.result.unwrap(), ended.fuel_used), (sum, Some(used)));
    }
    // And the limit is exact to a turn of the loop, where it is looked at: what was used is enough, a few turns less is not.
    let limited = |units| {
        let limits = fuel(units);
        let (sandbox, prepared) = (&sandbox, &prepared);
        async move {
            sandbox
                .start::<u64>(prepared, &limits, FuelMode::FromStart)
                .await
                .result
                .is_ok()
        }
    };
    assert!(limited(used + 1).await);
    assert!(!limited(used - 100).await);
}

#[tokio::test]
async fn row_37_nan_has_one_bit_pattern() {
    // A quiet NaN with a payload and a sign goes in; on x86-64 it would come out as it went in.
    let module = r#"(module (memory 1) (data (i32.const 0) "\01\02\03\04\05\06\ff\ff")
        (func (export "run") (result i64)
            (i64.reinterpret_f64 (f64.mul (f64.load (i32.const 0)) (f64.load (i32.const 8))))))"#;
    let bits = Sandbox::new().run(&plain(module), &STANDARD.run).await.result.unwrap();
    assert_eq!(bits, 0x7ff8_0000_0000_0000);
    // 0 / 0 has its sign bit set on x86-64 without canonicalisation.
    let zero = r#"(module (memory 1) (func (export "run") (result i64)
        (i64.reinterpret_f64 (f64.div (f64.load (i32.const 0)) (f64.load (i32.const 8))))))"#;
    let bits = Sandbox::new().run(&plain(zero), &STANDARD.run).await.result.unwrap();
    assert_eq!(bits, 0x7ff8_0000_0000_0000);
}

#[tokio::test]
async fn row_38_a_new_instance_finds_nothing_of_an_old_one() {
    let sandbox = Sandbox::new();
    // Fills 32 MiB with a pattern; in another component, looks for any byte that is not zero in as much memory, and in the
    // table and global of its own.
    let leaves = plain(
        r#"(module (memory 512) (func (export "run") (result i64)
        (memory.fill (i32.const 0) (i32.const 0xa5) (i32.const 33554432)) (i64.const 1)))"#,
    );
    let looks = plain(
        r#"(module (memory 512) (func (export "run") (result i64) (local $at i32) (local $sum i64)
        (loop $l
            (local.set $sum (i64.or (local.get $sum) (i64.load (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $l (i32.lt_u (local.get $at) (i32.const 33554432))))
        (local.get $sum)))"#,
    );
    let (leaves, looks) = (sandbox.prepare(&leaves).await, sandbox.prepare(&looks).await);
    for round in 0..100 {
        let left = sandbox.start::<u64>(&leaves, &STANDARD.run, FuelMode::FromStart).await;
        assert_eq!(left.result.unwrap(), 1);
        let found = sandbox.start::<u64>(&looks, &STANDARD.run, FuelMode::FromStart).await;
        assert_eq!(found.result.unwrap(), 0, "round {round}");
    }
}
