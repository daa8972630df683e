//! Does a lost webhook change anything? TheHive sends each one once (D22), so the server asks for what it was not told.

use serde_json::{Value, json};
use synapse_tests::hooks::hook_options;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, UMBRELLA};

/// Reconciled every second.
fn listener(events: &[&str]) -> Deployment {
    Deployment::of("listener").triggers(json!([{
        "kind": "webhook", "name": "heard", "binding": "thehive", "events": events, "reconcile_seconds": 1,
    }]))
}

async fn world() -> anyhow::Result<World> {
    World::with(hook_options()).await
}

fn told(events: &[Value]) -> Vec<(&str, &str)> {
    let text = |event: &Value, name: &str| -> &'static str {
        let known = [
            "case.closed",
            "case.reopened",
            "case.created",
            "alert.closed",
            "alert.created",
            "webhook",
            "reconciler",
        ];
        known.into_iter().find(|word| event[name] == *word).unwrap_or("?")
    };
    let mut all: Vec<_> = events
        .iter()
        .map(|event| (text(event, "event"), text(event, "via")))
        .collect();
    all.sort_unstable();
    all
}

/// Makes an alert as an analyst; answers its id.
async fn new_alert(world: &World, reference: &str) -> anyhow::Result<String> {
    let alert = json!({ "type": "t", "source": "s", "sourceRef": reference, "title": reference, "description": "d" });
    let made = world.analyst(ACME, "POST", "/api/v1/alert", &alert).await?;
    Ok(made["_id"].as_str().unwrap_or_default().to_owned())
}

async fn close_alert(world: &World, id: &str) -> anyhow::Result<()> {
    let ignored = json!({ "status": "Ignored" });
    world
        .analyst(ACME, "PATCH", &format!("/api/v1/alert/{id}"), &ignored)
        .await
        .map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn d22_a_lost_closure_is_found_once_and_one_that_was_told_is_not_found_again() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed", "alert.closed"])).await?;
    let endpoint = world.subscribe(ACME, json!({})).await?;
    let (heard, lost) = (
        world.new_case(ACME, "heard").await?,
        world.new_case(ACME, "lost").await?,
    );
    let alert = new_alert(&world, "lost").await?;
    world.close_case(ACME, &heard).await?;
    world.sent().await?;
    let knobs = format!("/_sim/thehive/webhooks/{endpoint}");
    let api = synapse_tests::Api::new(&world.thehive.url(), "")?;
    api.json("PATCH", &knobs, &[], &json!({ "lose": -1 })).await?.ok()?;
    world.close_case(ACME, &lost).await?;
    close_alert(&world, &alert).await?;
    let accepted = |events: &[Value]| events.len() == 3;
    let events = world.events_until(ACME, "?state=accepted", accepted).await?;
    assert_eq!(
        told(&events),
        [
            ("alert.closed", "reconciler"),
            ("case.closed", "reconciler"),
            ("case.closed", "webhook")
        ]
    );
    world.reconciled(ACME, 2).await?;
    let events = world.events(ACME, "?state=accepted").await?;
    assert_eq!(events.len(), 3, "each once: {events:#?}");
    for event in &events {
        assert_eq!(event["duplicates"], 0, "{event:#}");
        let run = event["runs"][0]["run"].as_str().unwrap_or_default().to_owned();
        let run = world.end_of(ACME, &run).await?;
        assert_eq!(
            (&run["state"], &run["answer"]["stage"]),
            (&json!("succeeded"), &json!("Closed")),
            "{run:#}"
        );
    }
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (&page["found"], page["reconciler"].as_array().map(Vec::len)),
        (&json!(2), Some(2)),
        "{page:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_five_hundred_cases_closed_before_the_go_live_point_start_nothing() -> anyhow::Result<()> {
    let world = world().await?;
    for n in 0..500 {
        let case = world.new_case(ACME, &format!("old {n}")).await?;
        if n % 50 == 0 {
            world.close_case(ACME, &case).await?;
        } else {
            let closed = json!({ "status": "Other" });
            world
                .analyst(ACME, "PATCH", &format!("/api/v1/case/{case}"), &closed)
                .await?;
        }
    }
    world
        .deploy(listener(&["case.closed", "case.created", "case.reopened"]))
        .await?;
    let page = world.reconciled(ACME, 2).await?;
    assert_eq!((&page["found"], &page["received"]), (&json!(0), &json!(0)), "{page:#}");
    assert!(world.events(ACME, "").await?.is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_creations_and_reopenings_are_found_once() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.created", "case.closed", "case.reopened"]))
        .await?;
    let case = world.new_case(ACME, "all lost").await?;
    world
        .events_until(ACME, "", |events| told(events) == [("case.created", "reconciler")])
        .await?;
    world.close_case(ACME, &case).await?;
    world.events_until(ACME, "", |events| events.len() == 2).await?;
    world
        .analyst(
            ACME,
            "PATCH",
            &format!("/api/v1/case/{case}"),
            &json!({ "status": "InProgress" }),
        )
        .await?;
    world.events_until(ACME, "", |events| events.len() == 3).await?;
    world.close_case(ACME, &case).await?;
    world.events_until(ACME, "", |events| events.len() == 4).await?;
    world.reconciled(ACME, 2).await?;
    let events = world.events(ACME, "").await?;
    let found = "reconciler";
    assert_eq!(
        told(&events),
        [
            ("case.closed", found),
            ("case.closed", found),
            ("case.created", found),
            ("case.reopened", found)
        ]
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_after_a_closure_does_not_close_it_again() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"])).await?;
    world.subscribe(ACME, json!({})).await?;
    let case = world.new_case(ACME, "tagged later").await?;
    world.close_case(ACME, &case).await?;
    world.sent().await?;
    for tag in ["a", "b"] {
        world
            .analyst(
                ACME,
                "PATCH",
                &format!("/api/v1/case/{case}"),
                &json!({ "addTags": [tag] }),
            )
            .await?;
        world.reconciled(ACME, 1).await?;
    }
    let events = world.events(ACME, "?state=accepted").await?;
    assert_eq!(told(&events), [("case.closed", "webhook")], "{events:#?}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thehive_that_cannot_be_asked_is_named_on_the_connections_page_until_it_can() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"])).await?;
    world.reconciled(ACME, 1).await?;
    let refuse = json!({ "match": { "path": "synapse-changes" }, "action": { "status": 403, "body": { "type": "AuthorizationError" } }, "count": -1 });
    synapse_tests::simulators::fault(&world.thehive, refuse).await?;
    let page = world.reconciled(ACME, 1).await?;
    assert!(page["reconciler"][0]["problem"].is_string(), "{page:#}");
    let case = world.new_case(ACME, "closed meanwhile").await?;
    world.close_case(ACME, &case).await?;
    world.reconciled(ACME, 1).await?;
    assert!(world.events(ACME, "").await?.is_empty());
    let api = synapse_tests::Api::new(&world.thehive.url(), "")?;
    api.send("DELETE", "/_sim/faults", &[], None).await?.ok()?;
    world
        .events_until(ACME, "", |events| told(events) == [("case.closed", "reconciler")])
        .await?;
    let page = world.reconciled(ACME, 1).await?;
    assert!(page["reconciler"][0]["problem"].is_null(), "{page:#}");
    // Another tenant's connection has nothing of it.
    assert!(world.events(UMBRELLA, "").await?.is_empty());
    world.finish().await
}
