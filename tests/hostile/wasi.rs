//! What does a guest of profile B find through WASI? (threat rows 33, 35 and 37)

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, calls, list, log, text};

#[tokio::test(flavor = "multi_thread")]
async fn row_33_a_wasi_guest_sees_an_empty_world() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("wasi")).await?;
    let run = world.run(ACME, "wasi", json!({})).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let saw = &run["answer"];
    assert_eq!(
        (&saw["environment"], &saw["arguments"]),
        (&json!([]), &json!(0)),
        "{saw:#}"
    );
    let files = saw["read_files"].as_object().map_or(0, serde_json::Map::len);
    assert_eq!(files, 5);
    let all = [saw["write_file"].clone(), saw["list_root"].clone()];
    let tries = saw["read_files"]
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
        .chain(&all);
    assert!(tries.map(text).all(|answer| answer.starts_with("Err(")), "{saw:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_35_wasi_clocks_show_journaled_time() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("wasi")).await?;
    let run = world.run(ACME, "wasi", json!({})).await?;
    let saw = &run["answer"];
    assert_eq!(
        saw["clock_ms"], run["created_at"],
        "before the first call it is the run's creation"
    );
    let calls = calls(&world, ACME, &run).await?;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(
        saw["clock_after_call_ms"], calls[0]["time"],
        "after a call it is the call's recorded time"
    );
    assert_eq!(saw["host_now_ms"], saw["clock_after_call_ms"], "both clocks are one");
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let passed = (number(&saw["clock_after_call_ms"]) - number(&saw["clock_ms"])) * 1_000_000;
    assert_eq!(text(&saw["elapsed_ns"]), passed.to_string());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_37_randomness_is_each_runs_own() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("wasi")).await?;
    let first = world.run(ACME, "wasi", json!({})).await?;
    let second = world.run(ACME, "wasi", json!({})).await?;
    for source in ["hash_order", "host_random"] {
        assert!(!list(&first["answer"][source]).is_empty(), "{first:#}");
        assert_ne!(first["answer"][source], second["answer"][source], "{source}");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_of_a_wasi_guest_is_in_its_log() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("wasi")).await?;
    let run = world.run(ACME, "wasi", json!({})).await?;
    let lines = log(&world, ACME, &run).await?;
    let of = |stream: &str| -> Vec<&str> {
        let from = |line: &&Value| line["fields"].to_string().contains(stream);
        lines.iter().filter(from).map(|line| text(&line["message"])).collect()
    };
    assert_eq!(
        (of("stdout"), of("stderr")),
        (vec!["a line on stdout"], vec!["a line on stderr"]),
        "{lines:#?}"
    );
    world.finish().await
}
