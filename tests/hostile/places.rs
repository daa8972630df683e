//! Who runs when there is not room for all? (threat rows 20, 36 and 51: one tenant's load is not another's)

use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, UMBRELLA, fault, held, in_state, list, release, run_apart, show, text};

/// Holds the answers to appends of this text.
async fn hold(world: &World, name: &str) -> anyhow::Result<()> {
    let matches = json!({ "method": "POST", "body": format!("\"{name}\"") });
    fault(&world.lab, json!({ "match": matches, "action": { "hold": name } })).await
}

async fn append(world: &World, tenant: &str, text: &str) -> anyhow::Result<String> {
    world.begin(tenant, "prober", json!({ "texts": [text] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_a_serial_deployment_never_overlap() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    hold(&world, "a").await?;
    let first = append(&world, ACME, "a").await?;
    held(&world.lab, "a").await?;
    let second = append(&world, ACME, "b").await?;
    assert_eq!(show(&world, ACME, &second).await?["state"], "queued");
    release(&world.lab, "a").await?;
    for run in [&first, &second] {
        assert_eq!(world.end_of(ACME, run).await?["state"], "succeeded");
    }
    // Submitted all at once: each began after the one before it had ended.
    let many: Vec<_> = (0..20)
        .map(|n| run_apart(&world, ACME, "prober", json!({ "texts": [n.to_string()] })))
        .collect();
    for run in many {
        assert_eq!(run.await??["state"], "succeeded");
    }
    let runs = world
        .operator()
        .get(&format!("/v1/tenants/{ACME}/runs?limit=100"))
        .await?
        .ok()?;
    let time = |run: &Value, name: &str| run[name].as_u64().unwrap_or_default();
    let mut spans: Vec<_> = list(&runs["runs"])
        .iter()
        .map(|run| (time(run, "started_at"), time(run, "ended_at")))
        .collect();
    spans.sort_unstable();
    assert_eq!(spans.len(), 22);
    assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{spans:?}");
    assert_eq!(world.lab.control.in_flight_max(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_has_as_many_runs_at_once_as_it_asks_for() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober").concurrency(2)).await?;
    for text in ["a", "b", "c"] {
        hold(&world, text).await?;
    }
    let first = append(&world, ACME, "a").await?;
    let second = append(&world, ACME, "b").await?;
    held(&world.lab, "a").await?;
    held(&world.lab, "b").await?;
    let third = append(&world, ACME, "c").await?;
    assert_eq!(show(&world, ACME, &third).await?["state"], "queued");
    assert_eq!(world.lab.control.effects(0).len(), 2);
    release(&world.lab, "a").await?;
    assert_eq!(world.end_of(ACME, &first).await?["state"], "succeeded");
    held(&world.lab, "c").await?;
    release(&world.lab, "b").await?;
    release(&world.lab, "c").await?;
    for run in [second, third] {
        assert_eq!(world.end_of(ACME, &run).await?["state"], "succeeded");
    }
    assert_eq!(world.lab.control.in_flight_max(), 2);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_36_a_tenant_that_has_used_its_places_stops_nobody_else() -> anyhow::Result<()> {
    let limits = "running = 3\nrunning_per_tenant = 2".to_owned();
    let world = World::with(Options {
        limits,
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of("prober").concurrency(8)).await?;
    world
        .deploy(Deployment::of("prober").tenant(UMBRELLA).concurrency(8))
        .await?;
    let mut waiting = Vec::new();
    for text in ["a", "b"] {
        hold(&world, text).await?;
        waiting.push(append(&world, ACME, text).await?);
        held(&world.lab, text).await?;
    }
    for n in 0..30 {
        waiting.push(append(&world, ACME, &format!("later {n}")).await?);
    }
    assert_eq!(
        (
            in_state(&world, ACME, "running").await?,
            in_state(&world, ACME, "queued").await?
        ),
        (2, 30)
    );
    for n in 0..5 {
        let run = world
            .run(UMBRELLA, "prober", json!({ "texts": [format!("umbrella {n}")] }))
            .await?;
        assert_eq!(run["state"], "succeeded", "{run:#}");
    }
    assert_eq!(
        (
            in_state(&world, ACME, "running").await?,
            in_state(&world, ACME, "queued").await?
        ),
        (2, 30)
    );
    release(&world.lab, "a").await?;
    release(&world.lab, "b").await?;
    for run in waiting {
        assert_eq!(world.end_of(ACME, &run).await?["state"], "succeeded");
    }
    assert!(world.lab.control.in_flight_max() <= 3);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_51_two_hundred_runs_at_once_over_both_tenants_all_end_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    for tenant in [ACME, UMBRELLA] {
        world
            .deploy(Deployment::of("echo").tenant(tenant).concurrency(4))
            .await?;
        world.deploy(Deployment::of("prober").tenant(tenant)).await?;
    }
    let runs: Vec<_> = (0..200)
        .map(|n| {
            let tenant = [ACME, UMBRELLA][n % 2];
            let (deployment, input) = match n % 10 {
                0 | 5 => ("prober", json!({ "texts": [format!("{tenant} {n}")] })),
                _ => ("echo", json!({ "n": n, "tenant": tenant })),
            };
            (input.clone(), run_apart(&world, tenant, deployment, input))
        })
        .collect();
    let mut appended = Vec::new();
    for (input, run) in runs {
        let run = run.await??;
        assert_eq!(run["state"], "succeeded", "{run:#}");
        match list(&input["texts"]).first() {
            Some(line) => appended.push(text(line).to_owned()),
            None => assert_eq!(run["answer"], input),
        }
    }
    let mut effects: Vec<_> = world
        .lab
        .control
        .effects(0)
        .iter()
        .map(|effect| text(&effect.body["text"]).to_owned())
        .collect();
    effects.sort();
    appended.sort();
    assert_eq!(effects, appended, "every line once");
    for tenant in [ACME, UMBRELLA] {
        assert_eq!(
            (
                in_state(&world, tenant, "succeeded").await?,
                in_state(&world, tenant, "queued").await?
            ),
            (100, 0)
        );
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_20_runs_that_fail_early_do_not_starve_others() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("panics").concurrency(64)).await?;
    world.deploy(Deployment::of("echo").tenant(UMBRELLA)).await?;
    let failing: Vec<_> = (0..100)
        .map(|_| run_apart(&world, ACME, "panics", json!(null)))
        .collect();
    let echo = world.run(UMBRELLA, "echo", json!({ "still": "here" })).await?;
    assert_eq!(echo["answer"]["still"], "here");
    for run in failing {
        assert_eq!(run.await??["problem"]["code"], "trap");
    }
    world.finish().await
}
