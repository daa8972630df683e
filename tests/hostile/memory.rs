//! Does a guest that takes memory or stack end by itself, and does the process stay small? (threat rows 4, 6 and 38)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, UMBRELLA, failed, memory_kib, run_apart};

const MIB: u64 = 1 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn row_4_a_guest_that_only_takes_memory_ends_and_the_server_stays_small() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    world.deploy(Deployment::of("memory")).await?;
    world.run(ACME, "echo", json!({})).await?;
    let before = memory_kib(&world, "VmRSS")?;
    for _ in 0..10 {
        failed(&world.run(ACME, "memory", json!({})).await?, "memory-limit");
    }
    // One guest at a time has at most the plan's 64 MiB, and gives them back.
    let (highest, after) = (memory_kib(&world, "VmHWM")?, memory_kib(&world, "VmRSS")?);
    assert!(
        highest < before + 96 * MIB,
        "{before} KiB before, {highest} KiB at most"
    );
    assert!(after < before + 32 * MIB, "{before} KiB before, {after} KiB after");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_4_a_deployment_can_have_less_memory_than_its_plan() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("bigresult").limits(json!({ "memory_bytes": 2 << 20 })))
        .await?;
    let small = world.run(ACME, "bigresult", json!({ "bytes": 1_000 })).await?;
    assert_eq!(small["state"], "succeeded", "{small:#}");
    let run = world.run(ACME, "bigresult", json!({ "bytes": 2 << 20 })).await?;
    assert!(failed(&run, "memory-limit").contains("memory"), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_6_two_hundred_recursions_in_a_row_leave_the_server_healthy() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("recursion").concurrency(8)).await?;
    let bounded = world.run(ACME, "recursion", json!({ "depth": 100 })).await?;
    assert_eq!(bounded["state"], "succeeded", "{bounded:#}");
    // A Rust guest's own stack, in its memory, may end first; that is no different for the server.
    let in_memory = world.run(ACME, "recursion", json!({ "frames": "memory" })).await?;
    assert!(
        failed(&in_memory, "trap").contains("out of bounds memory access"),
        "{in_memory:#}"
    );
    let mut after_first = 0;
    for round in 0..25 {
        let runs: Vec<_> = (0..8)
            .map(|_| run_apart(&world, ACME, "recursion", json!(null)))
            .collect();
        for run in runs {
            failed(&run.await??, "stack-limit");
        }
        if round == 4 {
            after_first = memory_kib(&world, "VmRSS")?;
        }
    }
    let after = memory_kib(&world, "VmRSS")?;
    assert!(
        after < after_first + 16 * MIB,
        "{after_first} KiB after 40, {after} KiB after 200"
    );
    assert_eq!(world.operator().get("/healthz").await?.status, 200);
    let bounded = world.run(ACME, "recursion", json!({ "depth": 100 })).await?;
    assert_eq!(bounded["state"], "succeeded", "{bounded:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_38_fresh_memory_holds_nothing_of_the_tenant_that_had_it_before() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("memory").concurrency(4)).await?;
    world
        .deploy(Deployment::of("residue").tenant(UMBRELLA).concurrency(4))
        .await?;
    let mut looked_at = 0;
    for _ in 0..5 {
        // The pool has many slots: several at once, so that those of the one tenant become those of the other.
        let filled: Vec<_> = (0..4).map(|_| run_apart(&world, ACME, "memory", json!({}))).collect();
        for run in filled {
            failed(&run.await??, "memory-limit");
        }
        let found: Vec<_> = (0..4)
            .map(|_| run_apart(&world, UMBRELLA, "residue", json!({})))
            .collect();
        for run in found {
            let run = run.await??;
            assert_eq!(
                (&run["state"], &run["answer"]["foreign"]),
                (&json!("succeeded"), &json!(0)),
                "{run:#}"
            );
            looked_at += run["answer"]["words"].as_u64().unwrap_or(0) * 8;
        }
    }
    assert!(looked_at > 500 << 20, "only {looked_at} bytes were looked at");
    world.finish().await
}
