//! Do a million log lines or refused calls stay small in journal and database? (threat rows 11 and 13)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, calls, disk_bytes, failed, list, log, text};

/// Lines kept of one run: `limits::LOG_LINES` of the platform.
const LOG_LINES: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn row_11_a_million_log_lines_leave_a_thousand_and_one_mark() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("logflood")).await?;
    world.run(ACME, "logflood", json!({ "lines": 1 })).await?;
    let before = disk_bytes(&world.data())?;
    let run = world.run(ACME, "logflood", json!(null)).await?;
    assert_eq!(
        (&run["state"], &run["answer"]),
        (&json!("succeeded"), &json!(1_000_000)),
        "{run:#}"
    );
    let lines = log(&world, ACME, &run).await?;
    let marks = lines
        .iter()
        .filter(|line| text(&line["message"]).starts_with("truncated"))
        .count();
    assert_eq!((lines.len(), marks), (LOG_LINES + 1, 1));
    assert_eq!(
        lines.last().map(|line| text(&line["level"])),
        Some("warn"),
        "the mark is the last line"
    );
    let grown = disk_bytes(&world.data())? - before;
    assert!(grown < 2 << 20, "the database grew by {grown} bytes");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_13_denied_calls_count_against_the_quota() -> anyhow::Result<()> {
    let world = World::start().await?;
    let only_read = json!([{ "binding": "lab", "operations": ["lab/target.read"] }]);
    world
        .deploy(
            Deployment::of("prober")
                .grants(only_read)
                .limits(json!({ "calls": 50 })),
        )
        .await?;
    let run = world.run(ACME, "prober", json!({ "texts": vec!["x"; 60] })).await?;
    let errors: Vec<_> = list(&run["answer"])
        .iter()
        .map(|answer| text(&answer["error"]))
        .collect();
    assert!(errors[..50].iter().all(|error| *error == "denied"), "{errors:?}");
    assert!(errors[50..].iter().all(|error| *error == "quota"), "{errors:?}");
    let calls = calls(&world, ACME, &run).await?;
    assert_eq!(calls.len(), 50);
    assert!(
        calls.iter().all(|call| call["how"] == "denied" && call["ok"] == false),
        "{calls:?}"
    );
    assert!(
        world.lab.control.requests(0).is_empty(),
        "a denied call reached the target"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_13_a_flood_of_denied_calls_ends_and_stays_small() -> anyhow::Result<()> {
    let world = World::start().await?;
    let only_read = json!([{ "binding": "lab", "operations": ["lab/target.read"] }]);
    let limits = json!({ "calls": 5_000 });
    world
        .deploy(Deployment::of("prober").grants(only_read).limits(limits))
        .await?;
    let before = disk_bytes(&world.data())?;
    // The deployment's calls, the 1,000 of grace, and more.
    let run = world.run(ACME, "prober", json!({ "texts": vec!["x"; 10_000] })).await?;
    failed(&run, "call-limit");
    assert!(
        world.lab.control.requests(0).is_empty(),
        "a denied call reached the target"
    );
    // A denied call is a row of about 1 KiB, in the database and once more in its write-ahead log.
    let grown = disk_bytes(&world.data())? - before;
    assert!(grown < 5_000 * 3 * 1_024, "the database grew by {grown} bytes");
    world.finish().await
}
