//! How are runs listed, explained and stopped over the API?

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::support::{self, ACME, IMPORT, UMBRELLA, assert_problem, fault, held, offense};

fn ids(list: &Value) -> Vec<String> {
    list["runs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|run| run["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_newest_first_filtered_and_page_by_page() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    world.deploy(Deployment::of("fails")).await?;
    let api = world.operator();
    let mut all = Vec::new();
    for n in 0..5 {
        let run = world.run(ACME, "echo", json!({ "n": n })).await?;
        all.insert(0, run["id"].as_str().unwrap_or_default().to_owned());
    }
    let failed = world
        .run(ACME, "fails", json!({ "how": "failed", "why": "no" }))
        .await?;
    all.insert(0, failed["id"].as_str().unwrap_or_default().to_owned());

    let list = api.get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(ids(&list), all);
    assert_eq!(list["next_before"], Value::Null);

    // Pages neither overlap nor leave anything out, also where the last one is full.
    let mut paged = Vec::new();
    let mut before = String::new();
    loop {
        let page = api.get(&format!("/v1/tenants/acme/runs?limit=2{before}")).await?.ok()?;
        paged.extend(ids(&page));
        let Some(next) = page["next_before"].as_str() else {
            break;
        };
        before = format!("&before={next}");
    }
    assert_eq!(paged, all);

    let echo = api.get("/v1/tenants/acme/runs?deployment=echo").await?.ok()?;
    assert_eq!(ids(&echo), all[1..]);
    let failed = api.get("/v1/tenants/acme/runs?state=failed").await?.ok()?;
    assert_eq!(ids(&failed), all[..1]);
    let both = api
        .get("/v1/tenants/acme/runs?state=failed&deployment=echo")
        .await?
        .ok()?;
    assert_eq!(both["runs"], json!([]));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g9_a_key_sees_its_own_tenant_and_does_what_its_scopes_say() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    world.deploy(Deployment::of("echo").tenant(UMBRELLA)).await?;
    let run = world.run(UMBRELLA, "echo", json!({})).await?;
    let id = run["id"].as_str().unwrap_or_default();
    let wanted = json!({ "tenant": ACME, "scopes": ["runs:read"], "label": "dashboards" });
    let made = world.operator().json("POST", "/v1/keys", &[], &wanted).await?.ok()?;
    let reader = world.operator().with_key(made["key"].as_str().unwrap_or_default());

    assert_eq!(reader.get("/v1/tenants/acme/runs").await?.ok()?["runs"], json!([]));
    let start = reader
        .json("POST", "/v1/tenants/acme/deployments/echo/runs", &[], &json!({}))
        .await?;
    assert_problem(&start, 403);
    assert_eq!(start.body["scope"], "runs:start");
    assert_problem(&reader.get("/v1/keys").await?, 403);

    // A foreign tenant, its runs, and a tenant that does not exist answer alike.
    let foreign = reader.get("/v1/tenants/umbrella/runs").await?;
    let absent = reader.get("/v1/tenants/nobody/runs").await?;
    assert_problem(&foreign, 404);
    assert_eq!(foreign.body, absent.body);
    for path in [
        format!("/v1/tenants/umbrella/runs/{id}"),
        format!("/v1/tenants/acme/runs/{id}"),
        format!("/v1/tenants/acme/runs/{id}/journal"),
    ] {
        let answer = reader.get(&path).await?;
        assert_problem(&answer, 404);
        assert_eq!(answer.body, absent.body, "{path}");
    }
    let key = made["id"].as_str().unwrap_or_default();
    assert_eq!(
        world
            .operator()
            .send("DELETE", &format!("/v1/keys/{key}"), &[], None)
            .await?
            .status,
        204
    );
    assert_problem(&reader.get("/v1/tenants/acme/runs").await?, 401);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_explains_every_call_and_holds_log_and_report() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    support::load_console(&world.qradar, json!({ "offenses": [offense(7, at, json!({}))] }))?;
    let run = support::import(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let id = run["id"].as_str().unwrap_or_default();
    let journal = world.journal(ACME, id).await?;
    assert_eq!((&journal["run"], &journal["state"]), (&run["id"], &run["state"]));

    let calls = journal["calls"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<_> = calls.iter().map(|call| call["call"].as_u64()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let of = |operation: &str| {
        calls
            .iter()
            .find(|call| call["operation"] == operation)
            .cloned()
            .unwrap_or_default()
    };
    let listed = of("qradar/offenses.list-offenses");
    assert_eq!(
        (&listed["class"], &listed["binding"], &listed["how"], &listed["ok"]),
        (&json!("read"), &json!("qradar"), &json!("performed"), &json!(true))
    );
    assert_eq!(listed["result"]["Ok"]["offenses"][0]["id"], 7, "{listed:#}");
    assert!(
        listed["arguments"].is_object() && listed["marker"].is_null(),
        "{listed:#}"
    );

    let created = of("thehive/alerts.create-alerts");
    assert_eq!(
        (&created["class"], &created["binding"], &created["how"]),
        (&json!("keyed"), &json!("thehive"), &json!("performed"))
    );
    let effect = world.thehive.control.effects(0).remove(0);
    assert_eq!(
        created["marker"].as_str(),
        effect.marker.as_deref(),
        "the journal names the marker that is at the target"
    );
    assert_eq!(created["result"]["Ok"]["id"].as_str(), effect.id.as_deref());
    let sending = &created["sendings"][0];
    assert!(
        sending["send_before"].as_u64() > sending["time"].as_u64(),
        "{created:#}"
    );
    assert_eq!(of("workflow/state.apply")["class"], "local");

    let report = &journal["report"];
    assert_eq!(report["scanned"][0]["count"], 1);
    assert_eq!(
        (&report["items"][0]["subject"], &report["items"][0]["verdict"]),
        (&json!("offense 7"), &json!("created"))
    );

    // In pages, the same calls.
    let mut paged = Vec::new();
    let mut from = 0;
    loop {
        let page = world
            .operator()
            .get(&format!("/v1/tenants/acme/runs/{id}/journal?limit=3&from={from}"))
            .await?
            .ok()?;
        paged.extend(page["calls"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["next_from"].as_u64() else { break };
        from = next;
    }
    assert_eq!(paged, calls);

    world.deploy(Deployment::of("echo")).await?;
    let echo = world.run(ACME, "echo", json!({})).await?;
    let journal = world.journal(ACME, echo["id"].as_str().unwrap_or_default()).await?;
    let line = &journal["log"][0];
    assert_eq!((&line["level"], &line["message"]), (&json!("info"), &json!("echo")));
    assert_eq!(line["fields"], json!([["deployment", "echo"]]));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_under_way_or_queued_and_a_finished_one_is_not() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/api/siem/offenses" }, "action": { "hold": "list" } }),
    )
    .await?;
    let api = world.operator();
    let running = world.begin(ACME, IMPORT, json!({ "timerange": 60 })).await?;
    held(&world.qradar, "list").await?;
    // The deployment's runs are serial, so this one waits for its turn.
    let queued = world.begin(ACME, IMPORT, json!({ "timerange": 61 })).await?;
    let cancel = |run: String| {
        let api = api.clone();
        async move {
            api.send("POST", &format!("/v1/tenants/acme/runs/{run}/cancel"), &[], None)
                .await
        }
    };

    let answer = cancel(queued.clone()).await?;
    assert_eq!((answer.status, &answer.body["state"]), (200, &json!("cancelled")));
    let answer = cancel(running.clone()).await?;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let ended = world.end_of(ACME, &running).await?;
    assert_eq!(
        (&ended["state"], &ended["problem"]["code"]),
        (&json!("cancelled"), &json!("cancelled")),
        "{ended:#}"
    );

    for run in [queued, running] {
        assert_problem(&cancel(run).await?, 409);
    }
    assert_problem(&cancel("0190a000-0000-7000-8000-000000000000".to_owned()).await?, 404);
    assert_eq!(world.thehive.control.effects(0).len(), 0);

    // The deployment's next run is not held up by the cancelled ones.
    let next = support::import(&world).await?;
    assert_eq!(next["state"], "succeeded", "{next:#}");
    world.finish().await
}
