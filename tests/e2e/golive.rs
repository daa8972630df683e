//! Is nothing old acted on, nothing done twice by whoever did it first, and a deletion respected?

use serde_json::json;
use synapse_tests::{Api, Deployment, World};

use crate::support::{self, ACME, IMPORT, alerts, generate, import, load_console, load_thehive, offense, skipped};

#[tokio::test(flavor = "multi_thread")]
async fn deployed_against_5000_old_offenses_there_are_no_effects_and_the_reason_is_told() -> anyhow::Result<()> {
    let world = World::start().await?;
    generate(
        &world,
        json!({ "offenses": 5_000, "events_per_offense": 1, "age_ms": 3_600_000 }),
    )
    .await?;
    let deployed = world.deploy(Deployment::of(IMPORT)).await?;
    // As long as the longest window reaches.
    let run = world.run(ACME, IMPORT, json!({ "timerange": 43_200 })).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["success"], &run["answer"]["scanned"]),
        (&json!("succeeded"), &json!(true), &json!(0)),
        "{run:#}"
    );
    assert_eq!(run["answer"]["window"]["from"], deployed["go_live"]);
    let text = run["answer"]["window"]["text"].as_str().unwrap_or_default();
    assert!(
        text.contains("cut off at the go-live point, before which nothing is imported"),
        "{text}"
    );
    assert_eq!(
        world.thehive.control.effects(0).len() + world.qradar.control.effects(0).len(),
        0
    );

    // A new version does not open the past, and does not move the boundary either.
    let again = world
        .deploy(Deployment::of(IMPORT).config(json!({ "min_magnitude": 1 })))
        .await?;
    assert_eq!(
        (&again["version"], &again["go_live"]),
        (&json!(2), &deployed["go_live"])
    );
    // One old offense, asked for by its number, is imported: that is explicit.
    let run = world.run(ACME, IMPORT, json!({ "offense": 17 })).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    assert_eq!(alerts(&world).len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_of_the_original_synapse_counts_as_imported() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let legacy = json!({ "type": "internal", "source": "QRadar_Offenses", "sourceRef": "7", "title": "#7 old", "description": "made by the original" });
    load_thehive(&world, json!({ "alerts": [legacy] }))?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(7, support::now(&world), json!({})), offense(8, support::now(&world), json!({}))] }),
    )?;
    let run = import(&world).await?;
    let reason = skipped(&run, 7);
    assert!(
        reason.contains("made by an earlier importer: type internal, source QRadar_Offenses"),
        "{run:#}"
    );
    assert_eq!(alerts(&world).keys().collect::<Vec<_>>(), ["8"]);
    let run = import(&world).await?;
    assert!(skipped(&run, 7).starts_with("already imported as alert ~"), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_an_analyst_deleted_comes_back_only_when_asked_for() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(7, support::now(&world), json!({}))] }),
    )?;
    let run = import(&world).await?;
    let first = run["answer"]["offenses"][0]["raised_alert_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();

    let analyst = Api::new(&world.thehive.url(), &support::hive_key(ACME))?;
    analyst
        .send("DELETE", &format!("/api/v1/alert/{first}"), &[], None)
        .await?
        .ok()?;
    for _ in 0..2 {
        let run = import(&world).await?;
        let reason = skipped(&run, 7);
        assert!(
            reason.starts_with("deleted in TheHive") && reason.contains(&first),
            "{run:#}"
        );
    }
    assert_eq!(
        world
            .thehive
            .control
            .effects(0)
            .iter()
            .filter(|effect| effect.method == "POST")
            .count(),
        1
    );

    let run = world.run(ACME, IMPORT, json!({ "offense": 7 })).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    let second = run["answer"]["offenses"][0]["raised_alert_id"]
        .as_str()
        .unwrap_or_default();
    assert_ne!(second, first);
    let run = import(&world).await?;
    assert_eq!(
        skipped(&run, 7),
        format!("already imported as alert {second}"),
        "{run:#}"
    );
    // Asked for once more while it is there: still one alert.
    let run = world.run(ACME, IMPORT, json!({ "offense": 7 })).await?;
    assert_eq!(run["answer"]["created"], 0, "{run:#}");
    world.finish().await
}
