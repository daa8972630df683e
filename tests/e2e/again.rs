//! Are runs taken up again where they failed, with everything kept that they did? (G6)

use serde_json::{Value, json};
use synapse_tests::hooks::{closed, hook_options};
use synapse_tests::mail::REPORT;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, assert_problem, fault, now};

fn lines(world: &World) -> Vec<String> {
    let dump = world.lab.target.dump();
    let entries = dump["entries"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// A run of which the target refused the second of three lines.
async fn with_a_gap(world: &World, name: &str) -> anyhow::Result<Value> {
    let second = json!({ "method": "POST", "path": "/entries", "body": format!("\"{name}2\"") });
    fault(
        &world.lab,
        json!({ "match": second, "action": { "status": 400 }, "count": 1 }),
    )
    .await?;
    let texts = [1, 2, 3].map(|n| format!("{name}{n}"));
    world.run(ACME, "prober", json!({ "texts": texts })).await
}

async fn retry(world: &World, run: &str, from: Option<u32>) -> anyhow::Result<synapse_tests::Answer> {
    let body = from.map_or(json!({}), |from| json!({ "from": from }));
    world
        .operator()
        .json("POST", &format!("/v1/tenants/{ACME}/runs/{run}/retry"), &[], &body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_repeats_from_the_failed_call_and_makes_no_effect_again() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    let run = with_a_gap(&world, "a").await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    assert_eq!(lines(&world), ["a1", "a3"]);
    let id = run["id"].as_str().unwrap_or_default();
    let (code, said, error) = world.cli(&["runs", "retry", "--tenant", ACME, id]).await?;
    assert_eq!(code, 0, "{error}");
    assert!(said.contains("from call 1"), "{said}");
    let ended = world.end_of(ACME, id).await?;
    assert_eq!(
        (&ended["state"], &ended["attempts"]),
        (&json!("succeeded"), &json!(2)),
        "{ended:#}"
    );
    assert_eq!(lines(&world), ["a1", "a3", "a2"], "the third was adopted");
    assert_eq!(world.lab.control.effects(0).len(), 3);
    let journal = world.journal(ACME, id).await?;
    let hows: Vec<_> = journal["calls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| call["how"].clone())
        .collect();
    assert_eq!(hows, ["performed", "performed", "adopted"], "{journal:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_failed_calls_a_retry_repeats_the_last_one_unless_another_is_named() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    let refuse = json!({ "match": { "method": "POST", "path": "/entries" }, "action": { "status": 400 }, "count": 2 });
    fault(&world.lab, refuse).await?;
    let run = world.run(ACME, "prober", json!({ "texts": ["a", "b", "c"] })).await?;
    assert_eq!(
        (&run["state"], lines(&world)),
        (&json!("partial"), vec!["c".to_owned()]),
        "{run:#}"
    );
    let id = run["id"].as_str().unwrap_or_default();
    for (from, expected, state) in [(None, 1, "partial"), (Some(0), 0, "succeeded")] {
        let answer = retry(&world, id, from).await?;
        assert_eq!(answer.body["from"], expected, "{:#}", answer.body);
        assert_eq!(world.end_of(ACME, id).await?["state"], state);
    }
    assert_eq!(lines(&world), ["c", "b", "a"], "each once");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_would_do_no_good_is_refused_with_the_reason() -> anyhow::Result<()> {
    let world = World::start().await?;
    for guest in ["prober", "fails", "loops"] {
        world
            .deploy(Deployment::of(guest).limits(json!({ "fuel": 50_000_000 })))
            .await?;
    }
    let good = world.run(ACME, "prober", json!({ "texts": ["a"] })).await?;
    let silent = world
        .run(ACME, "fails", json!({ "how": "failed", "why": "no" }))
        .await?;
    let spent = world.run(ACME, "loops", json!({})).await?;
    assert_eq!(spent["problem"]["code"], "cpu-limit", "{spent:#}");
    for (run, from, word) in [
        (&good, None, "`succeeded`"),
        (&silent, None, "no call of the run answered an error"),
        (&silent, Some(7), "there is no call 7"),
        (&spent, None, "higher limit"),
    ] {
        let refused = retry(&world, run["id"].as_str().unwrap_or_default(), from).await?;
        assert_problem(&refused, 409);
        assert!(
            refused.body["detail"].as_str().unwrap_or_default().contains(word),
            "{:#}",
            refused.body
        );
    }
    // Named explicitly, a run without a failed call goes on as well.
    let id = silent["id"].as_str().unwrap_or_default();
    assert_eq!(retry(&world, id, Some(0)).await?.status, 202);
    let ended = world.end_of(ACME, id).await?;
    assert_eq!(
        (&ended["state"], &ended["attempts"]),
        (&json!("failed"), &json!(2)),
        "{ended:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_says_first_what_it_would_do_and_keeps_what_was_done() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    let early = with_a_gap(&world, "early").await?;
    let since = early["created_at"].as_u64().unwrap_or_default() + 1;
    for name in ["b", "c"] {
        assert_eq!(with_a_gap(&world, name).await?["state"], "partial");
    }
    let before = lines(&world);
    let moment = jiff::Timestamp::from_millisecond(i64::try_from(since)?)?.to_string();
    let mut command = vec![
        "events",
        "redrive",
        "--tenant",
        ACME,
        "--deployment",
        "prober",
        "--since",
        &moment,
        "--state",
        "partial",
    ];
    command.push("--dry-run");
    let (code, said, error) = world.cli(&command).await?;
    assert_eq!(code, 0, "{error}");
    assert_eq!(said.matches("would go on from call 1").count(), 2, "{said}");
    assert_eq!(lines(&world), before, "a dry run changes nothing");
    command.pop();
    command.push("--json");
    let (code, said, error) = world.cli(&command).await?;
    assert_eq!(code, 0, "{error}");
    let done: Value = serde_json::from_str(&said)?;
    assert_eq!(
        (done["items"].as_array().map(Vec::len), &done["more"]),
        (Some(2), &json!(false)),
        "{done:#}"
    );
    for item in done["items"].as_array().into_iter().flatten() {
        let ended = world.end_of(ACME, item["run"].as_str().unwrap_or_default()).await?;
        assert_eq!(ended["state"], "succeeded", "{ended:#}");
    }
    let mut all = lines(&world);
    all.sort();
    assert_eq!(
        all,
        ["b1", "b2", "b3", "c1", "c2", "c3", "early1", "early3"],
        "each once, and nothing older"
    );
    let (_, said, _) = world.cli(&command[..command.len() - 1]).await?;
    assert!(said.contains("nothing to take up again"), "{said}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ignored_event_is_evaluated_again_and_starts_its_run_once() -> anyhow::Result<()> {
    let world = World::with(hook_options()).await?;
    let listener = |events: &str| {
        let trigger = json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": [events], "reconcile_seconds": 0 });
        Deployment::of("listener").triggers(json!([trigger]))
    };
    world.deploy(listener("case.created")).await?;
    let told = world.tell(ACME, &closed("~1", now(&world))).await?;
    assert_eq!(told.body["state"], "ignored", "{:#}", told.body);
    let redrive = async |dry_run: bool| {
        let order = json!({ "since": 0, "state": "ignored", "dry_run": dry_run });
        let path = format!("/v1/tenants/{ACME}/deployments/listener/redrive");
        world.operator().json("POST", &path, &[], &order).await?.ok()
    };
    assert_eq!(
        redrive(true).await?["items"],
        json!([]),
        "its triggers still do not want it"
    );
    world.deploy(listener("case.closed")).await?;
    let would = redrive(true).await?;
    assert!(
        would["items"][0]["event"].is_string() && would["items"][0]["run"].is_null(),
        "{would:#}"
    );
    let runs = world.operator().get(&format!("/v1/tenants/{ACME}/runs")).await?.ok()?;
    assert_eq!(runs["runs"], json!([]), "a dry run starts nothing");
    let done = redrive(false).await?;
    let run = done["items"][0]["run"].as_str().unwrap_or_default();
    assert_eq!(world.end_of(ACME, run).await?["state"], "succeeded", "{done:#}");
    assert_eq!(redrive(false).await?["items"], json!([]), "it has its run");
    world.finish().await
}

/// Takes a deployment up again over the API.
async fn redrive(world: &World, deployment: &str, order: Value) -> anyhow::Result<Value> {
    let path = format!("/v1/tenants/{ACME}/deployments/{deployment}/redrive");
    world.operator().json("POST", &path, &[], &order).await?.ok()
}

/// The ids in a redrive's lines.
fn ids(redrive: &Value, name: &str) -> Vec<String> {
    let items = redrive["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item[name].as_str())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_takes_as_many_runs_as_asked_counts_none_that_is_refused_and_says_that_there_are_more()
-> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let mut runs = Vec::new();
    for (label, broken) in [("oldest", true), ("older", true), ("silent", false)] {
        if broken {
            let refuse =
                json!({ "match": { "method": "POST", "path": "/entries" }, "action": { "status": 400 }, "count": 1 });
            fault(&world.lab, refuse).await?;
        }
        let run = world
            .run(ACME, "sleeper", json!({ "waits": [0], "label": label, "fail": true }))
            .await?;
        assert_eq!(run["state"], "failed", "{run:#}");
        runs.push(run["id"].as_str().unwrap_or_default().to_owned());
    }
    let order = |limit: u32| json!({ "since": 0, "state": "failed", "dry_run": true, "limit": limit });
    let one = redrive(&world, "sleeper", order(1)).await?;
    // The one without a failed call is said, and takes no place.
    assert_eq!(
        (ids(&one, "run"), &one["more"]),
        (vec![runs[2].clone(), runs[1].clone()], &json!(true)),
        "{one:#}"
    );
    assert!(
        one["items"][0]["refused"].is_string() && one["items"][1]["refused"].is_null(),
        "{one:#}"
    );
    let all = redrive(&world, "sleeper", order(2)).await?;
    assert_eq!((ids(&all, "run").len(), &all["more"]), (3, &json!(false)), "{all:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_of_events_keeps_to_its_deployment_its_moment_and_its_number() -> anyhow::Result<()> {
    let world = World::with(hook_options()).await?;
    let listener = |name: &str, events: &str| {
        let trigger = json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": [events], "reconcile_seconds": 0 });
        Deployment::of("listener").named(name).triggers(json!([trigger]))
    };
    for name in ["ours", "theirs"] {
        world.deploy(listener(name, "case.created")).await?;
    }
    let mut events = Vec::new();
    for id in ["~1", "~2", "~3"] {
        let told = world.tell(ACME, &closed(id, now(&world))).await?;
        assert_eq!(told.body["state"], "ignored", "{:#}", told.body);
        events.push(told.body["event"].as_str().unwrap_or_default().to_owned());
    }
    world.deploy(listener("theirs", "case.closed")).await?;
    let order =
        |since: &Value, limit: u32| json!({ "since": since, "state": "ignored", "dry_run": true, "limit": limit });
    let all = json!(0);
    assert_eq!(
        redrive(&world, "ours", order(&all, 100)).await?["items"],
        json!([]),
        "theirs would start, ours not"
    );
    let two = redrive(&world, "theirs", order(&all, 2)).await?;
    assert_eq!(
        (ids(&two, "event"), &two["more"]),
        (vec![events[2].clone(), events[1].clone()], &json!(true)),
        "{two:#}"
    );
    let received = world.events(ACME, "").await?[0]["received_at"].clone();
    let last = redrive(&world, "theirs", order(&received, 100)).await?;
    assert_eq!(ids(&last, "event"), [events[2].clone()], "{last:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_a_run_with_files_begins_before_the_first_one_because_they_are_gone() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("ews2case").config(json!({ "settle_seconds": 0 })))
        .await?;
    let refuse = json!({
        "match": { "method": "POST", "path": "/observable", "body": "label.exe" }, "count": 1,
        "action": { "status": 400, "body": { "type": "BadRequest", "message": "not this file" } },
    });
    fault(&world.thehive, refuse).await?;
    world.deliver(ACME, REPORT, json!({})).await?;
    let run = world.run(ACME, "ews2case", json!({})).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    let id = run["id"].as_str().unwrap_or_default();
    let journal = world.journal(ACME, id).await?;
    let calls = journal["calls"].as_array().cloned().unwrap_or_default();
    let first_file = calls
        .iter()
        .find(|call| call["result"].to_string().contains("sha256"))
        .map(|call| call["call"].clone());
    let answer = retry(&world, id, None).await?;
    assert_eq!(answer.status, 202, "{:#}", answer.body);
    assert_eq!(Some(&answer.body["from"]), first_file.as_ref(), "{:#}", answer.body);
    let ended = world.end_of(ACME, id).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    let effects = world.thehive.control.effects(0);
    let of = |path: &str| {
        effects
            .iter()
            .filter(|effect| effect.method == "POST" && effect.path.ends_with(path))
            .count()
    };
    assert_eq!(of("/api/v1/case"), 1, "what was made before is not made again");
    let files: String = effects
        .iter()
        .flat_map(|effect| &effect.objects)
        .map(Value::to_string)
        .collect();
    assert!(
        files.contains("label.exe") && files.contains("invoice 4711.pdf"),
        "{files}"
    );
    world.finish().await
}
