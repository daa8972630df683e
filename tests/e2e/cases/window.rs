//! Which offenses does a run look at, and does it say so?

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{self, ACME, IMPORT, alerts, generate, import, load_console, offense, skipped, texts};

#[tokio::test(flavor = "multi_thread")]
async fn d09_the_answer_names_window_filter_scanned_and_every_reason() -> anyhow::Result<()> {
    let world = World::start().await?;
    let deployed = world
        .deploy(Deployment::of(IMPORT).config(json!({ "min_magnitude": 4 })))
        .await?;
    let go_live = deployed["go_live"].as_i64().unwrap_or_default();
    let at = support::now(&world);
    let offenses = json!([
        // Inclusive at its first moment, and nothing before it.
        offense(1, go_live, json!({})),
        offense(2, go_live - 1, json!({})),
        offense(3, at, json!({ "magnitude": 3 })),
        offense(
            4,
            at,
            json!({ "status": "CLOSED", "closing_reason_id": 1, "close_time": at })
        ),
        // A console whose clock is ahead: the next window has it.
        offense(5, at + 3_600_000, json!({})),
    ]);
    load_console(&world.qradar, json!({ "offenses": offenses }))?;
    let run = import(&world).await?;
    let answer = &run["answer"];
    assert_eq!(
        (
            &answer["success"],
            &answer["scanned"],
            &answer["created"],
            &answer["left_out"]
        ),
        (&json!(true), &json!(2), &json!(1), &json!(1)),
        "{run:#}"
    );
    assert_eq!(answer["window"]["from"], go_live);
    assert!(
        answer["window"]["to"].as_i64() >= Some(at) && answer["window"]["to"].as_i64() < Some(at + 60_000),
        "{run:#}"
    );
    let text = answer["window"]["text"].as_str().unwrap_or_default();
    assert!(
        text.contains("both inclusive: the last 60 minutes") && text.contains("cut off at the go-live point"),
        "{text}"
    );
    assert_eq!(answer["filter"], "open offenses of magnitude 4 or more");
    assert_eq!(skipped(&run, 3), "magnitude 3 is below the minimum of 4");
    assert_eq!(alerts(&world).keys().collect::<Vec<_>>(), ["1"]);

    // What is seen twice because windows overlap is imported once; a moment that was too late is reached.
    world.qradar.control.set_clock_offset_ms(0);
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(1, go_live, json!({})), offense(5, support::now(&world), json!({}))] }),
    )?;
    let run = import(&world).await?;
    assert!(skipped(&run, 1).starts_with("already imported as alert ~"), "{run:#}");
    assert_eq!(alerts(&world).keys().collect::<Vec<_>>(), ["1", "5"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d09_an_empty_window_is_an_explained_success() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let run = import(&world).await?;
    let answer = &run["answer"];
    assert_eq!(
        (
            &run["state"],
            &answer["success"],
            &answer["offenses"],
            &answer["scanned"]
        ),
        (&json!("succeeded"), &json!(true), &json!([]), &json!(0))
    );
    let journal = world.journal(ACME, run["id"].as_str().unwrap_or_default()).await?;
    let scanned = &journal["report"]["scanned"][0];
    assert_eq!(
        (&scanned["count"], &scanned["window"]),
        (&json!(0), &answer["window"]["text"])
    );

    // An offense that is not there is a failure of this one item, and says so.
    let run = world.run(ACME, IMPORT, json!({ "offense": 4711 })).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["success"]),
        (&json!("partial"), &json!(false))
    );
    assert!(
        support::message(&run, 4711).contains("the console has no offense 4711"),
        "{run:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d39_one_page_one_less_and_one_more_are_all_read() -> anyhow::Result<()> {
    let world = World::start().await?;
    for count in [99, 100, 101, 201] {
        // Each deployment begins after the offenses of the one before it.
        let name = format!("import-{count}");
        world
            .deploy(Deployment {
                name: name.clone(),
                ..Deployment::of(IMPORT)
            })
            .await?;
        let before = alerts(&world).len();
        generate(
            &world,
            json!({ "offenses": count, "events_per_offense": 0, "age_ms": 0 }),
        )
        .await?;
        let run = world.run(ACME, &name, json!({ "timerange": 60 })).await?;
        assert_eq!(
            (&run["answer"]["scanned"], &run["answer"]["created"]),
            (&json!(count), &json!(count)),
            "{count}"
        );
        assert_eq!(alerts(&world).len() - before, count, "each of them once");
        assert_eq!(texts(&run["answer"]["warnings"]), Vec::<&str>::new());
    }
    world.finish().await
}
