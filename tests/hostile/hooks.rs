//! Can one sender of events keep another's from being heard?

use std::time::Duration;

use serde_json::json;
use synapse_tests::hooks::{closed, hook_options, hook_path, tell};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, UMBRELLA, fault, text};

/// Events of the flood, and how many at once.
const FLOOD: usize = 2_000;
const AT_ONCE: usize = 64;
/// Events of a connection that may wait (`PENDING_EVENTS` of the store).
const WAITING: usize = 10_000;
/// Longest time for the answer to the other tenant's event while the flood goes on. It takes milliseconds on a machine that does
/// nothing else; this one builds and tests.
const PATIENCE: Duration = Duration::from_secs(5);

fn listener(tenant: &'static str) -> Deployment {
    let trigger = json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": ["case.closed"], "reconcile_seconds": 0 });
    Deployment::of("listener").tenant(tenant).triggers(json!([trigger]))
}

#[tokio::test(flavor = "multi_thread")]
async fn row_51_a_flood_through_one_tenants_connection_does_not_show_at_anothers() -> anyhow::Result<()> {
    let world = World::with(hook_options()).await?;
    world.deploy(listener(ACME)).await?;
    world.deploy(listener(UMBRELLA)).await?;
    let now = world.thehive.control.now_ms();
    let flood = {
        let api = world.operator();
        tokio::spawn(async move {
            let mut under_way = tokio::task::JoinSet::new();
            for n in 0..FLOOD {
                if under_way.len() >= AT_ONCE {
                    under_way.join_next().await;
                }
                let api = api.clone();
                let mut event = closed(&format!("~{n}"), now);
                event["details"] = json!({ "title": "again" });
                under_way.spawn(async move { tell(&api, UMBRELLA, &event).await.map(|told| told.status) });
            }
            under_way.join_all().await
        })
    };
    let mut told = 0;
    while !flood.is_finished() || told == 0 {
        let event = closed(&format!("~quiet-{told}"), now);
        let answer = tokio::time::timeout(PATIENCE, world.tell(ACME, &event)).await??;
        assert_eq!(
            (answer.status, answer.body["runs"].as_array().map(Vec::len)),
            (202, Some(1)),
            "{}",
            answer.body
        );
        told += 1;
    }
    flood.await?;
    let page = world.hook_page(UMBRELLA).await?;
    assert_eq!(
        page["ignored"].as_u64(),
        Some(FLOOD as u64),
        "every event of the flood was recorded: {page:#}"
    );
    assert_eq!(world.hook_page(ACME).await?["received"].as_u64(), Some(told));
    world.finish().await
}

/// Tells a tenant's connection of the closing of these cases at a moment, many at once; answers how each was answered.
async fn tell_all(world: &World, tenant: &'static str, ids: Vec<String>, now: i64) -> anyhow::Result<Vec<u16>> {
    let mut under_way = tokio::task::JoinSet::new();
    let mut statuses = Vec::with_capacity(ids.len());
    for id in ids {
        if under_way.len() >= AT_ONCE
            && let Some(told) = under_way.join_next().await
        {
            statuses.push(told??);
        }
        let (api, event) = (world.operator(), closed(&id, now));
        under_way.spawn(async move { tell(&api, tenant, &event).await.map(|told| told.status) });
    }
    while let Some(told) = under_way.join_next().await {
        statuses.push(told??);
    }
    Ok(statuses)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_51_events_beyond_those_that_may_wait_are_refused_with_a_time_and_none_that_was_taken_is_lost()
-> anyhow::Result<()> {
    let world = World::with(hook_options()).await?;
    // As long as TheHive does not say who we are there, every event waits.
    let silent = json!({ "match": { "path": "/api/v1/user/current" }, "action": { "status": 503 }, "count": -1 });
    fault(&world.thehive, silent).await?;
    world.deploy(listener(ACME)).await?;
    let now = world.thehive.control.now_ms();
    let waiting = (0..WAITING).map(|n| format!("~{n}")).collect();
    let statuses = tell_all(&world, ACME, waiting, now).await?;
    assert_eq!(
        statuses.iter().filter(|status| **status == 202).count(),
        WAITING,
        "as many as may wait are taken"
    );
    let refused = world.tell(ACME, &closed("~late", now)).await?;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
    assert!(
        text(&refused.body["detail"]).contains("nothing was recorded"),
        "{}",
        refused.body
    );
    // Nor is one that is known refused, or another connection's.
    let again = world.tell(ACME, &closed("~7", now)).await?;
    assert_eq!(
        (again.status, &again.body["duplicate"]),
        (200, &json!(true)),
        "{}",
        again.body
    );
    assert_eq!(
        tell_all(&world, UMBRELLA, vec!["~theirs".to_owned()], now).await?,
        [202]
    );
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (page["pending"].as_u64(), page["duplicates"].as_u64()),
        (Some(WAITING as u64), Some(1)),
        "{page:#}"
    );

    // Most of what waits is not wanted any more when it can be decided: the others start their runs.
    let few = json!([{
        "kind": "webhook", "name": "heard", "binding": "thehive", "events": ["case.closed"], "reconcile_seconds": 0,
        "where": [{ "field": "id", "begins": "~99" }],
    }]);
    world.deploy(Deployment::of("listener").triggers(few)).await?;
    world.thehive.control.faults().clear();
    let page = world.hook_page_until(ACME, |page| page["pending"] == 0).await?;
    let wanted = (0..WAITING).filter(|n| n.to_string().starts_with("99")).count() as u64;
    assert_eq!(page["accepted"].as_u64(), Some(wanted), "{page:#}");
    assert_eq!(
        page["ignored"].as_u64(),
        Some(WAITING as u64 - wanted),
        "each of them was decided: {page:#}"
    );
    let late = world.tell(ACME, &closed("~99late", now)).await?;
    assert_eq!(
        (late.status, late.body["runs"].as_array().map(Vec::len)),
        (202, Some(1)),
        "{}",
        late.body
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_who_show_nothing_make_the_server_write_nothing() -> anyhow::Result<()> {
    let world = World::with(hook_options()).await?;
    let commits = async || -> anyhow::Result<String> {
        let text = world
            .operator()
            .get("/metrics")
            .await?
            .body
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let line = text
            .lines()
            .find(|line| line.starts_with("synapse_store_requests_total "));
        Ok(line.unwrap_or_default().to_owned())
    };
    let body = closed("~1", world.thehive.control.now_ms());
    let api = world.operator().with_key("guess");
    let before = commits().await?;
    for _ in 0..200 {
        let answer = api.json("POST", &hook_path(ACME), &[], &body).await?;
        assert_eq!(answer.status, 401);
    }
    let (before, after) = (number(&before), number(&commits().await?));
    // The node's own lease is written meanwhile.
    assert!(after - before < 20, "{before} to {after}");
    let log = std::fs::read_to_string(world.folder.path().join("server.log"))?;
    assert_eq!(log.matches("a webhook was refused").count(), 1, "said once a minute");
    world.finish().await
}

fn number(line: &str) -> u64 {
    line.rsplit(' ')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
