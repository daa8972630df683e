//! Do others go on while guests compute? (threat rows 1 and 2)

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use synapse_sandbox::state::FuelMode;
use synapse_sandbox::trap::Trap;

use crate::guests::{LOOPS, SEVEN, plain};
use crate::host::{Sandbox, fuel};

/// About a second of computing.
const FUEL: u64 = 1_000_000_000;

#[tokio::test(flavor = "current_thread")]
async fn row_2_looping_guests_do_not_stop_timers_or_other_guests_on_one_thread() {
    let sandbox = Sandbox::new();
    let loops = sandbox.prepare(&plain(LOOPS)).await;
    let seven = sandbox.prepare(&plain(SEVEN)).await;
    let looping = AtomicBool::new(true);
    let limits = fuel(FUEL);
    let looper = || sandbox.start::<u64>(&loops, &limits, FuelMode::FromStart);
    let loopers = async {
        let ended = tokio::join!(looper(), looper(), looper(), looper());
        looping.store(false, Ordering::Relaxed);
        [ended.0.trap(), ended.1.trap(), ended.2.trap(), ended.3.trap()]
    };
    // Five timers one after the other, each followed by a short run: without yields none of them fires before the end.
    let others = async {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let ended = sandbox.start::<u64>(&seven, &fuel(FUEL), FuelMode::FromStart).await;
            assert_eq!(ended.result.unwrap(), 7);
        }
        looping.load(Ordering::Relaxed)
    };
    let (traps, loopers_still_at_it) = tokio::join!(loopers, others);
    assert_eq!(traps, [Trap::CpuLimit, Trap::CpuLimit, Trap::CpuLimit, Trap::CpuLimit]);
    assert!(loopers_still_at_it, "the others had to wait for the loopers");
}

#[tokio::test(flavor = "current_thread")]
async fn row_15_dropping_a_run_ends_it_and_gives_its_slot_back() {
    let sandbox = Sandbox::new();
    let loops = sandbox.prepare(&plain(LOOPS)).await;
    let endless = fuel(u64::MAX);
    let run = sandbox.start::<u64>(&loops, &endless, FuelMode::FromStart);
    assert!(tokio::time::timeout(Duration::from_millis(50), run).await.is_err());
    // More runs than there are slots, one after the other: none was lost.
    let seven = sandbox.prepare(&plain(SEVEN)).await;
    for _ in 0..synapse_domain::limits::INSTANCES + 1 {
        let cancelled = sandbox.start::<u64>(&loops, &endless, FuelMode::FromStart);
        assert!(tokio::time::timeout(Duration::ZERO, cancelled).await.is_err());
        assert_eq!(
            sandbox
                .start::<u64>(&seven, &fuel(FUEL), FuelMode::FromStart)
                .await
                .result
                .unwrap(),
            7
        );
    }
}
