//! Is one capability call, and the number of them, limited? (threat rows 8, 9, 10, 12 and 14)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, calls, failed, list, memory_kib, on_disk, text};

#[tokio::test(flavor = "multi_thread")]
async fn row_8_an_oversized_argument_stops_before_the_host_has_copied_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("bigstring")).await?;
    let run = |to: &'static str, bytes: u64| world.run(ACME, "bigstring", json!({ "to": to, "bytes": bytes }));
    run("log", 10).await?;
    let before = memory_kib(&world, "VmRSS")?;
    for to in ["log", "state-key", "state-value"] {
        let message = failed(&run(to, 16 << 20).await?, "host-call-too-large").to_owned();
        assert!(
            message.contains("4 MiB") && message.contains("Pass less"),
            "{to}: {message}"
        );
    }
    // What fits into a call and not into its purpose is an error that the guest can read.
    for (to, bytes) in [
        ("state-key", 257),
        ("state-key", 1 << 20),
        ("state-value", (64 << 10) + 1),
        ("state-value", 3 << 20),
    ] {
        let run = run(to, bytes).await?;
        assert_eq!(
            (&run["state"], &run["answer"]["error"]),
            (&json!("succeeded"), &json!("invalid")),
            "{to}: {run:#}"
        );
        assert_eq!(
            calls(&world, ACME, &run).await?.len(),
            0,
            "nothing of it is in the journal"
        );
    }
    for (to, bytes) in [("state-key", 256), ("state-value", 64 << 10), ("log", 3 << 20)] {
        let run = run(to, bytes).await?;
        assert_eq!(
            (&run["state"], &run["answer"]["error"]),
            (&json!("succeeded"), &json!(null)),
            "{to}: {run:#}"
        );
    }
    let highest = memory_kib(&world, "VmHWM")?;
    assert!(
        highest < before + (96 << 10),
        "{before} KiB before, {highest} KiB at most"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_8_a_guest_cannot_hold_what_it_would_pass() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("bigstring")).await?;
    failed(&world.run(ACME, "bigstring", json!(null)).await?, "memory-limit");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_9_an_oversized_answer_fails_the_run_and_is_not_stored() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("bigresult")).await?;
    let limit = 1 << 20;
    let run = world.run(ACME, "bigresult", json!({ "bytes": limit + 1 })).await?;
    let message = failed(&run, "result-too-large");
    assert!(message.contains("1048577") && message.contains("1048576"), "{message}");
    failed(
        &world.run(ACME, "bigresult", json!({ "bytes": 8 << 20 })).await?,
        "host-call-too-large",
    );
    assert!(
        !on_disk(world.folder.path(), &[b'x'; 64])?,
        "a part of the answer was stored"
    );
    let run = world.run(ACME, "bigresult", json!({ "bytes": limit })).await?;
    assert_eq!(
        (text(&run["state"]), text(&run["answer"]).len()),
        ("succeeded", limit - 2)
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_10_many_small_things_are_charged_for_what_they_become() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("statewrite")).await?;
    let before = memory_kib(&world, "VmRSS")?;
    let run = world
        .run(ACME, "statewrite", json!({ "get": vec![""; 340_000] }))
        .await?;
    failed(&run, "host-call-too-large");
    let highest = memory_kib(&world, "VmHWM")?;
    assert!(
        highest < before + (64 << 10),
        "{before} KiB before, {highest} KiB at most"
    );
    let run = world
        .run(ACME, "statewrite", json!({ "get": vec!["k"; 1_001] }))
        .await?;
    assert!(failed(&run, "failed").contains("1001 items; at most 1000"), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_12_the_call_after_the_last_permitted_one_answers_quota_and_the_journal_holds_the_others()
-> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("callflood")).await?;
    let run = world.run(ACME, "callflood", json!(null)).await?;
    assert_eq!(
        (&run["answer"]["calls"], &run["answer"]["error"]),
        (&json!(20_000), &json!("quota")),
        "{run:#}"
    );
    let journal = format!("/v1/tenants/{ACME}/runs/{}/journal", text(&run["id"]));
    let last = world.operator().get(&format!("{journal}?from=19990")).await?.ok()?;
    assert_eq!(list(&last["calls"]).len(), 10, "the journal ends with call 19,999");
    let first = world.operator().get(&format!("{journal}?limit=10")).await?.ok()?;
    assert_eq!((list(&first["calls"]).len(), &first["next_from"]), (10, &json!(10)));

    world
        .deploy(Deployment::of("callflood").limits(json!({ "calls": 7 })))
        .await?;
    let run = world.run(ACME, "callflood", json!(null)).await?;
    assert_eq!(
        (&run["answer"]["calls"], &run["answer"]["error"]),
        (&json!(7), &json!("quota")),
        "{run:#}"
    );
    let calls = calls(&world, ACME, &run).await?;
    assert_eq!(
        calls.iter().map(|call| call["call"].as_u64()).collect::<Vec<_>>(),
        (0..7).map(Some).collect::<Vec<_>>()
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_12_no_write_beyond_the_quota_reaches_the_target() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("prober").limits(json!({ "calls": 5 })))
        .await?;
    let texts: Vec<_> = (0..8).map(|n| n.to_string()).collect();
    let run = world.run(ACME, "prober", json!({ "texts": texts })).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    let errors: Vec<_> = list(&run["answer"])
        .iter()
        .map(|answer| text(&answer["error"]))
        .collect();
    assert_eq!(errors, ["", "", "", "", "", "quota", "quota", "quota"]);
    assert_eq!(world.lab.control.effects(0).len(), 5);
    assert_eq!(calls(&world, ACME, &run).await?.len(), 5);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_12_a_guest_that_ignores_its_quota_is_ended() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("prober").limits(json!({ "calls": 5 })))
        .await?;
    let run = world.run(ACME, "prober", json!({ "texts": vec!["x"; 2_000] })).await?;
    failed(&run, "call-limit");
    assert_eq!(world.lab.control.effects(0).len(), 5);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_14_handles_that_are_never_dropped_end_the_run() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("handles").concurrency(8)).await?;
    let run = world.run(ACME, "handles", json!({ "max": 200 })).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["held"]),
        (&json!("succeeded"), &json!(200)),
        "{run:#}"
    );
    let run = world.run(ACME, "handles", json!(null)).await?;
    assert!(failed(&run, "handle-limit").contains("256 handles"), "{run:#}");
    // What a run held is gone with it: the next ones have room, and the process does not grow (q554, 6fr9).
    let before = memory_kib(&world, "VmRSS")?;
    for _ in 0..100 {
        failed(&world.run(ACME, "handles", json!(null)).await?, "handle-limit");
    }
    let after = memory_kib(&world, "VmRSS")?;
    assert!(
        after < before + (8 << 10),
        "{before} KiB before, {after} KiB after 100 runs"
    );
    world.finish().await
}
