//! What do the simulators hold, what did they accept, and how are they told to misbehave?

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_sim::control::Request;
use synapse_sim::start::Simulator;
use synapse_tests::simulators::control;
pub use synapse_tests::simulators::{fault, held, release};
use synapse_tests::{Options, TENANTS, World};

/// The tenant of these tests.
pub const TENANT: &str = TENANTS[0];
/// The only input of an import: the last hour.
pub const HOUR: u64 = 60;

/// Connections that carry this many requests at once. A crash costs send window, deadline and lag: a second and a half.
pub fn narrow(width: usize) -> Options {
    let connection =
        format!("width = {width}\nrequest_deadline_ms = 1000\nsend_window_ms = 500\nvisibility_lag_ms = 20");
    Options {
        connection,
        ..Options::default()
    }
}

/// Connections on which a request may be held back for long.
pub fn patient() -> Options {
    let connection = "width = 1\nrequest_deadline_ms = 20000\nsend_window_ms = 500\nvisibility_lag_ms = 20".to_owned();
    Options {
        connection,
        ..Options::default()
    }
}

/// The console has these five offenses and no others; answers their ids as TheHive's `sourceRef`s.
pub async fn five_offenses(world: &World, first: u64) -> anyhow::Result<Vec<String>> {
    world.qradar.target.reset();
    let generate = json!({ "offenses": 5, "events_per_offense": 3, "age_ms": -1_000, "first_id": first });
    control(&world.qradar, "/_sim/qradar/generate", &generate).await?;
    Ok((first..first + 5).map(|id| id.to_string()).collect())
}

/// Imports the last hour, and waits for the end.
pub async fn import(world: &World) -> anyhow::Result<Value> {
    world.run(TENANT, "qradar2alert", json!({ "timerange": HOUR })).await
}

/// How often each fault was applied, in the order in which they were added.
pub fn fired(simulator: &Simulator) -> Vec<u64> {
    simulator
        .control
        .faults()
        .list()
        .iter()
        .map(|fault| fault.fired)
        .collect()
}

/// Every request so far for which this holds.
pub fn requests(simulator: &Simulator, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
    simulator.control.requests(0).into_iter().filter(wanted).collect()
}

/// Is it the creation of an alert?
pub fn creates_alert(request: &Request) -> bool {
    request.method == "POST" && request.path == "/api/v1/alert"
}

/// How many alerts TheHive has for each offense: from its store, and how many creations it accepted, which must be the same.
pub fn alerts(world: &World) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut stored = BTreeMap::new();
    let dump = world.thehive.target.dump();
    for alert in dump["alerts"].as_array().context("no alerts in the dump")? {
        *stored
            .entry(alert["sourceRef"].as_str().context("no sourceRef")?.to_owned())
            .or_default() += 1;
    }
    let mut accepted = BTreeMap::new();
    for effect in world.thehive.control.effects(0) {
        anyhow::ensure!(
            effect.method == "POST" && effect.path == "/api/v1/alert",
            "not a creation: {effect:?}"
        );
        *accepted
            .entry(effect.body["sourceRef"].as_str().context("no sourceRef")?.to_owned())
            .or_default() += 1;
    }
    anyhow::ensure!(stored == accepted, "stored {stored:?}, accepted {accepted:?}");
    Ok(stored)
}

/// TheHive has exactly one alert for each of these offenses.
pub fn assert_one_alert_each(world: &World, offenses: &[String]) -> anyhow::Result<()> {
    let alerts = alerts(world)?;
    for offense in offenses {
        anyhow::ensure!(alerts.get(offense) == Some(&1), "offense {offense}: {alerts:?}");
    }
    Ok(())
}

/// The run says of each of these offenses that it was created, names the alert that TheHive has, and says nothing else.
pub async fn assert_all_created(world: &World, run: &Value, offenses: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    let answer = &run["answer"];
    anyhow::ensure!(
        answer["created"] == offenses.len() && answer["failed"] == 0 && answer["left_out"] == 0,
        "{run:#}"
    );
    anyhow::ensure!(answer["skipped"] == json!([]), "nothing created is skipped: {run:#}");
    let made: BTreeMap<String, Option<String>> = world
        .thehive
        .control
        .effects(0)
        .into_iter()
        .filter_map(|effect| Some((effect.body["sourceRef"].as_str()?.to_owned(), effect.id)))
        .collect();
    for outcome in answer["offenses"].as_array().context("no offenses in the answer")? {
        let alert = made.get(&outcome["qradar_offense_id"].to_string()).cloned().flatten();
        anyhow::ensure!(
            alert.is_some() && outcome["raised_alert_id"] == json!(alert),
            "{outcome} but TheHive has {alert:?}"
        );
    }
    let id = run["id"].as_str().context("a run has an id")?;
    let journal = world.journal(TENANT, id).await?;
    let mut reported = Vec::new();
    for item in journal["report"]["items"].as_array().context("no report")? {
        anyhow::ensure!(item["verdict"] == "created", "{item}");
        reported.push(item["subject"].as_str().unwrap_or_default().to_owned());
    }
    reported.sort();
    let expected: Vec<String> = offenses.iter().map(|id| format!("offense {id}")).collect();
    anyhow::ensure!(reported == expected, "reported {reported:?}");
    Ok(())
}

/// Another import finds everything done: it creates nothing, skips everything and says that it was imported before.
pub async fn assert_nothing_left(world: &World, offenses: &[String]) -> anyhow::Result<()> {
    let before = world.thehive.control.effects(0).len();
    let run = import(world).await?;
    let answer = &run["answer"];
    anyhow::ensure!(
        run["state"] == "succeeded" && answer["created"] == 0 && answer["failed"] == 0,
        "{run:#}"
    );
    let reasons = answer["skipped"].to_string();
    anyhow::ensure!(
        reasons.matches("already imported as alert").count() == offenses.len(),
        "{reasons}"
    );
    anyhow::ensure!(world.thehive.control.effects(0).len() == before, "nothing is written");
    Ok(())
}

/// The texts that the laboratory has, in its order.
pub fn lines(world: &World) -> Vec<String> {
    let dump = world.lab.target.dump();
    let entries = dump["entries"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The rows of a run's journal that are writes: what was called and how it came about.
pub async fn writes(world: &World, run: &str) -> anyhow::Result<Vec<Value>> {
    let journal = world.journal(TENANT, run).await?;
    let rows = journal["calls"].as_array().context("no calls")?;
    Ok(rows.iter().filter(|row| row["marker"].is_string()).cloned().collect())
}

/// How the writes of a run came about, in order.
pub async fn hows(world: &World, run: &str) -> anyhow::Result<Vec<String>> {
    Ok(writes(world, run)
        .await?
        .iter()
        .map(|row| row["how"].as_str().unwrap_or_default().to_owned())
        .collect())
}
