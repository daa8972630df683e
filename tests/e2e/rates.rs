//! Do all deployments together keep to the rate of a connection? Seen from the target: what it counted until any moment is never more.

use serde_json::json;
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, ACME, IMPORT, offense};

/// Runs that want to write at once.
const WAITING: usize = 5;

/// Requests per second, and so how many may begin at once.
const RATE: u64 = 10;
/// By how much the clocks of two processes, and a millisecond's rounding, may differ.
const GRAIN_MS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn two_deployments_together_keep_to_the_rate_of_their_console() -> anyhow::Result<()> {
    let world = World::with(Options {
        connection: format!("requests_per_second = {RATE}\nrequest_deadline_ms = 20000"),
        ..Options::default()
    })
    .await?;
    for name in [IMPORT, "again"] {
        world.deploy(Deployment::of(IMPORT).named(name)).await?;
    }
    let at = support::now(&world);
    let offenses: Vec<_> = (1..=6).map(|id| offense(id, at, json!({ "event_count": 1 }))).collect();
    support::load_console(&world.qradar, json!({ "offenses": offenses }))?;
    let start = synapse_tests::now();
    let hour = json!({ "timerange": 60 });
    let (one, other) = tokio::try_join!(world.run(ACME, IMPORT, hour.clone()), world.run(ACME, "again", hour))?;
    for run in [&one, &other] {
        assert_eq!(run["state"], "succeeded", "{run:#}");
    }
    for target in [&world.qradar, &world.thehive] {
        let mut times: Vec<u64> = target
            .control
            .requests(0)
            .iter()
            .filter_map(|request| u64::try_from(request.time).ok())
            .filter(|time| *time >= start)
            .collect();
        times.sort_unstable();
        assert!(times.len() as u64 > RATE, "too few requests to say anything: {times:?}");
        for (n, time) in (1_u64..).zip(times) {
            let earliest = start + n.saturating_sub(RATE) * 1_000 / RATE;
            assert!(
                time + GRAIN_MS >= earliest,
                "request {n} came {} ms after the start",
                time - start
            );
        }
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g8_a_write_that_waits_for_its_turn_is_judged_by_the_grants_of_that_moment() -> anyhow::Result<()> {
    let world = World::with(Options {
        connection: "requests_per_second = 1\nrequest_deadline_ms = 60000".to_owned(),
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of("prober").concurrency(8)).await?;
    let mut runs = Vec::new();
    for n in 0..WAITING {
        let input = json!({ "texts": [format!("line {n}")] });
        runs.push(world.begin(ACME, "prober", input).await?);
    }
    let written = || world.lab.control.effects(0).len();
    let first = async {
        while written() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), first).await?;
    let path = format!("/v1/tenants/{ACME}/deployments/prober/grants");
    world.operator().json("PUT", &path, &[], &json!([])).await?.ok()?;
    let before = written();
    for run in &runs {
        world.end_of(ACME, run).await?;
    }
    // One may have been on its way; those that waited for their turn were not.
    assert!(written() <= before + 1, "{} of {before} before", written());
    assert!(before + 1 < WAITING, "nobody waited: {before}");
    world.finish().await
}
