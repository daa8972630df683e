//! Is a `probe` effect done once, and adopted where it was done, whatever the process and the target do? (G3)

use serde_json::{Value, json};
use synapse_sim::control::Request;
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self};

fn probes(request: &Request) -> bool {
    request.method == "GET" && request.path.starts_with("/entries?marker=")
}

fn appends(request: &Request) -> bool {
    request.method == "POST" && request.path == "/entries"
}

async fn world() -> anyhow::Result<World> {
    let world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    Ok(world)
}

fn abc() -> Value {
    json!({ "texts": ["a", "b", "c"] })
}

/// Kills during the second line; answers how the three lines came about.
async fn killed(point: &str) -> anyhow::Result<(World, Vec<String>)> {
    let mut world = world().await?;
    kill_at(&mut world, point, 2, "prober", abc()).await?;
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(
        run["answer"],
        json!([{ "id": "1" }, { "id": "2" }, { "id": "3" }]),
        "{run:#}"
    );
    let hows = targets::hows(&world, run["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(targets::lines(&world), ["a", "b", "c"], "the target appends always");
    Ok((world, hows))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_sending_or_answering_the_line_is_found_and_adopted() -> anyhow::Result<()> {
    for point in ["gate.after-send", "gate.after-response", "gate.after-outcome"] {
        println!("row: kill at {point}:2");
        let (world, hows) = killed(point).await?;
        assert_eq!(hows, ["performed", "adopted", "performed"]);
        assert_eq!(
            targets::requests(&world.lab, probes).len(),
            1,
            "the first probe finds it"
        );
        assert_eq!(targets::requests(&world.lab, appends).len(), 3);
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_sending_the_line_is_absent_in_every_probe_and_then_written_once() -> anyhow::Result<()> {
    let (world, hows) = killed("gate.after-intent").await?;
    assert_eq!(hows, ["performed"; 3]);
    assert_eq!(
        targets::requests(&world.lab, probes).len(),
        3,
        "absent counts only after three spaced probes"
    );
    assert_eq!(targets::requests(&world.lab, appends).len(), 3);
    world.finish().await
}

/// The intent of the second line is not durable, and with it the outcome of the first.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_an_intent_the_line_before_it_is_adopted() -> anyhow::Result<()> {
    let (world, hows) = killed("gate.before-intent").await?;
    assert_eq!(hows, ["adopted", "performed", "performed"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_without_a_crash_a_lost_answer_is_adopted_and_a_lost_request_repeated() -> anyhow::Result<()> {
    let world = world().await?;
    let on = |text: &str, action: Value| json!({ "match": { "method": "POST", "path": "/entries", "body": format!("\"{text}\"") }, "action": action });
    targets::fault(&world.lab, on("a", json!({ "drop_response": true }))).await?;
    targets::fault(&world.lab, on("b", json!({ "status": 500, "lie": "did_it" }))).await?;
    targets::fault(&world.lab, on("c", json!({ "lie": "did_nothing" }))).await?;
    let run = world.run(targets::TENANT, "prober", abc()).await?;
    assert_eq!(targets::fired(&world.lab), [1; 3]);
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(targets::lines(&world), ["a", "b", "c"]);
    let hows = targets::hows(&world, run["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(hows, ["adopted", "adopted", "performed"]);
    world.finish().await
}

/// A probe that is not answered says nothing: the line is not written a second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_without_an_answer_does_not_count_as_absent() -> anyhow::Result<()> {
    let mut world = world().await?;
    kill_at(&mut world, "gate.after-send", 2, "prober", abc()).await?;
    // One read is four repeats and its own; the second try to settle gets through.
    targets::fault(
        &world.lab,
        json!({ "match": { "method": "GET" }, "action": { "status": 501 }, "count": 2 }),
    )
    .await?;
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(targets::fired(&world.lab), [2]);
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(targets::lines(&world), ["a", "b", "c"]);
    let hows = targets::hows(&world, run["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(hows, ["performed", "adopted", "performed"]);
    world.finish().await
}
