//! Do alarms say which source or connection needs somebody, and does maintenance keep them, and us, quiet?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, ACME, IMPORT, assert_problem, fault, load_console, offense};

const TRIGGER: &str = "offenses";
/// A window of the connection `siem` that is open at this time and ends at [`END`].
const WINDOW: &str = "maintenance = [{ from = \"2020-01-01T00:00\", to = \"2040-01-01T00:00\" }]";
const END: u64 = 2_208_988_800_000;
/// Items that may be under way for one source.
const WAITING: u64 = 2_000;

fn watching(with: Value) -> Value {
    let mut trigger = json!({
        "kind": "source", "name": TRIGGER, "binding": "qradar", "watch": "offenses", "every_seconds": 86_400, "batch": 100,
    });
    support::merge(&mut trigger, with);
    json!([trigger])
}

fn path() -> String {
    World::trigger(ACME, IMPORT, TRIGGER)
}

/// What an operator's Prometheus reads.
async fn metrics(world: &World) -> anyhow::Result<String> {
    let text = world.operator().get("/metrics").await?.ok()?;
    Ok(text.as_str().context("text")?.to_owned())
}

/// A series of the console's connection.
fn of_siem(text: &str, name: &str) -> Option<u64> {
    number(text, &format!("{name}{{tenant=\"{ACME}\",connection=\"siem\"}} "))
}

/// A series of the source.
fn of_source(text: &str, name: &str) -> Option<u64> {
    let labels = format!("tenant=\"{ACME}\",deployment=\"{IMPORT}\",trigger=\"{TRIGGER}\",connection=\"siem\"");
    number(text, &format!("{name}{{{labels}}} "))
}

fn number(text: &str, series: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(series))?.parse().ok()
}

fn fresh(world: &World, ids: std::ops::RangeInclusive<i64>) -> anyhow::Result<()> {
    let now = support::now(world);
    let times = json!({ "start_time": now, "first_persisted_time": now, "last_persisted_time": now });
    let offenses: Vec<Value> = ids.map(|id| offense(id, now, times.clone())).collect();
    load_console(&world.qradar, json!({ "offenses": offenses }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_and_a_connection_that_fail_say_so_until_they_are_well_again() -> anyhow::Result<()> {
    let world = World::with(Options {
        connection: "read_retries = 0".to_owned(),
        ..Options::default()
    })
    .await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(watching(json!({}))))
        .await?;
    world.look(&path()).await?;
    let well = metrics(&world).await?;
    assert_eq!(
        (
            of_source(&well, "synapse_source_failing"),
            of_siem(&well, "synapse_connection_failing")
        ),
        (Some(0), Some(0)),
        "{well}"
    );
    let since = of_source(&well, "synapse_source_last_success_seconds").context("when it was read")?;
    let answered = of_siem(&well, "synapse_connection_last_answer_seconds").context("when it answered")?;
    assert!(since.abs_diff(synapse_tests::now() / 1_000) < 120 && answered.abs_diff(since) < 120);
    assert!(
        !well.contains("synapse_connection_last_failure_seconds{"),
        "nothing failed yet: {well}"
    );

    fault(
        &world.qradar,
        json!({ "match": { "path": "last_persisted_time" }, "action": { "status": 503 }, "count": 1 }),
    )
    .await?;
    let cursor = world.look(&path()).await?;
    assert_eq!(cursor["state"], "failing", "{cursor:#}");
    let ill = metrics(&world).await?;
    assert_eq!(
        (
            of_source(&ill, "synapse_source_failing"),
            of_siem(&ill, "synapse_connection_failing"),
            of_siem(&ill, "synapse_connection_failures_total")
        ),
        (Some(1), Some(1), Some(1)),
        "{ill}"
    );
    assert_eq!(of_source(&ill, "synapse_source_last_success_seconds"), Some(since));

    world.look(&path()).await?;
    let again = metrics(&world).await?;
    assert_eq!(
        (
            of_source(&again, "synapse_source_failing"),
            of_siem(&again, "synapse_connection_failing"),
            of_siem(&again, "synapse_connection_failures_total")
        ),
        (Some(0), Some(0), Some(1)),
        "{again}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sees_the_series_of_its_tenant_only() -> anyhow::Result<()> {
    let world = World::start().await?;
    let create = async |scopes: Value| -> anyhow::Result<String> {
        let wanted = json!({ "tenant": ACME, "scopes": scopes, "label": "prometheus" });
        let key = world.operator().json("POST", "/v1/keys", &[], &wanted).await?.ok()?;
        Ok(key["key"].as_str().context("a key")?.to_owned())
    };
    let (reader, starter) = (
        create(json!(["runs:read"])).await?,
        create(json!(["runs:start"])).await?,
    );
    let page = async |key: &str| -> anyhow::Result<String> {
        let text = world.operator().with_key(key).get("/metrics").await?.ok()?;
        Ok(text.as_str().context("text")?.to_owned())
    };
    let (own, none) = (page(&reader).await?, page(&starter).await?);
    assert!(own.contains("tenant=\"acme\"") && !own.contains("umbrella"), "{own}");
    assert!(!none.contains("tenant="), "{none}");
    let all = metrics(&world).await?;
    assert!(
        all.contains("tenant=\"acme\"") && all.contains("tenant=\"umbrella\""),
        "{all}"
    );
    let wrong = world.operator().with_key("syn_no_key").get("/metrics").await?;
    assert_problem(&wrong, 401);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_under_maintenance_is_not_asked_and_its_alarms_are_muted() -> anyhow::Result<()> {
    // A second console, which is looked at as ever.
    let other = synapse_sim::start::qradar("127.0.0.1:0".parse()?, None, None).await?;
    let sections = format!(
        "[tenants.{ACME}.connections.siem-berlin]\nkind = \"qradar\"\nurl = \"{}\"\nsource_id = \"berlin\"\nallow = [\"127.0.0.0/8\"]\n\
         allow_http = true\nauth = {{ scheme = \"sec\", secret = {{ env = \"SIEM_{ACME}\" }} }}\n",
        other.url()
    );
    let tokens = json!({ "tokens": [{ "token": support::siem_token(ACME), "label": ACME }] });
    other.target.load(tokens).map_err(anyhow::Error::msg)?;
    let mut world = World::with(Options {
        sections,
        connection: "read_retries = 0".to_owned(),
        ..Options::default()
    })
    .await?;
    let trigger = || watching(json!({ "every_seconds": 10 }));
    let first = world.deploy(Deployment::of(IMPORT).triggers(trigger())).await?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "last_persisted_time" }, "action": { "status": 503 }, "count": 1_000 }),
    )
    .await?;
    let cursor = world.look(&path()).await?;
    assert_eq!(cursor["state"], "failing", "{cursor:#}");
    open_windows(&world)?;
    // When its next look has been due for long.
    world.jump_to(synapse_tests::now() + 120_000, &[]).await?;
    // Also forgets what was asked so far.
    world.qradar.control.reset();
    let before = world.cursor(&path()).await?;
    // The server answers before it watches.
    let muted = loop {
        let text = metrics(&world).await?;
        if of_source(&text, "synapse_source_failing").is_some() {
            break text;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (
            of_siem(&muted, "synapse_connection_muted"),
            of_siem(&muted, "synapse_connection_failing"),
            of_source(&muted, "synapse_source_failing")
        ),
        (Some(1), Some(0), Some(0)),
        "{muted}"
    );
    // Nobody can order a look, or a count for a backfill.
    let backfill = json!({ "since": 0, "max": 10, "rate": 6 });
    for (order, body) in [("look", json!({})), ("backfill", backfill)] {
        let order = format!("{}/{order}", path());
        let refused = world.operator().json("POST", &order, &[], &body).await?;
        assert_problem(&refused, 409);
        let why = refused.body["detail"].as_str().unwrap_or_default();
        assert!(why.contains("maintenance"), "{refused:?}");
    }
    // A poller that began later has looked by itself.
    let manifest = include_str!("../../workflows/qradar2alert/workflow.toml");
    let berlin = json!({
        "component": first["component"], "manifest": manifest, "bindings": { "qradar": "siem-berlin", "thehive": "hive" },
        "grants": first["grants"], "triggers": trigger(),
    });
    let there = format!("/v1/tenants/{ACME}/deployments/berlin");
    world.operator().json("PUT", &there, &[], &berlin).await?.ok()?;
    while world.cursor(&World::trigger(ACME, "berlin", TRIGGER)).await?["ok_at"].is_null() {
        tokio::task::yield_now().await;
    }
    let asked = world.qradar.control.requests(0);
    assert!(asked.is_empty(), "{asked:?}");
    let after = world.cursor(&path()).await?;
    for name in ["looked_at", "ok_at", "failures"] {
        assert_eq!(after[name], before[name], "{name}: {after:#}");
    }

    world.jump_to(END + 1_000, &[]).await?;
    let cursor = world.look(&path()).await?;
    assert_eq!(cursor["state"], "ok", "{cursor:#}");
    let open = metrics(&world).await?;
    assert_eq!(of_siem(&open, "synapse_connection_muted"), Some(0), "{open}");
    world.finish().await
}

/// From the next start on, both tenants' connections to the first console are under maintenance.
fn open_windows(world: &World) -> anyhow::Result<()> {
    let path = world.folder.path().join("synapse.toml");
    let mut text = std::fs::read_to_string(&path)?;
    for tenant in synapse_tests::TENANTS {
        let section = format!("[tenants.{tenant}.connections.siem]\n");
        anyhow::ensure!(text.contains(&section), "no console in {text}");
        text = text.replace(&section, &format!("{section}{WINDOW}\n"));
    }
    Ok(std::fs::write(&path, text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_source_is_read_on_and_what_it_finds_waits_without_an_effect() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(watching(json!({}))))
        .await?;
    let order = async |verb: &str| -> anyhow::Result<Value> {
        let scope = json!({ "deployment": IMPORT, "trigger": TRIGGER });
        let path = format!("/v1/tenants/{ACME}/{verb}");
        world.operator().json("POST", &path, &[], &scope).await?.ok()
    };
    order("pause").await?;
    fresh(&world, 1..=3)?;
    let cursor = world.look(&path()).await?;
    assert_eq!(
        (&cursor["state"], &cursor["items"]["handed"]),
        (&json!("ok"), &json!(3)),
        "{cursor:#}"
    );
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!((runs.len(), &runs[0]["state"]), (1, &json!("queued")), "{runs:#?}");
    assert!(support::alerts(&world).is_empty());
    order("resume").await?;
    world.drain_source(ACME, IMPORT, TRIGGER).await?;
    assert_eq!(support::alerts(&world).len(), 3);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d43_a_paused_source_keeps_what_is_beyond_the_waiting_limit() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(watching(json!({}))))
        .await?;
    let scope = json!({ "deployment": IMPORT });
    world
        .operator()
        .json("POST", &format!("/v1/tenants/{ACME}/pause"), &[], &scope)
        .await?
        .ok()?;
    fresh(&world, 1..=2_100)?;
    let mut under_way = 0;
    for _ in 0..3 {
        let items = world.look(&path()).await?["items"].clone();
        under_way = ["live", "handed"].iter().filter_map(|name| items[name].as_u64()).sum();
    }
    assert_eq!(under_way, WAITING);
    assert!(support::alerts(&world).is_empty());
    world.finish().await
}
