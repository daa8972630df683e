//! Can one sender of events keep another's from being heard?

use std::time::Duration;

use serde_json::json;
use synapse_tests::hooks::{closed, hook_options, hook_path, tell};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, UMBRELLA};

/// Events of the flood, and how many at once.
const FLOOD: usize = 2_000;
const AT_ONCE: usize = 64;
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
