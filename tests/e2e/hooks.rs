//! What becomes of an event that TheHive sends: who may send it, what it starts, and what is said when it starts nothing?

use std::collections::BTreeMap;

use serde_json::{Value, json};
use synapse_tests::hooks::{closed, hook_options, hook_path, hook_secret, sample, samples, tell};
use synapse_tests::{Answer, Deployment, World};

use crate::support::{ACME, UMBRELLA, assert_problem, merge, now};

/// The listening guest with these events, and whatever else its trigger says.
fn listener(events: &[&str], more: Value) -> Deployment {
    let mut trigger =
        json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": events, "reconcile_seconds": 0 });
    merge(&mut trigger, more);
    Deployment::of("listener").triggers(json!([trigger]))
}

async fn world() -> anyhow::Result<World> {
    World::with(hook_options()).await
}

#[track_caller]
fn runs(answer: &Answer) -> Vec<String> {
    assert!(answer.status == 202 || answer.status == 200, "{answer:?}");
    let runs = answer.body["runs"].as_array().cloned().unwrap_or_default();
    runs.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_starts_a_run_of_every_trigger_that_wants_it_and_of_no_other() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed"], json!({})).named("closed"))
        .await?;
    world
        .deploy(listener(&["case.*"], json!({ "where": [{ "field": "tags", "has": "QRadar" }] })).named("tagged"))
        .await?;
    world
        .deploy(
            listener(
                &["case.closed"],
                json!({ "where": [{ "field": "status", "is-not": "FalsePositive" }] }),
            )
            .named("other"),
        )
        .await?;
    let told = world.tell(ACME, &closed("~1", now(&world))).await?;
    assert_eq!(
        (told.status, &told.body["state"]),
        (202, &json!("accepted")),
        "{}",
        told.body
    );
    let runs = runs(&told);
    assert_eq!(runs.len(), 2, "{}", told.body);
    let mut started = BTreeMap::new();
    for run in &runs {
        let run = world.end_of(ACME, run).await?;
        assert_eq!(
            (&run["state"], &run["trigger"]),
            (&json!("succeeded"), &json!("webhook:heard")),
            "{run:#}"
        );
        assert_eq!(run["event_type"], "synapse.thehive.case.closed");
        started.insert(
            run["deployment"].as_str().unwrap_or_default().to_owned(),
            run["answer"].clone(),
        );
    }
    assert_eq!(started.keys().collect::<Vec<_>>(), ["closed", "tagged"]);
    let event = &started["closed"];
    assert_eq!(
        (
            &event["object"],
            &event["action"],
            &event["stage"],
            &event["status"],
            &event["number"],
            &event["own"]
        ),
        (
            &json!("case"),
            &json!("closed"),
            &json!("Closed"),
            &json!("FalsePositive"),
            &json!(7),
            &json!(false)
        ),
    );
    let shown = world.events(ACME, "").await?;
    assert_eq!(
        (
            shown.len(),
            &shown[0]["event"],
            shown[0]["runs"].as_array().map(Vec::len)
        ),
        (1, &json!("case.closed"), Some(2))
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_closes_a_case_with_the_same_event() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed", "alert.closed"], json!({ "own": true })))
        .await?;
    for (file, name, dialect, impact) in [
        ("v3", "case closed", "v3", "NoImpact"),
        ("v4", "v0 case closed", "v4-0", "NoImpact"),
        ("v5-version0", "case closed", "v5-0", "WithImpact"),
        ("v5-version1", "case closed", "v5-1", "WithImpact"),
    ] {
        // Each at another time: the samples of 4 and 5 are of one case.
        let at = now(&world)
            + 100_000 * i64::from(dialect.as_bytes()[1])
            + 10_000 * i64::from(*dialect.as_bytes().last().unwrap_or(&0));
        let told = world.tell(ACME, &sample(file, name, at)?).await?;
        let runs = runs(&told);
        assert_eq!(runs.len(), 1, "{file}: {}", told.body);
        let event = world.end_of(ACME, &runs[0]).await?["answer"].clone();
        assert_eq!(
            (
                &event["object"],
                &event["action"],
                &event["status"],
                &event["stage"],
                &event["impact"],
                &event["dialect"]
            ),
            (
                &json!("case"),
                &json!("closed"),
                &json!("TruePositive"),
                &json!("Closed"),
                &json!(impact),
                &json!(dialect)
            ),
            "{file}",
        );
    }
    let read = world
        .tell(ACME, &sample("v4", "v0 alert marked read", now(&world))?)
        .await?;
    let run = world.end_of(ACME, &runs(&read)[0]).await?;
    assert_eq!(
        (&run["answer"]["status"], &run["answer"]["alert"]["source-ref"]),
        (&json!("Ignored"), &json!("4711"))
    );
    // Everything else of the 43 is taken as well, and says why it starts nothing.
    for file in ["v3", "v4", "v5-version0", "v5-version1"] {
        for sample in samples(file)? {
            let told = world.tell(ACME, &sample["payload"]).await?;
            assert!(
                told.status == 202 || told.status == 200,
                "{file} {}: {}",
                sample["name"],
                told.body
            );
            assert_eq!(
                told.body["state"], "ignored",
                "{file} {}: {}",
                sample["name"], told.body
            );
            assert!(
                told.body["reason"].as_str().is_some_and(|reason| reason.len() > 10),
                "{}",
                told.body
            );
        }
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d21_the_same_webhook_six_times_at_once_is_one_run() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let payload = closed("~1", now(&world));
    let mut deliveries = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (api, payload) = (world.operator(), payload.clone());
        deliveries.spawn(async move { tell(&api, ACME, &payload).await });
    }
    let (mut started, mut duplicates) = (Vec::new(), 0);
    while let Some(told) = deliveries.join_next().await {
        let told = told??;
        duplicates += usize::from(told.body["duplicate"] == true);
        started.extend(runs(&told));
    }
    started.sort();
    started.dedup();
    assert_eq!((started.len(), duplicates), (1, 5));
    let all = world.operator().get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(all["runs"].as_array().map(Vec::len), Some(1), "{all:#}");
    let events = world.events(ACME, "").await?;
    assert_eq!((events.len(), &events[0]["duplicates"]), (1, &json!(5)));
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (&page["received"], &page["duplicates"], &page["accepted"]),
        (&json!(6), &json!(5), &json!(1)),
        "{page:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d21_a_closure_that_thehive_sends_six_times_is_one_run_and_a_reopening_is_its_own_event() -> anyhow::Result<()>
{
    let world = world().await?;
    world
        .deploy(listener(&["case.closed", "case.reopened"], json!({})))
        .await?;
    world.subscribe(ACME, json!({ "duplicate": 6 })).await?;
    let case = world.new_case(ACME, "Phishing").await?;
    world.close_case(ACME, &case).await?;
    world.sent().await?;
    let reopened = json!({ "status": "InProgress" });
    world
        .analyst(ACME, "PATCH", &format!("/api/v1/case/{case}"), &reopened)
        .await?;
    world.sent().await?;
    let events = world.events(ACME, "?state=accepted").await?;
    let names: Vec<_> = events
        .iter()
        .map(|event| (&event["event"], &event["duplicates"]))
        .collect();
    assert_eq!(
        names,
        [(&json!("case.reopened"), &json!(5)), (&json!("case.closed"), &json!(5))],
        "{events:#?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_connections_own_user_does_starts_nothing_unless_it_is_wanted() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(&["case.closed"], json!({})).named("careful"))
        .await?;
    let mut own = closed("~1", now(&world));
    own["_createdBy"] = json!("synapse@acme");
    let told = world.tell(ACME, &own).await?;
    // Right after the start it may not be known yet who we are: then the event waits for that, and nothing starts in the meantime.
    assert!(runs(&told).is_empty(), "{}", told.body);
    let events = world
        .events_until(ACME, "", |events| events[0]["state"] == "ignored")
        .await?;
    assert!(
        events[0]["reason"].as_str().unwrap_or_default().contains("own user"),
        "{events:#?}"
    );
    world
        .deploy(listener(&["case.closed"], json!({ "own": true })).named("mirror"))
        .await?;
    let mut own = closed("~2", now(&world));
    own["_createdBy"] = json!("synapse@acme");
    let told = world.tell(ACME, &own).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(
        (&run["deployment"], &run["answer"]["own"]),
        (&json!("mirror"), &json!(true))
    );
    let page = world.hook_page(ACME).await?;
    assert_eq!(page["own_login"], "synapse@acme");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_nothing_older_than_the_go_live_point_starts_a_run() -> anyhow::Result<()> {
    let world = world().await?;
    let before = now(&world) - 1;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let told = world.tell(ACME, &closed("~1", before)).await?;
    assert_eq!(told.body["state"], "ignored", "{}", told.body);
    assert!(
        told.body["reason"].as_str().unwrap_or_default().contains("go-live"),
        "{}",
        told.body
    );
    // Told now, closed long ago: it is as old as the closure.
    let mut late = closed("~2", before);
    late["_createdAt"] = json!(now(&world) + 1_000);
    assert_eq!(world.tell(ACME, &late).await?.body["state"], "ignored");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_an_unknown_event_is_ignored_with_a_reason_and_never_a_success() -> anyhow::Result<()> {
    let mut options = hook_options();
    options
        .sections
        .push_str("[compat]\ntenant = \"acme\"\nwebhook = \"hive\"\n");
    let world = World::with(options).await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    for (payload, word) in [
        (json!({ "hello": "world" }), "objectType"),
        (json!([1, 2]), "no JSON object"),
        (
            sample("v4", "v0 alert marked read", now(&world))?,
            "no trigger listens for `alert.closed`",
        ),
        (
            sample("v4", "v0 case share", now(&world))?,
            "follows from another event",
        ),
    ] {
        let told = world.tell(ACME, &payload).await?;
        assert_eq!(
            (told.status, &told.body["state"]),
            (202, &json!("ignored")),
            "{}",
            told.body
        );
        assert!(
            told.body["reason"].as_str().unwrap_or_default().contains(word),
            "{}",
            told.body
        );
        // The original's URL says the same in the original's words, and does not call it a success.
        let old = world
            .operator()
            .with_key("")
            .json("POST", "/webhook", &[], &payload)
            .await?
            .ok()?;
        assert_eq!(
            (&old["success"], &old["action"]),
            (&json!(false), &json!("None")),
            "{old}"
        );
    }
    let page = world.hook_page(ACME).await?;
    assert_eq!(
        (&page["ignored"], &page["duplicates"]),
        (&json!(4), &json!(4)),
        "{page:#}"
    );
    assert!(
        page["last_ignored_at"].is_u64() && page["last_received_at"].is_u64(),
        "{page:#}"
    );
    let old = world
        .operator()
        .with_key("")
        .json("POST", "/webhook", &[], &closed("~1", now(&world)))
        .await?
        .ok()?;
    assert_eq!(
        (&old["success"], &old["action"], old["runs"].as_array().map(Vec::len)),
        (&json!(true), &json!("run"), Some(1)),
        "{old}"
    );
    // What is no JSON at all is the sender's mistake.
    let api = world.operator().with_key(&hook_secret(ACME));
    assert_problem(
        &api.send("POST", &hook_path(ACME), &[], Some(b"<xml/>".to_vec()))
            .await?,
        400,
    );
    world.finish().await
}

/// Connections that differ in how TheHive has to show who it is.
const AUTHS: [(&str, &str, &str); 6] = [
    (
        "bearer",
        "auth = { scheme = \"bearer\", secret = { env = \"HOOK_acme\" } }",
        "Bearer SECRET",
    ),
    (
        "basic",
        "auth = { scheme = \"basic\", user = \"hive\", secret = { env = \"HOOK_acme\" } }",
        "",
    ),
    (
        "key",
        "auth = { scheme = \"key\", secret = { env = \"HOOK_acme\" } }",
        "SECRET",
    ),
    (
        "prefixed",
        "auth = { scheme = \"key\", prefix = \"ApiKey\", secret = { env = \"HOOK_acme\" } }",
        "ApiKey SECRET",
    ),
    (
        "path",
        "auth = { scheme = \"path\", secret = { env = \"HOOK_acme\" } }",
        "",
    ),
    (
        "elsewhere",
        "allow = [\"192.0.2.0/24\"]\nauth = { scheme = \"bearer\", secret = { env = \"HOOK_acme\" } }",
        "Bearer SECRET",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn row_69_only_who_shows_the_secret_from_a_listed_address_is_heard_and_nothing_is_kept_of_others()
-> anyhow::Result<()> {
    use base64::Engine as _;
    let mut options = hook_options();
    for (name, webhook, _) in AUTHS {
        options.sections.push_str(&format!(
            "[tenants.acme.connections.{name}]\nkind = \"thehive\"\nurl = \"http://127.0.0.1:9\"\nallow_http = true\nallow = [\"127.0.0.0/8\"]\nsource_id = \"{name}\"\n\
             auth = {{ scheme = \"bearer\", secret = {{ env = \"HIVE_acme\" }} }}\n[tenants.acme.connections.{name}.webhook]\n{webhook}\n"
        ));
    }
    options.sections.push_str(
        "[tenants.acme.connections.closed]\nkind = \"thehive\"\nurl = \"http://127.0.0.1:9\"\nallow_http = true\nallow = [\"127.0.0.0/8\"]\nsource_id = \"closed\"\n\
         auth = { scheme = \"bearer\", secret = { env = \"HIVE_acme\" } }\n",
    );
    let world = World::with(options).await?;
    let api = world.operator().with_key("");
    let secret = hook_secret(ACME);
    let body = closed("~1", now(&world));
    let post = async |path: &str, authorization: &str| {
        let headers = [("authorization", authorization)];
        let headers = if authorization.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        api.json("POST", path, headers, &body).await
    };
    for (name, _, header) in AUTHS {
        let path = format!("/t/acme/hooks/thehive/{name}");
        let basic = |password: &str| {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("hive:{password}"));
            format!("Basic {pair}")
        };
        let right = match name {
            "basic" => basic(&secret),
            _ => header.replace("SECRET", &secret),
        };
        let there = if name == "path" {
            format!("{path}/{secret}")
        } else {
            path.clone()
        };
        let expected = if name == "elsewhere" { 401 } else { 202 };
        let told = post(&there, &right).await?;
        assert_eq!(told.status, expected, "{name}: {}", told.body);
        let wrong = [
            (path.clone(), String::new()),
            (path.clone(), format!("Bearer {}", hook_secret(UMBRELLA))),
            (path.clone(), format!("Bearer {secret}x")),
            (path.clone(), basic("guess")),
            (format!("{path}/{secret}x"), String::new()),
            (format!("{path}/guess"), String::new()),
        ];
        for (path, authorization) in &wrong {
            let told = post(path, authorization).await?;
            assert_problem(&told, 401);
            assert!(!told.body.to_string().contains("canary"), "{}", told.body);
        }
        let page = format!("/v1/tenants/acme/connections/{name}/webhook");
        let page = world.operator().get(&page).await?.ok()?;
        let heard = u64::from(expected == 202);
        assert_eq!(
            (&page["received"], page["refused_since_start"].as_u64()),
            (&json!(heard), Some(7 - heard)),
            "{name}: {page:#}"
        );
        assert!(page["last_refused_reason"].is_string(), "{page:#}");
    }
    // Unknown, foreign and not configured are one answer, whatever is shown.
    let mut answers = Vec::new();
    for path in [
        "/t/acme/hooks/thehive/closed",
        "/t/acme/hooks/thehive/nothing",
        "/t/acme/hooks/thehive/siem",
        "/t/nowhere/hooks/thehive/hive",
        "/t/umbrella/hooks/thehive/bearer",
    ] {
        for authorization in ["", &format!("Bearer {secret}")] {
            answers.push(post(path, authorization).await?);
        }
    }
    for answer in &answers {
        assert_problem(answer, 404);
        assert_eq!(answer.body, answers[0].body);
    }
    // A refused sender leaves nothing behind.
    assert_eq!(world.events(ACME, "").await?.len(), AUTHS.len() - 1);
    assert!(world.events(UMBRELLA, "").await?.is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_payload_fits_without_the_object_it_is_about_and_a_large_event_does_not() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.*"], json!({}))).await?;
    let mut large = closed("~1", now(&world));
    large["object"]["description"] = json!("x".repeat(3 << 20));
    large["context"] = large["object"].clone();
    let told = world.tell(ACME, &large).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(run["answer"]["title"], "Phishing");
    let mut too_large = closed("~2", now(&world));
    too_large["details"]["summary"] = json!("x".repeat(1 << 20));
    assert_problem(&world.tell(ACME, &too_large).await?, 413);
    let mut body = closed("~3", now(&world));
    body["context"] = json!("x".repeat(9 << 20));
    assert_problem(&world.tell(ACME, &body).await?, 413);
    assert_eq!(
        world.events(ACME, "").await?.len(),
        1,
        "what was refused was not recorded"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_credentials_in_a_payload_are_not_kept() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let mut payload = closed("~1", now(&world));
    payload["object"]["title"] = json!(format!(
        "Use {} or {}",
        synapse_tests::hive_key(ACME),
        hook_secret(ACME)
    ));
    let told = world.tell(ACME, &payload).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(run["answer"]["title"], "Use [redacted] or [redacted]");
    // Searches the whole folder for both.
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_could_never_fire_is_refused_by_name_when_it_is_deployed() -> anyhow::Result<()> {
    let world = world().await?;
    for (trigger, place, word) in [
        (json!({ "events": ["case.close"] }), "triggers[0].events[0]", "closed"),
        (
            json!({ "events": ["offense.closed"] }),
            "triggers[0].events[0]",
            "alert",
        ),
        (json!({ "events": [] }), "triggers[0].events", "1 to 32"),
        (
            json!({ "where": [{ "field": "verdict", "is": "x" }] }),
            "triggers[0].where[0].field",
            "status",
        ),
        (
            json!({ "where": [{ "field": "case.title", "is": "x" }] }),
            "triggers[0].where[0].field",
            "number",
        ),
        (
            json!({ "reconcile_seconds": 604_801 }),
            "triggers[0].reconcile_seconds",
            "604800",
        ),
        (json!({ "binding": "nothing" }), "triggers[0].binding", "not bound"),
    ] {
        let answer = world.try_deploy(&listener(&["case.closed"], trigger.clone())).await?;
        assert_problem(&answer, 422);
        assert_eq!(answer.body["place"], place, "{trigger}: {}", answer.body);
        assert!(
            answer.body["detail"].as_str().unwrap_or_default().contains(word),
            "{}",
            answer.body
        );
    }
    let misspelt = listener(
        &["case.closed"],
        json!({ "where": [{ "field": "tags", "contains": "x" }] }),
    );
    let answer = world.try_deploy(&misspelt).await?;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(
        answer.body["detail"]
            .as_str()
            .unwrap_or_default()
            .contains("`contains` is no test"),
        "{}",
        answer.body
    );
    let deaf = Deployment::of("echo")
        .triggers(json!([{ "kind": "webhook", "name": "n", "binding": "b", "events": ["case.closed"] }]));
    assert_problem(&world.try_deploy(&deaf).await?, 422);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_in_pages_by_state_deployment_and_time_and_on_the_command_line() -> anyhow::Result<()> {
    let world = world().await?;
    world
        .deploy(listener(
            &["case.closed"],
            json!({ "where": [{ "field": "id", "begins": "~a" }] }),
        ))
        .await?;
    let start = now(&world);
    for id in ["~a1", "~b1", "~a2", "~b2", "~b3"] {
        world.tell(ACME, &closed(id, now(&world))).await?.ok()?;
    }
    let ids = |events: &[Value]| {
        events
            .iter()
            .map(|event| event["object_id"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&world.events(ACME, "").await?), ["~b3", "~b2", "~a2", "~b1", "~a1"]);
    assert_eq!(ids(&world.events(ACME, "?state=accepted").await?), ["~a2", "~a1"]);
    assert_eq!(
        ids(&world.events(ACME, "?state=ignored&limit=2").await?),
        ["~b3", "~b2"]
    );
    assert_eq!(ids(&world.events(ACME, "?deployment=listener").await?), ["~a2", "~a1"]);
    assert_eq!(ids(&world.events(ACME, "?deployment=other").await?), [""; 0]);
    assert_eq!(ids(&world.events(ACME, "?state=failed").await?), [""; 0]);
    assert_eq!(world.events(ACME, &format!("?since={start}")).await?.len(), 5);
    assert_eq!(
        world
            .events(ACME, &format!("?since={}", now(&world) + 60_000))
            .await?
            .len(),
        0
    );
    let page = world.operator().get("/v1/tenants/acme/events?limit=2").await?.ok()?;
    let next = page["next_before"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        ids(&world.events(ACME, &format!("?limit=2&before={next}")).await?),
        ["~a2", "~b1"]
    );
    for wrong in ["?state=odd", "?since=yesterday", "?before=1", "?colour=red"] {
        assert_problem(
            &world.operator().get(&format!("/v1/tenants/acme/events{wrong}")).await?,
            400,
        );
    }
    let event = world.events(ACME, "?limit=1").await?[0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let shown = world
        .operator()
        .get(&format!("/v1/tenants/acme/events/{event}"))
        .await?
        .ok()?;
    assert_eq!(
        (&shown["data"]["id"], &shown["data"]["action"]),
        (&json!("~b3"), &json!("closed")),
        "{shown:#}"
    );
    assert_problem(
        &world
            .operator()
            .get(&format!("/v1/tenants/umbrella/events/{event}"))
            .await?,
        404,
    );
    let (code, out, err) = world
        .cli(&["events", "list", "--tenant", "acme", "--state", "ignored"])
        .await?;
    assert_eq!((code, out.lines().count()), (0, 4), "{out}{err}");
    assert!(
        out.contains("case.closed") && out.contains("`id` does not begin with `~a`"),
        "{out}"
    );
    let (code, out, _) = world.cli(&["events", "show", "--tenant", "acme", &event]).await?;
    assert!(code == 0 && out.contains("FalsePositive"), "{out}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d08_metrics_say_what_became_of_webhooks_and_when_the_last_one_came() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let payload = closed("~1", now(&world));
    for _ in 0..2 {
        world.tell(ACME, &payload).await?.ok()?;
    }
    let text = world
        .operator()
        .get("/metrics")
        .await?
        .body
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for line in [
        "synapse_webhooks_total{outcome=\"accepted\"} 1",
        "synapse_webhooks_total{outcome=\"duplicate\"} 1",
        "synapse_webhook_last_received_seconds{tenant=\"acme\",connection=\"hive\"} ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(
        !text.contains("synapse_webhook_last_received_seconds{tenant=\"umbrella\""),
        "nothing came there"
    );
    world.finish().await
}
