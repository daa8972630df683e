//! Are the offenses of a watched console imported by themselves, each once, the fresh and grave ones first?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::support::{self, ACME, IMPORT, alerts, fault, generate, held, load_console, offense, release};

const TRIGGER: &str = "offenses";

fn path() -> String {
    World::trigger(ACME, IMPORT, TRIGGER)
}

/// A trigger for new offenses; `with` sets or replaces its members.
fn trigger(with: Value) -> Value {
    let mut trigger = json!({
        "kind": "source", "name": TRIGGER, "binding": "qradar", "watch": "offenses", "every_seconds": 86_400, "batch": 100,
    });
    support::merge(&mut trigger, with);
    json!([trigger])
}

/// The import with a watched console.
async fn world_with(with: Value) -> anyhow::Result<World> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT).triggers(trigger(with))).await?;
    Ok(world)
}

/// An offense that the console wrote first at this moment.
fn fresh(world: &World, id: i64, changes: Value) -> Value {
    let now = support::now(world);
    let mut offense = offense(
        id,
        now,
        json!({ "start_time": now, "first_persisted_time": now, "last_persisted_time": now }),
    );
    support::merge(&mut offense, changes);
    offense
}

#[expect(clippy::needless_pass_by_value, reason = "callers make the list in place")]
fn load(world: &World, offenses: Vec<Value>) -> anyhow::Result<()> {
    load_console(&world.qradar, json!({ "offenses": offenses }))
}

async fn drain(world: &World) -> anyhow::Result<Value> {
    world.drain_source(ACME, IMPORT, TRIGGER).await
}

/// References of the alerts in the order in which TheHive accepted them.
fn order(world: &World) -> Vec<String> {
    let created = world
        .thehive
        .control
        .effects(0)
        .into_iter()
        .filter(|effect| effect.path == "/api/v1/alert");
    created
        .map(|effect| effect.body["sourceRef"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_offense_becomes_an_alert_once_and_5000_old_ones_never() -> anyhow::Result<()> {
    let world = World::start().await?;
    generate(&world, json!({ "offenses": 5_000, "age_ms": 3_600_000 })).await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(trigger(json!({}))))
        .await?;
    let cursor = drain(&world).await?;
    assert_eq!(
        (&cursor["state"], &cursor["items"]["done"]),
        (&json!("ok"), &json!(0)),
        "{cursor:#}"
    );
    assert_eq!(world.source_runs(ACME, IMPORT).await?.len(), 0);

    load(
        &world,
        vec![
            fresh(&world, 6_001, json!({})),
            fresh(&world, 6_002, json!({ "magnitude": 9 })),
        ],
    )?;
    let cursor = drain(&world).await?;
    assert_eq!(cursor["items"]["done"], 2, "{cursor:#}");
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!(runs.len(), 1, "one run for both: {runs:#?}");
    assert_eq!(
        (&runs[0]["state"], &runs[0]["trigger"]),
        (&json!("succeeded"), &json!("source:offenses"))
    );
    assert_eq!(runs[0]["event_type"], "synapse.source.offenses");
    // The same again, in the overlap: nothing new.
    drain(&world).await?;
    assert_eq!(world.source_runs(ACME, IMPORT).await?.len(), 1);
    assert_eq!(order(&world), ["6002", "6001"], "the graver one first");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d39_one_page_one_more_and_one_less_are_read_to_the_end_also_at_equal_times() -> anyhow::Result<()> {
    for count in [49, 50, 51] {
        let world = world_with(json!({})).await?;
        let one = fresh(&world, 0, json!({}));
        let all = (1..=count).map(|id| {
            let mut offense = one.clone();
            support::merge(&mut offense, json!({ "id": id }));
            offense
        });
        load(&world, all.collect())?;
        let cursor = drain(&world).await?;
        assert_eq!(cursor["items"]["done"], count, "{cursor:#}");
        assert_eq!(
            (alerts(&world).len(), order(&world).len()),
            (count as usize, count as usize)
        );
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn offenses_that_arrive_or_change_while_pages_are_read_are_neither_lost_nor_doubled() -> anyhow::Result<()> {
    let world = world_with(json!({})).await?;
    let mut all: Vec<Value> = (1..=60).map(|id| fresh(&world, id, json!({}))).collect();
    load(&world, all.clone())?;
    // The first page is answered after the console got more.
    fault(
        &world.qradar,
        json!({ "match": { "path": "last_persisted_time" }, "action": { "hold": "page" } }),
    )
    .await?;
    let looking = tokio::spawn({
        let (operator, path) = (world.operator(), path());
        async move { operator.json("POST", &format!("{path}/look"), &[], &json!({})).await }
    });
    held(&world.qradar, "page").await?;
    let later = support::now(&world) + 2_000;
    // One of the first page moves to the end, and five are new.
    support::merge(
        &mut all[3],
        json!({ "last_persisted_time": later, "last_updated_time": later, "event_count": 0, "magnitude": 7 }),
    );
    all.extend((61..=65).map(|id| fresh(&world, id, json!({ "last_persisted_time": later }))));
    load(&world, all)?;
    release(&world.qradar, "page").await?;
    looking.await??.ok()?;
    let cursor = drain(&world).await?;
    assert_eq!(cursor["items"]["done"], 65, "{cursor:#}");
    let mut order = order(&world);
    assert_eq!(order.len(), 65);
    order.sort();
    order.dedup();
    assert_eq!(order.len(), 65, "each once");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_the_grave_offense_is_imported_before_the_stale_ones_and_the_outage_is_said()
-> anyhow::Result<()> {
    // Nothing is fresh here: every look finds what an outage left.
    let world = world_with(json!({ "fresh_minutes": 0, "batch": 1 })).await?;
    world.look(&path()).await?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/siem/offenses" }, "action": { "status": 503 }, "count": -1 }),
    )
    .await?;
    let mut offenses: Vec<Value> = (1..=5).map(|id| fresh(&world, id, json!({ "magnitude": 3 }))).collect();
    offenses.push(fresh(&world, 6, json!({ "magnitude": 9 })));
    load(&world, offenses)?;
    let mut pauses = Vec::new();
    for failures in 1..=3 {
        let cursor = world.look(&path()).await?;
        assert_eq!(
            (&cursor["state"], &cursor["failures"]),
            (&json!("failing"), &json!(failures)),
            "{cursor:#}"
        );
        assert!(
            cursor["problem"]
                .as_str()
                .is_some_and(|problem| problem.contains("503")),
            "{cursor:#}"
        );
        pauses.push(cursor["next_at"].as_i64().unwrap_or(0) - cursor["looked_at"].as_i64().unwrap_or(0));
    }
    assert!(pauses.iter().all(|pause| *pause > 0), "{pauses:?}");
    world.qradar.control.faults().clear();
    let cursor = drain(&world).await?;
    assert_eq!(
        (&cursor["state"], &cursor["failures"], &cursor["problem"]),
        (&json!("ok"), &json!(0), &Value::Null)
    );
    let order = order(&world);
    assert_eq!(
        (order.first().map(String::as_str), order.len()),
        (Some("6"), 6),
        "{order:?}"
    );
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!(runs.len(), 6);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_item_stops_no_other_is_recorded_with_the_reason_and_can_be_replayed() -> anyhow::Result<()> {
    let world = world_with(json!({ "tries": 1 })).await?;
    load(&world, (1..=4).map(|id| fresh(&world, id, json!({}))).collect())?;
    let refuse = json!({
        "match": { "method": "POST", "path": "/api/v1/alert", "body": "\"sourceRef\":\"3\"" }, "count": -1,
        "action": { "status": 400, "body": { "type": "BadRequest", "message": "the description hurts" } },
    });
    fault(&world.thehive, refuse).await?;
    let cursor = drain(&world).await?;
    assert_eq!(
        (&cursor["items"]["done"], &cursor["items"]["poison"]),
        (&json!(3), &json!(1)),
        "{cursor:#}"
    );
    let poison = world.items(&path(), "poison").await?;
    assert_eq!(poison[0]["key"], "3", "{poison:#?}");
    let reason = poison[0]["reason"].as_str().context("a reason")?;
    assert!(
        reason.contains("given up after 1 tries") && reason.contains("the description hurts"),
        "{reason}"
    );
    let runs = world.source_runs(ACME, IMPORT).await?;
    let states: Vec<&str> = runs.iter().filter_map(|run| run["state"].as_str()).collect();
    assert_eq!(states, ["partial", "partial"], "together, and then alone");

    world.thehive.control.faults().clear();
    let (code, out, err) = world
        .cli(&[
            "triggers", "show", "--tenant", ACME, IMPORT, TRIGGER, "--items", "poison",
        ])
        .await?;
    assert!(code == 0 && out.contains("the description hurts"), "{out}{err}");
    let id = poison[0]["id"].as_str().context("an id")?;
    let (code, out, err) = world
        .cli(&["triggers", "replay", "--tenant", ACME, IMPORT, TRIGGER, id])
        .await?;
    assert!(code == 0 && out.contains("waits for a run"), "{out}{err}");
    let cursor = drain(&world).await?;
    assert_eq!(
        (&cursor["items"]["done"], &cursor["items"]["poison"]),
        (&json!(4), &json!(0)),
        "{cursor:#}"
    );
    assert_eq!(order(&world).len(), 4);
    let again = world
        .operator()
        .json("POST", &format!("{}/items/none/replay", path()), &[], &json!({}))
        .await?;
    assert_eq!(again.status, 404);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_offense_is_gone_and_no_failure() -> anyhow::Result<()> {
    let world = world_with(json!({})).await?;
    load(&world, vec![fresh(&world, 1, json!({})), fresh(&world, 2, json!({}))])?;
    // Seen in the list, and away before its run reads it.
    fault(
        &world.qradar,
        json!({ "match": { "path": "last_persisted_time" }, "action": { "hold": "page" } }),
    )
    .await?;
    let looking = tokio::spawn({
        let (operator, path) = (world.operator(), path());
        async move { operator.json("POST", &format!("{path}/look"), &[], &json!({})).await }
    });
    held(&world.qradar, "page").await?;
    load(&world, vec![fresh(&world, 2, json!({}))])?;
    release(&world.qradar, "page").await?;
    looking.await??.ok()?;
    drain(&world).await?;
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!(runs[0]["state"], "succeeded", "{:#}", runs[0]);
    let id = runs[0]["id"].as_str().context("an id")?;
    let run = world.end_of(ACME, id).await?;
    assert!(
        support::skipped(&run, 1).contains("does not have it any more"),
        "{run:#}"
    );
    assert_eq!(order(&world), ["2"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_and_closed_offenses_are_told_to_who_watches_them_and_a_cursor_can_be_set() -> anyhow::Result<()> {
    let world = world_with(json!({ "changes": ["new", "closed"] })).await?;
    let first = fresh(&world, 1, json!({}));
    load(&world, vec![first.clone()])?;
    drain(&world).await?;
    assert_eq!(world.source_runs(ACME, IMPORT).await?.len(), 1);
    let mut closed = first.clone();
    let now = support::now(&world);
    support::merge(
        &mut closed,
        json!({ "status": "CLOSED", "close_time": now, "last_persisted_time": now + 1_000, "closing_reason_id": 1 }),
    );
    load(&world, vec![closed.clone()])?;
    drain(&world).await?;
    let done = world.items(&path(), "done").await?;
    assert_eq!(
        (done.len(), &done[0]["change"], &done[0]["times"]),
        (1, &json!("closed"), &json!(2)),
        "{done:#?}"
    );

    let runs = world.source_runs(ACME, IMPORT).await?;
    let run = world.end_of(ACME, runs[1]["id"].as_str().context("an id")?).await?;
    assert!(
        support::skipped(&run, 1).contains("only open offenses are imported"),
        "{run:#}"
    );

    // Set back while the console is down.
    fault(
        &world.qradar,
        json!({ "match": { "path": "/siem/offenses" }, "action": { "status": 503 }, "count": -1 }),
    )
    .await?;
    load(&world, vec![closed.clone(), fresh(&world, 2, json!({}))])?;
    let operator = world.operator();
    let reset = format!("{}/reset", path());
    let later = json!({ "to": support::now(&world) + 3_600_000 });
    assert_eq!(
        operator.json("POST", &reset, &[], &later).await?.status,
        400,
        "the future"
    );
    assert_eq!(
        operator.json("POST", &reset, &[], &json!({ "to": 5 })).await?.status,
        400,
        "before go-live"
    );
    let start = world.cursor(&path()).await?["since"].clone();
    let (code, out, err) = world
        .cli(&[
            "triggers",
            "reset",
            "--tenant",
            ACME,
            IMPORT,
            TRIGGER,
            "--to",
            &start.to_string(),
        ])
        .await?;
    assert!(code == 0 && out.contains("watches siem-acme offenses"), "{out}{err}");
    world.qradar.control.faults().clear();
    let cursor = drain(&world).await?;
    assert_eq!(
        cursor["items"]["done"], 2,
        "what was handed over is not handed over again: {cursor:#}"
    );
    assert_eq!(world.source_runs(ACME, IMPORT).await?.len(), 3);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_to_now_leaves_out_what_is_there() -> anyhow::Result<()> {
    let world = world_with(json!({})).await?;
    let mut old = fresh(&world, 1, json!({}));
    let before = support::now(&world) / 1_000 * 1_000 - 1_000;
    support::merge(
        &mut old,
        json!({ "first_persisted_time": before, "last_persisted_time": before }),
    );
    load(&world, vec![old.clone()])?;
    let cursor = world
        .operator()
        .json("POST", &format!("{}/reset", path()), &[], &json!({ "to": "now" }))
        .await?
        .ok()?;
    assert!(cursor["since"].as_i64() > Some(before), "{cursor:#}");
    load(&world, vec![old, fresh(&world, 2, json!({}))])?;
    drain(&world).await?;
    assert_eq!(order(&world), ["2"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_shows_count_and_samples_acts_only_when_confirmed_keeps_its_rate_and_can_be_stopped()
-> anyhow::Result<()> {
    let world = World::start().await?;
    generate(&world, json!({ "offenses": 30, "age_ms": 86_400_000 })).await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(trigger(json!({ "batch": 4 }))))
        .await?;
    let (operator, path) = (world.operator(), path());
    let backfill = format!("{path}/backfill");
    let since = support::now(&world) - 2 * 86_400_000;
    let shown = operator
        .json(
            "POST",
            &backfill,
            &[],
            &json!({ "since": since, "max": 20, "rate": 600 }),
        )
        .await?
        .ok()?;
    assert_eq!(
        (&shown["count"], &shown["taken"]),
        (&json!(30), &json!(20)),
        "{shown:#}"
    );
    let samples = shown["samples"].as_array().context("samples")?;
    assert_eq!((samples.len(), &samples[0]["id"]), (3, &json!(30)), "{shown:#}");
    assert!(
        samples[0]["description"]
            .as_str()
            .is_some_and(|text| text.contains("Generated rule"))
            && samples[0]["magnitude"].is_u64()
    );
    drain(&world).await?;
    assert_eq!(order(&world).len(), 0, "nothing before it is confirmed");
    for (wrong, status) in [
        (json!({ "confirm": "x" }), 400),
        (json!({}), 400),
        (json!({ "since": "yesterday" }), 400),
        (json!({ "since": since, "max": 0 }), 400),
        (json!({ "since": since, "rate": 100_000 }), 400),
    ] {
        assert_eq!(
            operator.json("POST", &backfill, &[], &wrong).await?.status,
            status,
            "{wrong}"
        );
    }
    let confirm = json!({ "confirm": shown["confirm"] });
    let begun = operator.json("POST", &backfill, &[], &confirm).await?;
    assert_eq!(begun.status, 202);
    assert_eq!(
        operator.json("POST", &backfill, &[], &confirm).await?.status,
        400,
        "an offer is good once"
    );
    let cursor = drain(&world).await?;
    let told = &cursor["backfill"];
    assert_eq!(
        (&told["found"], &told["ended"]),
        (&json!(20), &json!("done")),
        "{cursor:#}"
    );
    let imported = order(&world);
    assert_eq!(imported.len(), 20);
    assert!(
        imported.iter().all(|id| id.parse::<i64>().is_ok_and(|id| id > 10)),
        "the newest: {imported:?}"
    );
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!(runs.len(), 5);

    // The rest, one run a minute: stopped after the first.
    let shown = operator
        .json(
            "POST",
            &backfill,
            &[],
            &json!({ "since": since, "max": 100, "rate": 1 }),
        )
        .await?
        .ok()?;
    assert_eq!(
        shown["count"], 30,
        "what was imported counts, and is not imported again: {shown:#}"
    );
    operator
        .json("POST", &backfill, &[], &json!({ "confirm": shown["confirm"] }))
        .await?
        .ok()?;
    let cursor = world.look(&path).await?;
    assert_eq!(cursor["backfill"]["found"], 10, "{cursor:#}");
    let runs = world.source_runs(ACME, IMPORT).await?;
    assert_eq!(runs.len(), 6, "one a minute");
    world.end_of(ACME, runs[5]["id"].as_str().context("an id")?).await?;
    let (code, out, err) = world
        .cli(&["triggers", "backfill", "--tenant", ACME, IMPORT, TRIGGER, "--stop"])
        .await?;
    assert!(code == 0 && out.contains("stopped"), "{out}{err}");
    let cursor = drain(&world).await?;
    assert_eq!(cursor["items"]["skipped"], 6, "{cursor:#}");
    assert_eq!(order(&world).len(), 24);
    assert_eq!(operator.send("DELETE", &backfill, &[], None).await?.status, 409);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_samples_and_begins_with_the_word_it_was_given() -> anyhow::Result<()> {
    let world = World::start().await?;
    generate(&world, json!({ "offenses": 5, "age_ms": 86_400_000 })).await?;
    world
        .deploy(Deployment::of(IMPORT).triggers(trigger(json!({}))))
        .await?;
    let of = ["--tenant", ACME, IMPORT, TRIGGER];
    let call = |arguments: &[&str]| {
        [&["triggers", "backfill"], &of[..], arguments]
            .concat()
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let run = async |arguments: &[&str]| {
        let arguments = call(arguments);
        world
            .cli(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
            .await
    };
    let (code, out, err) = run(&["--backfill-since", "2020-01-01T00:00:00Z", "--rate", "600"]).await?;
    assert!(
        code == 0 && out.contains("5 items since") && out.contains("Nothing was done yet"),
        "{out}{err}"
    );
    assert_eq!(out.matches("offense ").count(), 3, "{out}");
    let word = out.rsplit("--confirm ").next().context("a word")?.trim().to_owned();
    let (code, out, err) = run(&["--confirm", &word]).await?;
    assert!(code == 0 && out.contains("backfill since 2020-01-01"), "{out}{err}");
    drain(&world).await?;
    assert_eq!(order(&world).len(), 5);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poller_sees_no_more_than_the_deployment_may() -> anyhow::Result<()> {
    let world = World::start().await?;
    let grants = json!([
        { "binding": "qradar", "operations": ["qradar/connection.*", "qradar/offenses.get-offense", "qradar/ariel.*", "qradar/rules.*", "qradar/domains.*"] },
        { "binding": "thehive", "operations": ["*"] },
    ]);
    world
        .deploy(Deployment::of(IMPORT).grants(grants).triggers(trigger(json!({}))))
        .await?;
    let asked = world.qradar.control.requests(0).len();
    let cursor = world.look(&path()).await?;
    let problem = cursor["problem"].as_str().unwrap_or_default();
    assert!(
        problem.contains("no grant covers `qradar/offenses.list-offenses`"),
        "{cursor:#}"
    );
    assert_eq!(world.qradar.control.requests(0).len(), asked, "nothing was asked");
    let (code, out, err) = world.cli(&["triggers", "list", "--tenant", ACME, IMPORT]).await?;
    assert!(
        code == 0 && out.contains("offenses") && out.contains("failing"),
        "{out}{err}"
    );
    // A trigger that the workflow does not understand, or whose binding is another kind's, is refused at once.
    for (guest, with) in [
        ("echo", json!({})),
        (IMPORT, json!({ "binding": "thehive" })),
        (IMPORT, json!({ "watch": "folder", "folder": "x" })),
    ] {
        let refused = world.try_deploy(&Deployment::of(guest).triggers(trigger(with))).await?;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
    world.finish().await
}
