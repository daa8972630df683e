//! Do callers of the original's routes get what they got from it, and nobody else anything?

use std::time::Duration;

use serde_json::{Value, json};
use synapse_tests::{Answer, Api, Deployment, Options, World};

use crate::support::{self, ACME, IMPORT, UMBRELLA, assert_problem, fault, held, offense, release};

const ROUTE: &str = "/QRadar2alert";

async fn with_compat(more: &str) -> anyhow::Result<World> {
    let sections =
        format!("[compat]\ntenant = \"{ACME}\"\nqradar2alert = \"{IMPORT}\"\news2case = \"{IMPORT}\"\n{more}\n");
    let world = World::with(Options {
        sections,
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    Ok(world)
}

async fn ask(api: &Api) -> anyhow::Result<Answer> {
    api.json("POST", ROUTE, &[], &json!({ "timerange": 60 })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_the_originals_shape_and_the_route_waits_for_the_end() -> anyhow::Result<()> {
    let world = with_compat("").await?;
    let at = support::now(&world);
    support::load_console(
        &world.qradar,
        json!({ "offenses": [offense(7, at, json!({})), offense(8, at, json!({ "magnitude": 9 }))] }),
    )?;
    // No key: loopback is listed by default.
    let anybody = world.operator().with_key("");
    let answer = ask(&anybody).await?.ok()?;
    assert_eq!(answer["success"], true);
    let offenses = answer["offenses"].as_array().cloned().unwrap_or_default();
    assert_eq!(offenses.len(), 2, "{answer:#}");
    for outcome in &offenses {
        assert!(outcome["qradar_offense_id"].is_u64(), "{outcome}");
        assert!(
            outcome["raised_alert_id"]
                .as_str()
                .is_some_and(|id| id.starts_with('~')),
            "{outcome}"
        );
        assert_eq!(outcome["success"], true);
        assert!(
            outcome["message"]
                .as_str()
                .is_some_and(|text| text.contains("imported as alert")),
            "{outcome}"
        );
    }
    // What the original kept to itself.
    assert_eq!((answer["scanned"].as_u64(), &answer["skipped"]), (Some(2), &json!([])));

    let wrong = anybody.json("POST", ROUTE, &[], &json!({ "timerange": "all" })).await?;
    assert_problem(&wrong, 400);
    assert!(
        wrong.body["detail"]
            .as_str()
            .is_some_and(|text| text.contains("timerange")),
        "{}",
        wrong.body
    );
    let version = anybody.get("/version").await?.ok()?;
    assert_eq!(version["name"], "synapse");
    assert!(
        version["version"].is_string() && version["wasmtime"].is_string(),
        "{version}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_compat_the_routes_are_not_there() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    assert_problem(&ask(&world.operator()).await?, 404);
    assert_problem(&ask(&world.operator().with_key("")).await?, 404);
    assert_problem(&world.operator().with_key("").get("/version").await?, 404);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_only_listed_networks_or_a_right_key_get_in_and_only_the_originals_get_starts_anything()
-> anyhow::Result<()> {
    let world = with_compat("allow = [\"10.0.0.0/8\"]").await?;
    let operator = world.operator();
    assert_problem(&ask(&operator.with_key("")).await?, 401);
    assert_eq!(ask(&operator).await?.status, 200);
    let key = async |tenant: &str, scope: &str| {
        let wanted = json!({ "tenant": tenant, "scopes": [scope], "label": "" });
        let made = operator.json("POST", "/v1/keys", &[], &wanted).await?.ok()?;
        anyhow::Ok(operator.with_key(made["key"].as_str().unwrap_or_default()))
    };
    assert_eq!(ask(&key(ACME, "runs:start").await?).await?.status, 200);
    assert_problem(&ask(&key(ACME, "runs:read").await?).await?, 403);
    assert_problem(&ask(&key(UMBRELLA, "runs:start").await?).await?, 404);
    assert_problem(&operator.get(ROUTE).await?, 405);
    assert_eq!(operator.send("HEAD", ROUTE, &[], None).await?.status, 405);
    let runs = || async { operator.get("/v1/tenants/acme/runs").await?.ok() };
    let before = runs().await?;
    assert_eq!(operator.send("HEAD", "/ews2case", &[], None).await?.status, 405);
    assert_problem(&operator.with_key("").get("/ews2case").await?, 401);
    assert_eq!(runs().await?, before);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_even_from_a_listed_network() -> anyhow::Result<()> {
    let world = with_compat("").await?;
    assert_eq!(ask(&world.operator().with_key("")).await?.status, 200);
    assert_problem(
        &ask(&world.operator().with_key("syn_0123456789abcdef_wrong")).await?,
        401,
    );
    let basic = world
        .operator()
        .with_key("")
        .json(
            "POST",
            ROUTE,
            &[("authorization", "Basic YTpi")],
            &json!({ "timerange": 60 }),
        )
        .await?;
    assert_problem(&basic, 401);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_equal_calls_share_one_run() -> anyhow::Result<()> {
    let world = with_compat("").await?;
    let at = support::now(&world);
    support::load_console(&world.qradar, json!({ "offenses": [offense(7, at, json!({}))] }))?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/api/siem/offenses" }, "action": { "hold": "list" } }),
    )
    .await?;
    let api = world.operator();
    let call = |minutes: u32| {
        let api = api.with_key("");
        tokio::spawn(async move { api.json("POST", ROUTE, &[], &json!({ "timerange": minutes })).await })
    };
    let first = call(60);
    held(&world.qradar, "list").await?;
    let (second, other) = (call(60), call(61));
    // The other one is another question, and so another run. It was sent last: once it is there, the second call has arrived, too.
    let runs = "/v1/tenants/acme/runs";
    let arrived = async {
        while api.get(runs).await?.ok()?["runs"].as_array().map_or(0, Vec::len) < 2 {}
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), arrived).await??;
    // Further round trips over the same path, so that a slower task of the server's is through as well.
    for _ in 0..20 {
        api.get(runs).await?.ok()?;
    }
    release(&world.qradar, "list").await?;
    let (first, second, other) = (first.await??, second.await??, other.await??);
    let run = |answer: &Answer| support::header(answer, "synapse-run").to_owned();
    assert_eq!(run(&first), run(&second));
    assert_eq!(first.body, second.body);
    assert_ne!(run(&first), run(&other));
    let list: Value = api.get(runs).await?.ok()?;
    assert_eq!(list["runs"].as_array().map(Vec::len), Some(2), "{list:#}");
    assert_eq!(support::alerts(&world).len(), 1);
    world.finish().await
}
