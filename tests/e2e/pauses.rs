//! Does a pause hold what it names and nothing else, and does the end of it let go what was held?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, UMBRELLA, assert_problem, fault, held, release};

async fn view(world: &World, run: &str) -> anyhow::Result<Value> {
    world
        .operator()
        .get(&format!("/v1/tenants/{ACME}/runs/{run}"))
        .await?
        .ok()
}

async fn order(world: &World, verb: &str, scope: Value) -> anyhow::Result<Value> {
    world
        .operator()
        .json("POST", &format!("/v1/tenants/{ACME}/{verb}"), &[], &scope)
        .await?
        .ok()
}

fn lines(world: &World) -> Vec<String> {
    let dump = world.lab.target.dump();
    let entries = dump["entries"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_deployment_accepts_and_starts_nothing_until_it_is_resumed() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    world.deploy(Deployment::of("echo")).await?;
    let (code, said, error) = world
        .cli(&[
            "pause",
            "--tenant",
            ACME,
            "--deployment",
            "prober",
            "--why",
            "looks odd",
        ])
        .await?;
    assert_eq!(code, 0, "{error}");
    assert!(said.contains("no run starts"), "{said}");
    let held = world.begin(ACME, "prober", json!({ "texts": ["a"] })).await?;
    // Others go on, and go on after it.
    assert_eq!(world.run(ACME, "echo", json!({})).await?["state"], "succeeded");
    assert_eq!(view(&world, &held).await?["state"], "queued");
    let (_, listed, _) = world.cli(&["pauses", "list", "--tenant", ACME]).await?;
    assert!(
        listed.contains("deployment prober") && listed.contains("looks odd"),
        "{listed}"
    );
    // It is as durable as the run.
    world.restart(&[]).await?;
    assert_eq!(world.run(ACME, "echo", json!({})).await?["state"], "succeeded");
    assert_eq!(view(&world, &held).await?["state"], "queued");
    let pauses = world.operator().get("/v1/tenants/acme/pauses").await?.ok()?;
    assert_eq!(pauses["pauses"][0]["deployment"], "prober", "{pauses:#}");
    assert!(
        pauses["pauses"][0]["by"].is_string() && pauses["pauses"][0]["at"].is_u64(),
        "{pauses:#}"
    );
    let metrics = world.operator().get("/metrics").await?;
    assert!(
        metrics.body.to_string().contains("synapse_paused 1"),
        "{}",
        metrics.body
    );
    let (code, said, error) = world
        .cli(&["resume", "--tenant", ACME, "--deployment", "prober"])
        .await?;
    assert_eq!(code, 0, "{error}");
    assert!(said.contains("1 run"), "{said}");
    assert_eq!(world.end_of(ACME, &held).await?["state"], "succeeded");
    assert_eq!(lines(&world), ["a"]);
    let again = world
        .operator()
        .json(
            "POST",
            "/v1/tenants/acme/resume",
            &[],
            &json!({ "deployment": "prober" }),
        )
        .await?;
    assert_problem(&again, 404);
    let log = std::fs::read_to_string(world.folder.path().join("server.log"))?;
    assert!(
        log.contains("audit=\"pause\"") && log.contains("audit=\"resume\""),
        "who ordered it is in the log: {log}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_connection_holds_the_deployments_that_use_it_of_its_tenant_only() -> anyhow::Result<()> {
    let world = World::start().await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("prober").tenant(tenant)).await?;
    }
    world.deploy(Deployment::of("echo")).await?;
    order(&world, "pause", json!({ "connection": "lab" })).await?;
    let held = world.begin(ACME, "prober", json!({ "texts": ["held"] })).await?;
    assert_eq!(
        world.run(ACME, "echo", json!({})).await?["state"],
        "succeeded",
        "it does not use the connection"
    );
    assert_eq!(
        world.run(UMBRELLA, "prober", json!({ "texts": ["theirs"] })).await?["state"],
        "succeeded"
    );
    assert_eq!(view(&world, &held).await?["state"], "queued");
    for (scope, status) in [
        (json!({ "connection": "nowhere" }), 422),
        (json!({ "trigger": "x" }), 422),
        (json!({ "deployment": "prober", "trigger": "x" }), 422),
        (json!({ "deployment": "unknown" }), 404),
        (json!({ "connection": "lab", "deployment": "prober" }), 422),
    ] {
        let refused = world
            .operator()
            .json("POST", "/v1/tenants/acme/pause", &[], &scope)
            .await?;
        assert_eq!(refused.status, status, "{scope}: {refused:?}");
    }
    // A second pause of more holds it still when the first one ends.
    order(&world, "pause", json!({})).await?;
    assert_eq!(
        order(&world, "resume", json!({ "connection": "lab" })).await?["held"],
        0
    );
    assert_eq!(view(&world, &held).await?["state"], "queued");
    assert_eq!(order(&world, "resume", json!({})).await?["held"], 1);
    assert_eq!(world.end_of(ACME, &held).await?["state"], "succeeded");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_under_way_finishes_its_write_and_is_handed_back() -> anyhow::Result<()> {
    let options = Options {
        connection: "width = 1\nrequest_deadline_ms = 20000".to_owned(),
        ..Options::default()
    };
    let world = World::with(options).await?;
    world.deploy(Deployment::of("prober")).await?;
    let first = json!({ "match": { "method": "POST", "path": "/entries" }, "action": { "hold": "first" }, "count": 1 });
    fault(&world.lab, first).await?;
    let run = world.begin(ACME, "prober", json!({ "texts": ["a", "b"] })).await?;
    held(&world.lab, "first").await?;
    order(&world, "pause", json!({ "deployment": "prober" })).await?;
    assert_eq!(view(&world, &run).await?["state"], "running", "its write is under way");
    release(&world.lab, "first").await?;
    loop {
        let now = view(&world, &run).await?;
        if now["state"] == "queued" {
            break;
        }
        assert_eq!(now["state"], "running", "{now:#}");
        tokio::task::yield_now().await;
    }
    assert_eq!(lines(&world), ["a"], "no other write follows");
    let journal = world.journal(ACME, &run).await?;
    assert_eq!(
        journal["calls"][0]["how"], "performed",
        "the one under way has its outcome: {journal:#}"
    );
    order(&world, "resume", json!({ "deployment": "prober" })).await?;
    let ended = world.end_of(ACME, &run).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert_eq!(lines(&world), ["a", "b"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_starts_one_after_the_other_at_the_rate_that_was_set() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo").concurrency(8)).await?;
    order(&world, "pause", json!({ "deployment": "echo" })).await?;
    let mut runs = Vec::new();
    for n in 0..4 {
        runs.push(world.begin(ACME, "echo", json!({ "n": n })).await?);
    }
    let resumed = order(&world, "resume", json!({ "deployment": "echo", "per_minute": 120 })).await?;
    assert_eq!(resumed["held"], 4);
    let mut started = Vec::new();
    for run in &runs {
        let ended = world.end_of(ACME, run).await?;
        started.push(ended["started_at"].as_u64().context("it started")?);
    }
    for pair in started.windows(2) {
        // Half a second apart; a look may come a moment late for the one before.
        assert!(pair[1] >= pair[0] + 300, "{started:?}");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_trigger_does_not_fire_and_catches_up_when_it_is_resumed() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let trigger =
        json!([{ "kind": "schedule", "name": "hourly", "cron": "0 * * * *", "input": { "waits": [0], "label": "s" } }]);
    let deployed = world.deploy(Deployment::of("sleeper").triggers(trigger)).await?;
    let first = deployed["triggers"][0]["next"][0].as_u64().context("a time")?;
    order(
        &world,
        "pause",
        json!({ "deployment": "sleeper", "trigger": "hourly", "why": "too early" }),
    )
    .await?;
    world.jump_to(first + 100, &[]).await?;
    // Another run of the deployment is none of the trigger's.
    let asked = world
        .run(ACME, "sleeper", json!({ "waits": [0], "label": "asked" }))
        .await?;
    assert_eq!(asked["state"], "succeeded");
    let rows = world
        .operator()
        .get("/v1/tenants/acme/deployments/sleeper/triggers")
        .await?
        .ok()?;
    let row = &rows["triggers"][0];
    assert_eq!(
        (&row["paused"][0]["why"], &row["last_fired"]),
        (&json!("too early"), &Value::Null),
        "{rows:#}"
    );
    order(
        &world,
        "resume",
        json!({ "deployment": "sleeper", "trigger": "hourly" }),
    )
    .await?;
    loop {
        let rows = world
            .operator()
            .get("/v1/tenants/acme/deployments/sleeper/triggers")
            .await?
            .ok()?;
        if let Some(run) = rows["triggers"][0]["last_run"].as_str() {
            assert_eq!(world.end_of(ACME, run).await?["state"], "succeeded");
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(lines(&world), ["asked 0", "s 0"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_window_holds_runs_while_it_is_open() -> anyhow::Result<()> {
    let window =
        "maintenance = [{ from = \"2020-01-01T00:00\", to = \"2040-01-01T00:00\", why = \"upgrade of the console\" }]";
    let options = Options {
        connection: window.to_owned(),
        ..Options::default()
    };
    let mut world = World::with(options).await?;
    world.deploy(Deployment::of("prober")).await?;
    world.deploy(Deployment::of("echo")).await?;
    let held = world.begin(ACME, "prober", json!({ "texts": ["a"] })).await?;
    assert_eq!(
        world.run(ACME, "echo", json!({})).await?["state"],
        "succeeded",
        "it uses no connection"
    );
    assert_eq!(view(&world, &held).await?["state"], "queued");
    let pauses = world.operator().get("/v1/tenants/acme/pauses").await?.ok()?;
    let lab = pauses["pauses"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|pause| pause["connection"] == "lab")
        .context("the window")?;
    assert_eq!(
        (&lab["maintenance"], &lab["why"], &lab["until"]),
        (
            &json!(true),
            &json!("upgrade of the console"),
            &json!(2_208_988_800_000_u64)
        )
    );
    let metrics = world.operator().get("/metrics").await?;
    assert!(
        metrics.body.to_string().contains("synapse_maintenance_windows_open 8"),
        "{}",
        metrics.body
    );
    // Nobody resumes a window; it ends at its time.
    let refused = world
        .operator()
        .json("POST", "/v1/tenants/acme/resume", &[], &json!({ "connection": "lab" }))
        .await?;
    assert_problem(&refused, 404);
    world.jump_to(2_208_988_800_000 + 1_000, &[]).await?;
    assert_eq!(world.end_of(ACME, &held).await?["state"], "succeeded");
    assert_eq!(
        world.operator().get("/v1/tenants/acme/pauses").await?.ok()?["pauses"],
        json!([])
    );
    world.finish().await
}

/// Waits until the tenant's pauses are as wanted; answers them.
async fn pauses_until(world: &World, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    // A window is looked at at its moments, not at the next of the looks that a node takes anyway, a minute apart.
    let looks = async {
        loop {
            let pauses = world.operator().get("/v1/tenants/acme/pauses").await?.ok()?["pauses"].clone();
            if wanted(&pauses) {
                return Ok(pauses);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), looks)
        .await
        .context("the pauses stay as they are")?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_opens_and_closes_at_its_moments_and_where_two_overlap_the_longer_one_counts() -> anyhow::Result<()> {
    const JANUARY_2030: u64 = 1_893_456_000_000;
    const DAY: u64 = 86_400_000;
    let windows = "maintenance = [{ from = \"2030-01-01T00:00\", to = \"2030-01-02T00:00\" }, \
        { from = \"2030-01-01T12:00\", to = \"2030-01-03T00:00\" }]";
    let options = Options {
        connection: windows.to_owned(),
        ..Options::default()
    };
    let mut world = World::with(options).await?;
    world.deploy(Deployment::of("prober")).await?;
    let until = |pauses: &Value| pauses[0]["until"].clone();
    world.jump_to(JANUARY_2030 - 2_000, &[]).await?;
    let early = world.run(ACME, "prober", json!({ "texts": ["early"] })).await?;
    assert_eq!(early["state"], "succeeded", "{early:#}");
    let pauses = pauses_until(&world, |pauses| pauses[0].is_object()).await?;
    assert_eq!(until(&pauses), json!(JANUARY_2030 + DAY), "{pauses:#}");
    world.jump_to(JANUARY_2030 + DAY / 2 + 1_000, &[]).await?;
    pauses_until(&world, |pauses| until(pauses) == JANUARY_2030 + 2 * DAY).await?;
    let held = world.begin(ACME, "prober", json!({ "texts": ["held"] })).await?;
    world.jump_to(JANUARY_2030 + 2 * DAY - 2_000, &[]).await?;
    assert_eq!(view(&world, &held).await?["state"], "queued");
    pauses_until(&world, |pauses| *pauses == json!([])).await?;
    let ended = world.end_of(ACME, &held).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert!(
        ended["started_at"].as_u64() >= Some(JANUARY_2030 + 2 * DAY),
        "{ended:#}"
    );
    world.finish().await
}
