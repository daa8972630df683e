//! How are events listed and counted?

use serde_json::{Value, json};
use synapse_tests::hooks::closed;

use super::{listener, world};
use crate::support::{ACME, assert_problem, now};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_in_pages_by_state_deployment_and_time_and_on_the_command_line() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(
            &["case.closed"],
            json!({ "where": [{ "field": "id", "begins": "~a" }] }),
        ))
        .await?;
    let start = now(&world);
    for id in ["~a1", "~b1", "~a2", "~b2", "~b3"] {
        world.tell(ACME, &closed(id, now(&world))).await?.ok()?;
    }
    let ids = |events: &[Value]| {
        events
            .iter()
            .map(|event| event["object_id"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&world.events(ACME, "").await?), ["~b3", "~b2", "~a2", "~b1", "~a1"]);
    assert_eq!(ids(&world.events(ACME, "?state=accepted").await?), ["~a2", "~a1"]);
    assert_eq!(
        ids(&world.events(ACME, "?state=ignored&limit=2").await?),
        ["~b3", "~b2"]
    );
    assert_eq!(ids(&world.events(ACME, "?deployment=listener").await?), ["~a2", "~a1"]);
    assert_eq!(ids(&world.events(ACME, "?deployment=other").await?), [""; 0]);
    assert_eq!(ids(&world.events(ACME, "?state=failed").await?), [""; 0]);
    assert_eq!(world.events(ACME, &format!("?since={start}")).await?.len(), 5);
    assert_eq!(
        world
            .events(ACME, &format!("?since={}", now(&world) + 60_000))
            .await?
            .len(),
        0
    );
    let page = world.operator().get("/v1/tenants/acme/events?limit=2").await?.ok()?;
    let next = page["next_before"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        ids(&world.events(ACME, &format!("?limit=2&before={next}")).await?),
        ["~a2", "~b1"]
    );
    for wrong in ["?state=odd", "?since=yesterday", "?before=1", "?colour=red"] {
        assert_problem(
            &world.operator().get(&format!("/v1/tenants/acme/events{wrong}")).await?,
            400,
        );
    }
    let event = world.events(ACME, "?limit=1").await?[0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let shown = world
        .operator()
        .get(&format!("/v1/tenants/acme/events/{event}"))
        .await?
        .ok()?;
    assert_eq!(
        (&shown["data"]["id"], &shown["data"]["action"]),
        (&json!("~b3"), &json!("closed")),
        "{shown:#}"
    );
    assert_problem(
        &world
            .operator()
            .get(&format!("/v1/tenants/umbrella/events/{event}"))
            .await?,
        404,
    );
    let (code, out, err) = world
        .cli(&["events", "list", "--tenant", "acme", "--state", "ignored"])
        .await?;
    assert_eq!((code, out.lines().count()), (0, 4), "{out}{err}");
    assert!(
        out.contains("case.closed") && out.contains("`id` does not begin with `~a`"),
        "{out}"
    );
    let (code, out, _) = world.cli(&["events", "show", "--tenant", "acme", &event]).await?;
    assert!(code == 0 && out.contains("FalsePositive"), "{out}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d08_metrics_say_what_became_of_webhooks_and_when_the_last_one_came() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let payload = closed("~1", now(&world));
    for _ in 0..2 {
        world.tell(ACME, &payload).await?.ok()?;
    }
    let text = world
        .operator()
        .get("/metrics")
        .await?
        .body
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for line in [
        "synapse_webhooks_total{outcome=\"accepted\"} 1",
        "synapse_webhooks_total{outcome=\"duplicate\"} 1",
        "synapse_webhook_last_received_seconds{tenant=\"acme\",connection=\"hive\"} ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(
        !text.contains("synapse_webhook_last_received_seconds{tenant=\"umbrella\""),
        "nothing came there"
    );
    world.finish().await
}
