//! Is an event that is told several times one event?

use serde_json::json;
use synapse_tests::hooks::{closed, tell};

use super::{listener, runs, world};
use crate::support::{ACME, now};

#[tokio::test(flavor = "multi_thread")]
async fn d21_the_same_webhook_six_times_at_once_is_one_run() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let payload = closed("~1", now(&world));
    let mut deliveries = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (api, payload) = (world.operator(), payload.clone());
        deliveries.spawn(async move { tell(&api, ACME, &payload).await });
    }
    let (mut started, mut duplicates) = (Vec::new(), 0);
    while let Some(told) = deliveries.join_next().await {
        let told = told??;
        duplicates += usize::from(told.body["duplicate"] == true);
        started.extend(runs(&told));
    }
    started.sort();
    started.dedup();
    assert_eq!((started.len(), duplicates), (1, 5));
    let all = world.operator().get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(all["runs"].as_array().map(Vec::len), Some(1), "{all:#}");
    let events = world.events(ACME, "").await?;
    assert_eq!((events.len(), &events[0]["duplicates"]), (1, &json!(5)));
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (&page["received"], &page["duplicates"], &page["accepted"]),
        (&json!(6), &json!(5), &json!(1)),
        "{page:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d21_a_closure_that_thehive_sends_six_times_is_one_run_and_a_reopening_is_its_own_event() -> anyhow::Result<()>
{
    let world = world().await?;
    world
        .deploy(listener(&["case.closed", "case.reopened"], json!({})))
        .await?;
    world.subscribe(ACME, json!({ "duplicate": 6 })).await?;
    let case = world.new_case(ACME, "Phishing").await?;
    world.close_case(ACME, &case).await?;
    world.sent().await?;
    let reopened = json!({ "status": "InProgress" });
    world
        .analyst(ACME, "PATCH", &format!("/api/v1/case/{case}"), &reopened)
        .await?;
    world.sent().await?;
    let events = world.events(ACME, "?state=accepted").await?;
    let names: Vec<_> = events
        .iter()
        .map(|event| (&event["event"], &event["duplicates"]))
        .collect();
    assert_eq!(
        names,
        [(&json!("case.reopened"), &json!(5)), (&json!("case.closed"), &json!(5))],
        "{events:#?}"
    );
    world.finish().await
}
