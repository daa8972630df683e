//! Is it said why a guest failed, to the operator and to the caller? (threat row 21)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, failed, log, text};

#[tokio::test(flavor = "multi_thread")]
async fn row_21_a_panic_fails_the_run_and_its_message_is_in_the_log() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("panics")).await?;
    let said = "forged\n{\"level\":\"info\"} \u{1b}[31m";
    let run = world.run(ACME, "panics", json!({ "text": said })).await?;
    assert!(failed(&run, "trap").contains("unreachable"), "{run:#}");
    let lines = log(&world, ACME, &run).await?;
    let messages: Vec<_> = lines
        .iter()
        .map(|line| (text(&line["level"]), text(&line["message"])))
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[0], ("info", "about to panic"));
    assert!(
        messages[1].0 == "error" && messages[1].1.contains("forged"),
        "{messages:?}"
    );
    assert!(
        !messages[1].1.contains(char::is_control),
        "row 39: a line of a guest stays one line: {messages:?}"
    );
    assert_eq!(world.operator().get("/readyz").await?.status, 200);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_in_the_guests_words() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("fails")).await?;
    let run = world
        .run(
            ACME,
            "fails",
            json!({ "how": "failed", "why": "the console is in maintenance" }),
        )
        .await?;
    assert_eq!(failed(&run, "failed"), "the console is in maintenance");

    // Nothing was asked and nothing changed: another attempt would only say the same again.
    let run = world
        .run(ACME, "fails", json!({ "how": "retry-after", "why": "later", "ms": 0 }))
        .await?;
    assert!(failed(&run, "retries").contains("later"), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_event_is_the_callers_fault() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("fails")).await?;
    let api = world.operator();
    let bad = json!({ "how": "bad-event", "why": "`timerange` is in minutes" });
    let runs = format!("/v1/tenants/{ACME}/deployments/fails/runs");
    let waited = api.json("POST", &runs, &[("prefer", "wait=60")], &bad).await?;
    assert_eq!(
        (waited.status, text(&waited.body["detail"])),
        (400, "`timerange` is in minutes")
    );
    let triggered = api.json("POST", &format!("/t/{ACME}/fails"), &[], &bad).await?;
    assert_eq!(
        (triggered.status, text(&triggered.body["detail"])),
        (400, "`timerange` is in minutes")
    );

    // Who does not wait gets the run, which says the same.
    let run = world.begin(ACME, "fails", bad).await?;
    assert_eq!(
        failed(&world.end_of(ACME, &run).await?, "bad-event"),
        "`timerange` is in minutes"
    );

    // An event that is none for this workflow: the SDK says so, with the field.
    let waited = api
        .json("POST", &runs, &[("prefer", "wait=60")], &json!({ "hwo": 1 }))
        .await?;
    assert!(
        waited.status == 400 && text(&waited.body["detail"]).contains("how"),
        "{waited:?}"
    );
    world.finish().await
}
