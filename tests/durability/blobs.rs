//! Is a blob there once and whole wherever the process dies between its file, its row and its outcome? (design section 3)

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, TENANT};

/// Every file of the spool.
fn files(world: &World) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![world.data().join("blobs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

fn steps() -> Value {
    json!({ "steps": [
        { "create": { "name": "a", "type": "", "text": "first", "repeat": 100_000 } },
        { "extract": { "of": 0, "offset": 5, "len": 50_000, "encoding": "identity", "name": "b", "type": "" } },
        { "gather": { "of": 0, "spans": [[400_000, 70_000], [3, 10_000]], "name": "c", "type": "" } },
        { "pause": "x" },
        { "digest": { "of": 0 } },
        { "digest": { "of": 1 } },
        { "digest": { "of": 2 } },
    ] })
}

/// Kills at the n-th passage, goes on, and compares with a run that was never killed.
async fn killed(
    world: &mut World,
    point: &str,
    nth: u64,
    undisturbed: &Value,
    files_left: usize,
) -> anyhow::Result<()> {
    println!("row: kill at {point}:{nth}");
    kill_at(world, point, nth, "blobber", steps()).await?;
    assert_eq!(files(world)?.len(), files_left, "{point}:{nth}");
    let (run, _) = carry_on(world, "blobber").await?;
    assert_eq!(
        (&run["state"], &run["attempts"]),
        (&json!("succeeded"), &json!(2)),
        "{run:#}"
    );
    assert_eq!(&run["answer"], undisturbed, "{point}:{nth}");
    let journal = world.journal(TENANT, run["id"].as_str().unwrap_or_default()).await?;
    let calls = journal["calls"].as_array().map_or(0, Vec::len);
    assert_eq!(calls, 4, "{journal:#}");
    swept(world).await
}

/// Waits until the janitor has been there.
async fn swept(world: &World) -> anyhow::Result<()> {
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while !files(world)?.is_empty() {
        anyhow::ensure!(tokio::time::Instant::now() < until, "left: {:?}", files(world)?);
        // The janitor works beside the requests: ask something else, and look again.
        world.operator().get("/healthz").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_a_blob_is_there_once_and_whole_and_gone_after_the_run() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("blobber")).await?;
    let undisturbed = world.run(TENANT, "blobber", steps()).await?;
    assert_eq!(undisturbed["state"], "succeeded", "{undisturbed:#}");
    let answer = &undisturbed["answer"];
    assert_eq!(
        (&answer[4]["bytes"], &answer[5]["bytes"], &answer[6]["bytes"]),
        (&json!(500_000), &json!(50_000), &json!(80_000))
    );
    swept(&world).await?;
    // The first blob: its file without a row, its row without an outcome. The second and third: the same beside those before. Then all outcomes are
    // durable with the intent of the pause, and last the run is about to end.
    for (point, nth, left) in [
        ("blobs.after-file", 1, 1),
        ("blobs.after-hold", 1, 1),
        ("blobs.after-file", 2, 2),
        ("blobs.after-hold", 2, 2),
        ("blobs.after-file", 3, 3),
        ("blobs.after-hold", 3, 3),
        ("gate.after-intent", 1, 3),
        ("engine.before-end", 1, 3),
    ] {
        killed(&mut world, point, nth, answer, left).await?;
    }
    world.finish().await
}
