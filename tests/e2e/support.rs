//! What do the end-to-end tests share? A console's state from typed parts, faults and holds of a simulator, and short questions about answers.

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use synapse_sim::control::Effect;
use synapse_sim::start::Simulator;
use synapse_tests::simulators::control;
pub use synapse_tests::simulators::{fault, held, release};
use synapse_tests::{Answer, TENANTS, World};
pub use synapse_tests::{hive_key, siem_token};

/// The tenant most tests act in.
pub const ACME: &str = TENANTS[0];
/// The other one.
pub const UMBRELLA: &str = TENANTS[1];
/// The workflow under its own name.
pub const IMPORT: &str = "qradar2alert";

/// The console's time, which is the server's.
pub fn now(world: &World) -> i64 {
    world.qradar.control.now_ms()
}

/// An open offense that was updated at this moment, with these fields set otherwise.
pub fn offense(id: i64, updated: i64, changes: Value) -> Value {
    let mut offense = json!({
        "id": id, "description": format!("Offense {id}\n"), "status": "OPEN", "offense_type": 0, "offense_source": "198.51.100.7",
        "magnitude": 5, "severity": 6, "credibility": 4, "relevance": 3, "start_time": updated - 60_000, "last_updated_time": updated,
        "event_count": 0, "flow_count": 0, "domain_id": 0, "categories": ["Access Denied"], "rules": [], "log_sources": [],
        "source_address_ids": [], "source_count": 0, "local_destination_address_ids": [], "local_destination_count": 0,
        "remote_destination_count": 0, "username_count": 0, "assigned_to": null, "follow_up": false, "protected": false, "inactive": false,
        "closing_user": null, "closing_reason_id": null, "close_time": null, "source_network": "other", "destination_networks": [],
    });
    merge(&mut offense, changes);
    offense
}

/// An event of an offense.
pub fn event(offense: i64, time: i64, changes: Value) -> Value {
    let mut event = json!({
        "offense_id": offense, "starttime": time, "domainid": 0, "sourceip": "198.51.100.7", "destinationip": "203.0.113.9",
        "username": "jdoe", "eventcount": 1, "qidname": "Login Failure", "logsourcename": "fw-1", "payload": "<13>failure",
    });
    merge(&mut event, changes);
    event
}

/// A row of a source or local destination table.
pub fn address(column: &str, id: i64, ip: &str, offenses: &[i64]) -> Value {
    json!({ "id": id, column: ip, "network": "Net-1", "offense_ids": offenses, "domain_id": 0, "magnitude": 1, "event_flow_count": 1 })
}

/// Adds or replaces members of an object.
pub fn merge(object: &mut Value, changes: Value) {
    if let (Some(object), Value::Object(changes)) = (object.as_object_mut(), changes) {
        object.extend(changes);
    }
}

/// Puts a state in place of the console's; the tenants' tokens stay as the world made them (see `World::with`).
pub fn load_console(simulator: &Simulator, state: Value) -> anyhow::Result<()> {
    let tokens: Vec<Value> = (0..)
        .zip(TENANTS)
        .map(|(domain, tenant)| json!({ "token": siem_token(tenant), "label": tenant, "domain_ids": [domain] }))
        .collect();
    let mut state = state;
    merge(&mut state, json!({ "tokens": tokens }));
    simulator.target.load(state).map_err(anyhow::Error::msg)
}

/// Puts a state in place of TheHive's; the tenants' organisations and users stay as the world made them.
pub fn load_thehive(world: &World, state: Value) -> anyhow::Result<()> {
    let users: Vec<Value> = TENANTS
        .iter()
        .map(|tenant| json!({ "login": format!("synapse@{tenant}"), "key": hive_key(tenant), "organisations": [tenant] }))
        .collect();
    let mut state = state;
    merge(&mut state, json!({ "organisations": TENANTS, "users": users }));
    world.thehive.target.load(state).map_err(anyhow::Error::msg)
}

/// Adds offenses that the simulator makes up.
pub async fn generate(world: &World, wanted: Value) -> anyhow::Result<()> {
    control(&world.qradar, "/_sim/qradar/generate", &wanted).await.map(drop)
}

/// Imports the last hour of a tenant.
pub async fn import(world: &World) -> anyhow::Result<Value> {
    world.run(ACME, IMPORT, json!({ "timerange": 60 })).await
}

/// The alerts that TheHive accepted, as they were sent, by reference.
pub fn alerts(world: &World) -> Map<String, Value> {
    let created = world
        .thehive
        .control
        .effects(0)
        .into_iter()
        .filter(|effect| effect.path == "/api/v1/alert");
    created
        .map(|Effect { body, .. }| (body["sourceRef"].as_str().unwrap_or_default().to_owned(), body))
        .collect()
}

/// The one alert of this offense.
pub fn alert(world: &World, offense: i64) -> anyhow::Result<Value> {
    let all = alerts(world);
    all.get(&offense.to_string())
        .cloned()
        .with_context(|| format!("no alert of offense {offense} in {:?}", all.keys()))
}

/// Why the answer says this offense was skipped.
pub fn skipped(run: &Value, offense: i64) -> String {
    let all = run["answer"]["skipped"].as_array().cloned().unwrap_or_default();
    let of = all.iter().find(|item| item["qradar_offense_id"] == offense);
    of.and_then(|item| item["reason"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// What the answer says became of this offense.
pub fn message(run: &Value, offense: i64) -> String {
    let all = run["answer"]["offenses"].as_array().cloned().unwrap_or_default();
    let of = all.iter().find(|item| item["qradar_offense_id"] == offense);
    of.and_then(|item| item["message"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// The texts of a list.
pub fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Is it an error as RFC 9457 wants it, with this status and a text for people?
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    assert_eq!(kind, Some("application/problem+json"), "{}", answer.body);
    assert_eq!(answer.body["status"], status, "{}", answer.body);
    let detail = answer.body["detail"].as_str().unwrap_or_default();
    assert!(detail.len() > 10, "a person is told too little: {}", answer.body);
}

/// A header of an answer.
pub fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
