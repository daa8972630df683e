//! Does an `opaque` effect in doubt wait for a person, and does the person's word count? (G3)

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, TENANT};

/// The public part of the operator's key: `prefix_id_secret`.
fn operator(world: &World) -> String {
    world.key().rsplit('_').nth(1).unwrap_or_default().to_owned()
}

async fn world() -> anyhow::Result<World> {
    let world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("firer")).await?;
    Ok(world)
}

fn id(run: &Value) -> String {
    run["id"].as_str().unwrap_or_default().to_owned()
}

/// The run is parked, and says everything that is known.
fn assert_parked(run: &Value, text: &str, evidence: &str) {
    assert_eq!(run["state"], "in_doubt", "{run:#}");
    assert_eq!(run["problem"]["code"], "in-doubt", "{run:#}");
    let effects = &run["problem"]["detail"];
    assert_eq!(effects.as_array().map(Vec::len), Some(1), "{effects:#}");
    assert_eq!(effects[0]["operation"], "lab/target.fire", "{effects:#}");
    assert_eq!(effects[0]["at"], json!({ "call": 0, "item": 0 }), "{effects:#}");
    assert!(effects[0]["arguments"].to_string().contains(text), "{effects:#}");
    assert!(effects[0]["marker"].to_string().contains("synapse:"), "{effects:#}");
    assert!(effects[0]["evidence"].to_string().contains(evidence), "{effects:#}");
}

/// Loses the answer to one line, so that its run is parked.
async fn parked(world: &World, text: &str, action: Value) -> anyhow::Result<String> {
    targets::fault(&world.lab, json!({ "match": { "method": "POST" }, "action": action })).await?;
    let run = world.run(TENANT, "firer", json!({ "text": text })).await?;
    assert_parked(&run, text, "without a clear answer");
    Ok(id(&run))
}

/// Gives a verdict on the command line; answers the run after it.
async fn resolve(world: &World, run: &str, verdict: &[&str]) -> anyhow::Result<Value> {
    let arguments = [&["runs", "resolve", "--tenant", TENANT, run, "--call", "0"], verdict].concat();
    let (code, _, error) = world.cli(&arguments).await?;
    anyhow::ensure!(code == 0, "{error}");
    world.end_of(TENANT, run).await
}

/// The only call of the run was decided by the operator.
async fn assert_verdict(world: &World, run: &str, ok: bool) -> anyhow::Result<()> {
    let writes = targets::writes(world, run).await?;
    assert_eq!(writes.len(), 1, "{writes:#?}");
    assert_eq!(
        (&writes[0]["how"], &writes[0]["ok"]),
        (&json!("verdict"), &json!(ok)),
        "{writes:#?}"
    );
    assert_eq!(writes[0]["by"], operator(world), "{writes:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_sending_the_run_is_parked_and_the_verdict_happened_carries_it_on() -> anyhow::Result<()> {
    let mut world = world().await?;
    kill_at(&mut world, "gate.after-send", 1, "firer", json!({ "text": "fired" })).await?;
    let (run, _) = carry_on(&mut world, "firer").await?;
    assert_parked(&run, "fired", "ended before it recorded an answer");
    let run = id(&run);
    // A parked run stays parked: a restart asks nobody and sends nothing.
    world.restart(&[]).await?;
    assert_parked(
        &world.end_of(TENANT, &run).await?,
        "fired",
        "ended before it recorded an answer",
    );

    let ended = resolve(&world, &run, &["happened", "--result", "\"1\""]).await?;
    assert_eq!(
        (&ended["state"], &ended["answer"]),
        (&json!("succeeded"), &json!({ "id": "1" })),
        "{ended:#}"
    );
    assert_eq!(targets::lines(&world), ["fired"]);
    assert_verdict(&world, &run, true).await?;

    // A verdict is given once, and only where something is in doubt.
    let path = format!("/v1/tenants/{TENANT}/runs/{run}/resolve");
    let late = world
        .operator()
        .json("POST", &path, &[], &json!({ "call": 0, "verdict": "repeat" }))
        .await?;
    assert_eq!(late.status, 409, "{late:?}");
    assert_eq!(targets::lines(&world), ["fired"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_repeat_sends_once_more_and_says_who_decided() -> anyhow::Result<()> {
    let world = world().await?;
    let run = parked(&world, "again", json!({ "status": 503 })).await?;
    assert!(targets::lines(&world).is_empty());
    let ended = resolve(&world, &run, &["repeat"]).await?;
    assert_eq!(
        (&ended["state"], &ended["answer"]),
        (&json!("succeeded"), &json!({ "id": "1" })),
        "{ended:#}"
    );
    assert_eq!(targets::lines(&world), ["again"]);
    assert_eq!(targets::hows(&world, &run).await?, ["performed"]);
    // The first sending is set aside in the journal, with the name of who said so.
    let by: Vec<String> =
        crate::database::column(&world, "SELECT by FROM journal WHERE kind = 'i' AND superseded > 0").await?;
    assert_eq!(by, [operator(&world)]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_fail_gives_the_guest_an_error() -> anyhow::Result<()> {
    let world = world().await?;
    let run = parked(&world, "given up", json!({ "drop_response": true })).await?;
    let ended = resolve(&world, &run, &["fail"]).await?;
    assert_eq!(
        ended["state"], "succeeded",
        "the guest answers with the error it got: {ended:#}"
    );
    assert_eq!(ended["answer"]["error"], "other", "{ended:#}");
    assert!(
        ended["answer"]["text"].to_string().contains("an operator decided"),
        "{ended:#}"
    );
    assert_eq!(targets::lines(&world), ["given up"], "nothing is sent a second time");
    assert_verdict(&world, &run, false).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_run_can_be_cancelled_and_keeps_its_evidence() -> anyhow::Result<()> {
    let world = world().await?;
    let run = parked(&world, "never known", json!({ "drop_response": true })).await?;
    let cancelled = world
        .operator()
        .json(
            "POST",
            &format!("/v1/tenants/{TENANT}/runs/{run}/cancel"),
            &[],
            &json!({}),
        )
        .await?
        .ok()?;
    assert_eq!(cancelled["state"], "cancelled");
    let view = world.end_of(TENANT, &run).await?;
    assert_eq!(view["state"], "cancelled", "{view:#}");
    assert!(
        view["problem"]["detail"][0]["arguments"]
            .to_string()
            .contains("never known"),
        "{view:#}"
    );
    assert_eq!(targets::hows(&world, &run).await?, ["in-doubt"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_an_outcome_that_nobody_could_find_out_again_is_durable_before_the_guest_goes_on() -> anyhow::Result<()> {
    let mut world = world().await?;
    kill_at(&mut world, "gate.after-outcome", 1, "firer", json!({ "text": "once" })).await?;
    let (run, _) = carry_on(&mut world, "firer").await?;
    assert_eq!(
        run["state"], "succeeded",
        "the outcome was lost with the process: {run:#}"
    );
    assert_eq!(targets::lines(&world), ["once"]);
    world.finish().await
}
