//! What does an event start, and what is said when it starts nothing?

use std::collections::BTreeMap;

use serde_json::json;
use synapse_tests::World;
use synapse_tests::hooks::{closed, hook_options, hook_path, hook_secret, sample, samples};

use super::{listener, runs, world};
use crate::support::{ACME, assert_problem, now};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_starts_a_run_of_every_trigger_that_wants_it_and_of_no_other() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed"], json!({})).named("closed"))
        .await?;
    world
        .deploy(listener(&["case.*"], json!({ "where": [{ "field": "tags", "has": "QRadar" }] })).named("tagged"))
        .await?;
    world
        .deploy(
            listener(
                &["case.closed"],
                json!({ "where": [{ "field": "status", "is-not": "FalsePositive" }] }),
            )
            .named("other"),
        )
        .await?;
    let told = world.tell(ACME, &closed("~1", now(&world))).await?;
    assert_eq!(
        (told.status, &told.body["state"]),
        (202, &json!("accepted")),
        "{}",
        told.body
    );
    let runs = runs(&told);
    assert_eq!(runs.len(), 2, "{}", told.body);
    let mut started = BTreeMap::new();
    for run in &runs {
        let run = world.end_of(ACME, run).await?;
        assert_eq!(
            (&run["state"], &run["trigger"]),
            (&json!("succeeded"), &json!("webhook:heard")),
            "{run:#}"
        );
        assert_eq!(run["event_type"], "synapse.thehive.case.closed");
        started.insert(
            run["deployment"].as_str().unwrap_or_default().to_owned(),
            run["answer"].clone(),
        );
    }
    assert_eq!(started.keys().collect::<Vec<_>>(), ["closed", "tagged"]);
    let event = &started["closed"];
    assert_eq!(
        (
            &event["object"],
            &event["action"],
            &event["stage"],
            &event["status"],
            &event["number"],
            &event["own"]
        ),
        (
            &json!("case"),
            &json!("closed"),
            &json!("Closed"),
            &json!("FalsePositive"),
            &json!(7),
            &json!(false)
        ),
    );
    let shown = world.events(ACME, "").await?;
    assert_eq!(
        (
            shown.len(),
            &shown[0]["event"],
            shown[0]["runs"].as_array().map(Vec::len)
        ),
        (1, &json!("case.closed"), Some(2))
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_closes_a_case_with_the_same_event() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed", "alert.closed"], json!({ "own": true })))
        .await?;
    for (file, name, dialect, impact) in [
        ("v3", "case closed", "v3", "NoImpact"),
        ("v4", "v0 case closed", "v4-0", "NoImpact"),
        ("v5-version0", "case closed", "v5-0", "WithImpact"),
        ("v5-version1", "case closed", "v5-1", "WithImpact"),
    ] {
        // Each at another time: the samples of 4 and 5 are of one case.
        let at = now(&world)
            + 100_000 * i64::from(dialect.as_bytes()[1])
            + 10_000 * i64::from(*dialect.as_bytes().last().unwrap_or(&0));
        let told = world.tell(ACME, &sample(file, name, at)?).await?;
        let runs = runs(&told);
        assert_eq!(runs.len(), 1, "{file}: {}", told.body);
        let event = world.end_of(ACME, &runs[0]).await?["answer"].clone();
        assert_eq!(
            (
                &event["object"],
                &event["action"],
                &event["status"],
                &event["stage"],
                &event["impact"],
                &event["dialect"]
            ),
            (
                &json!("case"),
                &json!("closed"),
                &json!("TruePositive"),
                &json!("Closed"),
                &json!(impact),
                &json!(dialect)
            ),
            "{file}",
        );
    }
    let read = world
        .tell(ACME, &sample("v4", "v0 alert marked read", now(&world))?)
        .await?;
    let run = world.end_of(ACME, &runs(&read)[0]).await?;
    assert_eq!(
        (&run["answer"]["status"], &run["answer"]["alert"]["source-ref"]),
        (&json!("Ignored"), &json!("4711"))
    );
    // Everything else of the 43 is taken as well, and says why it starts nothing.
    for file in ["v3", "v4", "v5-version0", "v5-version1"] {
        for sample in samples(file)? {
            let told = world.tell(ACME, &sample["payload"]).await?;
            assert!(
                told.status == 202 || told.status == 200,
                "{file} {}: {}",
                sample["name"],
                told.body
            );
            assert_eq!(
                told.body["state"], "ignored",
                "{file} {}: {}",
                sample["name"], told.body
            );
            assert!(
                told.body["reason"].as_str().is_some_and(|reason| reason.len() > 10),
                "{}",
                told.body
            );
        }
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_connections_own_user_does_starts_nothing_unless_it_is_wanted() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed"], json!({})).named("careful"))
        .await?;
    let mut own = closed("~1", now(&world));
    own["_createdBy"] = json!("synapse@acme");
    let told = world.tell(ACME, &own).await?;
    // Right after the start it may not be known yet who we are: then the event waits for that, and nothing starts in the meantime.
    assert!(runs(&told).is_empty(), "{}", told.body);
    let events = world
        .events_until(ACME, "", |events| events[0]["state"] == "ignored")
        .await?;
    assert!(
        events[0]["reason"].as_str().unwrap_or_default().contains("own user"),
        "{events:#?}"
    );
    world
        .deploy(listener(&["case.closed"], json!({ "own": true })).named("mirror"))
        .await?;
    let mut own = closed("~2", now(&world));
    own["_createdBy"] = json!("synapse@acme");
    let told = world.tell(ACME, &own).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(
        (&run["deployment"], &run["answer"]["own"]),
        (&json!("mirror"), &json!(true))
    );
    let page = world.hook_page(ACME).await?;
    assert_eq!(page["own_login"], "synapse@acme");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_nothing_older_than_the_go_live_point_starts_a_run() -> anyhow::Result<()> {
    let world = world().await?;
    let before = now(&world) - 1;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let told = world.tell(ACME, &closed("~1", before)).await?;
    assert_eq!(told.body["state"], "ignored", "{}", told.body);
    assert!(
        told.body["reason"].as_str().unwrap_or_default().contains("go-live"),
        "{}",
        told.body
    );
    // Told now, closed long ago: it is as old as the closure.
    let mut late = closed("~2", before);
    late["_createdAt"] = json!(now(&world) + 1_000);
    assert_eq!(world.tell(ACME, &late).await?.body["state"], "ignored");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_an_unknown_event_is_ignored_with_a_reason_and_never_a_success() -> anyhow::Result<()> {
    let mut options = hook_options();
    options
        .sections
        .push_str("[compat]\ntenant = \"acme\"\nwebhook = \"hive\"\n");
    let world = World::with(options).await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    for (payload, word) in [
        (json!({ "hello": "world" }), "objectType"),
        (json!([1, 2]), "no JSON object"),
        (
            sample("v4", "v0 alert marked read", now(&world))?,
            "no trigger listens for `alert.closed`",
        ),
        (
            sample("v4", "v0 case share", now(&world))?,
            "follows from another event",
        ),
    ] {
        let told = world.tell(ACME, &payload).await?;
        assert_eq!(
            (told.status, &told.body["state"]),
            (202, &json!("ignored")),
            "{}",
            told.body
        );
        assert!(
            told.body["reason"].as_str().unwrap_or_default().contains(word),
            "{}",
            told.body
        );
        // The original's URL says the same in the original's words, and does not call it a success.
        let old = world
            .operator()
            .with_key("")
            .json("POST", "/webhook", &[], &payload)
            .await?
            .ok()?;
        assert_eq!(
            (&old["success"], &old["action"]),
            (&json!(false), &json!("None")),
            "{old}"
        );
    }
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (&page["ignored"], &page["duplicates"]),
        (&json!(4), &json!(4)),
        "{page:#}"
    );
    assert!(
        page["last_ignored_at"].is_u64() && page["last_received_at"].is_u64(),
        "{page:#}"
    );
    let old = world
        .operator()
        .with_key("")
        .json("POST", "/webhook", &[], &closed("~1", now(&world)))
        .await?
        .ok()?;
    assert_eq!(
        (&old["success"], &old["action"], old["runs"].as_array().map(Vec::len)),
        (&json!(true), &json!("run"), Some(1)),
        "{old}"
    );
    // What is no JSON at all is the sender's mistake.
    let api = world.operator().with_key(&hook_secret(ACME));
    assert_problem(
        &api.send("POST", &hook_path(ACME), &[], Some(b"<xml/>".to_vec()))
            .await?,
        400,
    );
    world.finish().await
}
