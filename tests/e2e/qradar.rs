//! Does a guest handle QRadar offenses, and everything else there, through the server? (issue 4, line 3)

use serde_json::{Value, json};
use synapse_tests::{Deployment, TENANTS, World};

/// The tenant of these tests: its token sees domain 0.
const TENANT: &str = TENANTS[0];
const GUEST: &str = "handler";

fn offense(id: u64, domain: u64) -> Value {
    json!({
        "id": id, "status": "OPEN", "description": "Login failed\n", "domain_id": domain, "offense_type": 0, "offense_source": "10.0.0.1",
        "magnitude": 5, "start_time": 1_600_000_000_000u64, "last_updated_time": 1_600_000_060_000u64, "event_count": 6,
        "local_destination_address_ids": [1], "remote_destination_count": 2,
    })
}

/// A world whose console has two customers' offenses and a little of everything else, and the guest deployed with these grants.
async fn world(grants: Option<Value>) -> anyhow::Result<World> {
    let world = World::start().await?;
    let tokens: Vec<Value> = TENANTS
        .iter()
        .enumerate()
        .map(|(domain, tenant)| {
            let token = synapse_tests::siem_token(tenant);
            json!({ "token": token, "label": tenant, "domain_ids": [domain] })
        })
        .collect();
    let event = |ip: &str, count: u64| json!({ "offense_id": 7, "starttime": 1_600_000_010_000u64, "destinationip": ip, "eventcount": count, "domainid": 0 });
    let state = json!({
        "tokens": tokens, "users": ["admin", "alice"], "offenses": [offense(7, 0), offense(8, 0), offense(9, 1)],
        "closing_reasons": [
            { "id": 1, "text": "Non-Issue", "is_deleted": false, "is_reserved": false },
            { "id": 4, "text": "Old", "is_deleted": true, "is_reserved": false },
        ],
        "local_destination_addresses": [{ "id": 1, "local_destination_ip": "10.0.0.9", "domain_id": 0 }],
        "events": [event("203.0.113.5", 1), event("10.0.0.9", 9), event("203.0.113.6", 2), event("203.0.113.6", 3)],
        "reference_sets": [{ "name": "Bad / IPs", "element_type": "IP", "data": [{ "value": "192.0.2.1" }] }, { "name": "Secret", "element_type": "ALN" }],
        "reference_maps": [{ "name": "Hosts", "data": { "10.0.0.1": { "value": "a" } } }],
        "assets": [{ "id": 3, "domain_id": 0, "hostnames": [{ "name": "HOST" }], "interfaces": [{ "ip_addresses": [{ "value": "10.0.0.1" }] }] }],
        "log_sources": [{ "id": 5, "name": "Firewall", "enabled": true, "type_id": 11 }], "log_source_types": [{ "id": 11, "name": "Checkpoint" }],
        "rules": [{ "id": 100_001, "name": "R", "type": "EVENT", "enabled": true, "origin": "USER" }],
        "rule_contributions": [{ "id": 1, "rule_id": 100_001, "offense_id": 7, "event_count": 6 }],
        "saved_searches": [{ "id": 2, "name": "All", "database": "EVENTS", "aql": "SELECT destinationip FROM events LAST 1 HOURS" }],
    });
    world.qradar.target.load(state).map_err(anyhow::Error::msg)?;
    let deployment = Deployment::of(GUEST);
    let deployment = match grants {
        Some(grants) => deployment.grants(grants),
        None => deployment,
    };
    world.deploy(deployment).await?;
    Ok(world)
}

async fn answers(world: &World, steps: Value) -> anyhow::Result<Vec<Value>> {
    let run = world.run(TENANT, GUEST, json!({ "steps": steps })).await?;
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    Ok(run["answer"].as_array().cloned().unwrap_or_default())
}

fn effects(world: &World) -> Vec<(String, Value)> {
    let all = world.qradar.control.effects(0).into_iter();
    all.filter(|effect| effect.path.contains("/siem/"))
        .map(|effect| (effect.path, effect.body))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_is_noted_handled_and_closed_with_the_consoles_own_reason() -> anyhow::Result<()> {
    let world = world(None).await?;
    let steps = json!([
        { "do": "reasons" },
        { "do": "actors", "offense": 7 },
        { "do": "assign", "offense": 7, "user": "alice" },
        { "do": "follow-up", "offense": 7, "on": true },
        { "do": "protect", "offense": 7, "on": true },
        { "do": "hide", "offense": 7, "on": true },
        { "do": "hide", "offense": 7, "on": false },
        { "do": "note", "offense": 7, "text": "closed in TheHive: grün" },
        { "do": "close", "offense": 7, "reason": "non-issue" },
        { "do": "notes", "offense": 7 },
        { "do": "persisted", "from": 1_650_000_000_000u64 },
    ]);
    let answers = answers(&world, steps).await?;
    assert_eq!(answers[1], json!(["admin", "alice"]));
    let closed = json!({
        "id": 7, "status": "closed", "reason": 1, "by": format!("API_user: {TENANT}"), "assigned": "alice", "follow-up": true, "protected": true,
    });
    assert_eq!(answers[8], closed, "{answers:#?}");
    assert_eq!(
        answers[9],
        json!([[format!("API_user: {TENANT}"), "closed in TheHive: grün"]])
    );
    assert_eq!(answers[10], json!([7]), "a poller sees what was changed");
    assert_eq!(effects(&world).len(), 7);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d12_what_cannot_be_closed_is_refused_by_name_and_nothing_is_sent() -> anyhow::Result<()> {
    let grants = json!([{ "binding": "qradar", "operations": ["*"], "scopes": { "closing-reason": ["Non-Issue"] } }]);
    let world = world(Some(grants)).await?;
    let steps = json!([
        { "do": "close", "offense": 7, "reason": "Duplicate" },
        { "do": "close-with", "offense": 7, "id": 4 },
        { "do": "close-with", "offense": 9, "id": 1 },
        { "do": "close-with", "offense": 999, "id": 1 },
        { "do": "note", "offense": 7, "text": "x".repeat(1_901) },
        { "do": "assign", "offense": 7, "user": "nobody" },
    ]);
    let answers = answers(&world, steps).await?;
    let names: Vec<_> = answers
        .iter()
        .map(|answer| answer["error"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(
        names,
        ["invalid", "invalid", "not-found", "not-found", "invalid", "invalid"],
        "{answers:#?}"
    );
    for answer in &answers[..2] {
        assert!(
            answer["why"].as_str().unwrap_or_default().contains("1 `Non-Issue`"),
            "{answer}"
        );
    }
    assert_eq!(effects(&world), []);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_outside_the_grant_is_denied() -> anyhow::Result<()> {
    let grants = json!([{ "binding": "qradar", "operations": ["*"], "scopes": { "closing-reason": ["54"] } }]);
    let world = world(Some(grants)).await?;
    let answers = answers(
        &world,
        json!([{ "do": "close-with", "offense": 7, "id": 1 }, { "do": "reasons" }]),
    )
    .await?;
    assert_eq!(answers[0]["error"], "denied", "{answers:#?}");
    assert_eq!(answers[1], json!([]));
    assert_eq!(effects(&world), []);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_close_is_a_conflict_that_names_the_first() -> anyhow::Result<()> {
    let world = world(None).await?;
    let close = json!([{ "do": "close-with", "offense": 7, "id": 1 }]);
    answers(&world, close.clone()).await?;
    let answers = answers(&world, close).await?;
    assert_eq!(answers[0]["error"], "conflict");
    let why = answers[0]["why"].as_str().unwrap_or_default();
    assert!(
        why.contains(&format!("API_user: {TENANT}")) && why.contains("closing reason 1"),
        "{why}"
    );
    assert_eq!(effects(&world).len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_dedup_keys_of_two_runs_are_one_note() -> anyhow::Result<()> {
    let world = world(None).await?;
    let note = json!([{ "do": "note", "offense": 7, "text": "once", "key": "closed/7" }]);
    let first = answers(&world, note.clone()).await?;
    assert_eq!(first, answers(&world, note).await?);
    assert_eq!(effects(&world).len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_sets_are_changed_within_the_grant() -> anyhow::Result<()> {
    let grants =
        json!([{ "binding": "qradar", "operations": ["*"], "scopes": { "reference-set": ["Bad / IPs", "Hosts"] } }]);
    let world = world(Some(grants)).await?;
    let steps = json!([
        { "do": "sets" },
        { "do": "add", "set": "Bad / IPs", "values": ["203.0.113.5", "no address", "203.0.113.6"] },
        { "do": "contains", "set": "Bad / IPs", "values": ["203.0.113.5", "203.0.113.7"] },
        { "do": "remove", "set": "Bad / IPs", "values": ["192.0.2.1", "192.0.2.99"] },
        { "do": "values", "set": "Bad / IPs" },
        { "do": "add", "set": "Secret", "values": ["x"] },
        { "do": "values", "set": "Secret" },
        { "do": "map", "name": "Hosts" },
    ]);
    let answers = answers(&world, steps).await?;
    assert_eq!(answers[0], json!([["Bad / IPs", 1]]), "{answers:#?}");
    assert_eq!(answers[1], json!(["ok", "invalid", "ok"]));
    assert_eq!(answers[2], json!([true, false]));
    assert_eq!(answers[3], json!(["ok", "ok"]));
    // The values of a call are added side by side.
    let mut kept: Vec<_> = answers[4]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, ["203.0.113.5", "203.0.113.6"]);
    assert_eq!(answers[5], json!(["denied"]));
    assert_eq!(answers[6]["error"], "denied");
    assert_eq!(answers[7], json!({ "tables": 1, "entries": [[["10.0.0.1"], "a"]] }));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_with_domains_writes_no_shared_value_and_sees_nothing_that_has_no_domain() -> anyhow::Result<()> {
    let grants = json!([{ "binding": "qradar", "operations": ["*"], "scopes": { "domain": ["0"] } }]);
    let world = world(Some(grants)).await?;
    let steps = json!([
        { "do": "add", "set": "Bad / IPs", "values": ["203.0.113.5"] },
        { "do": "add", "set": "Bad / IPs", "values": ["203.0.113.5"], "domain": 1 },
        { "do": "add", "set": "Bad / IPs", "values": ["203.0.113.5"], "domain": 0 },
        { "do": "log-sources" },
        { "do": "saved" },
        { "do": "close-with", "offense": 9, "id": 1 },
        { "do": "follow-up", "offense": 7, "on": true },
    ]);
    let answers = answers(&world, steps).await?;
    assert_eq!(
        answers[..3],
        [json!(["denied"]), json!(["denied"]), json!(["ok"])],
        "{answers:#?}"
    );
    assert_eq!(
        (&answers[3]["error"], &answers[4]["error"]),
        (&json!("denied"), &json!("denied"))
    );
    assert_eq!(answers[5]["error"], "not-found");
    assert_eq!(answers[6]["follow-up"], true);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_only_read_reaches_a_guest() -> anyhow::Result<()> {
    let world = world(None).await?;
    let steps = json!([
        { "do": "remotes", "offense": 7, "n": 5 },
        { "do": "asset", "ip": "10.0.0.1" },
        { "do": "log-sources" },
        { "do": "rules" },
        { "do": "contributions", "offense": 7 },
        { "do": "saved" },
        { "do": "run-saved", "id": 2, "window": 3_600_000 },
        { "do": "run-saved", "id": 2, "window": 1 },
        { "do": "about" },
        { "do": "service" },
    ]);
    let answers = answers(&world, steps).await?;
    let expected = [
        json!([["203.0.113.6", 5], ["203.0.113.5", 1]]),
        json!([[3, ["HOST"]]]),
        json!({ "sources": 1, "types": 1, "first": "Firewall" }),
        json!([100_001]),
        json!([[100_001, 6]]),
        json!([[2, "All"]]),
        json!({ "columns": ["destinationip"], "rows": 0 }),
    ];
    assert_eq!(answers[..7], expected, "{answers:#?}");
    assert_eq!(answers[7]["error"], "invalid");
    assert_eq!((&answers[8], &answers[9]), (&json!(["7.5.0", "26.0"]), &json!(TENANT)));
    world.finish().await
}
