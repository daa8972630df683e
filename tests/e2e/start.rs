//! How does a run start over the API, and what is a wrong request told?

use serde_json::json;
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, assert_problem, header};

const RUNS: &str = "/v1/tenants/acme/deployments/echo/runs";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_accepted_at_once_or_awaited_and_says_where_to_look() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    let api = world.operator();

    let awaited = api
        .json("POST", RUNS, &[("prefer", "wait=30")], &json!({ "n": 1 }))
        .await?;
    assert_eq!(awaited.status, 200, "{}", awaited.body);
    assert_eq!(awaited.body["state"], "succeeded");
    assert_eq!(awaited.body["answer"], json!({ "n": 1 }));
    assert_eq!(awaited.body["trigger"], "api");
    let place = header(&awaited, "location").to_owned();
    assert_eq!(
        place,
        format!(
            "/v1/tenants/{ACME}/runs/{}",
            awaited.body["id"].as_str().unwrap_or_default()
        )
    );

    let accepted = api.json("POST", RUNS, &[], &json!({ "n": 2 })).await?;
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    let ended = api
        .send("GET", header(&accepted, "location"), &[("prefer", "wait=30")], None)
        .await?
        .ok()?;
    assert_eq!(ended["answer"], json!({ "n": 2 }));

    // An empty body is an empty object, whatever its type is said to be.
    let empty = api.send("POST", RUNS, &[("prefer", "wait=30")], None).await?.ok()?;
    assert_eq!(empty["answer"], json!({}));

    // What the waiter was told is what the store says.
    let shown = api.get(&place).await?.ok()?;
    assert_eq!(shown, awaited.body);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_equal_idempotency_keys_start_one_run_and_another_body_is_a_conflict() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    let api = world.operator();
    let send = |key: &'static str, n: u32| {
        let api = api.clone();
        async move {
            api.json(
                "POST",
                RUNS,
                &[("idempotency-key", key), ("prefer", "wait=30")],
                &json!({ "n": n }),
            )
            .await
        }
    };
    let first = send("k-1", 1).await?;
    let second = send("k-1", 1).await?;
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!(header(&first, "idempotency-replayed"), "");
    assert_eq!(header(&second, "idempotency-replayed"), "true");
    assert_eq!(second.body["answer"], json!({ "n": 1 }));
    assert_problem(&send("k-1", 2).await?, 409);
    assert_ne!(send("k-2", 1).await?.body["id"], first.body["id"]);
    let long = "k".repeat(256);
    assert_problem(
        &api.json("POST", RUNS, &[("idempotency-key", &long)], &json!({}))
            .await?,
        400,
    );

    // Five at once: one run.
    let calls = (0..5).map(|_| send("k-3", 3));
    let mut ids: Vec<_> = futures_of(calls)
        .await?
        .into_iter()
        .map(|answer| answer.body["id"].to_string())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let runs = api.get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(3), "{runs:#}");
    world.finish().await
}

async fn futures_of<F>(calls: impl Iterator<Item = F>) -> anyhow::Result<Vec<synapse_tests::Answer>>
where
    F: Future<Output = anyhow::Result<synapse_tests::Answer>> + Send + 'static,
{
    let tasks: Vec<_> = calls.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await??);
    }
    Ok(answers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_refused_as_a_problem_and_leaves_no_run() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    let api = world.operator();
    let json_type = [("content-type", "application/json")];
    let post = |headers: Vec<(&'static str, &'static str)>, body: Vec<u8>| {
        let api = api.clone();
        async move { api.send("POST", RUNS, &headers, Some(body)).await }
    };
    assert_problem(&post(vec![], b"{}".to_vec()).await?, 415);
    assert_problem(&post(vec![("content-type", "text/plain")], b"{}".to_vec()).await?, 415);
    assert_problem(&post(json_type.to_vec(), b"{not json}".to_vec()).await?, 400);
    assert_problem(&post(json_type.to_vec(), b"\"\xff\"".to_vec()).await?, 400);
    assert_problem(&post(json_type.to_vec(), "[".repeat(100_000).into_bytes()).await?, 400);
    // One byte over the limit of an input, and far over that of any body: both are told alike.
    for size in [(1 << 20) + 1, 4 << 20] {
        let text = format!("\"{}\"", "x".repeat(size - 2));
        assert_problem(&post(json_type.to_vec(), text.into_bytes()).await?, 413);
    }
    let list = "/v1/tenants/acme/runs";
    for query in [
        "state=lost",
        "before=yesterday",
        "limit=many",
        "colour=blue",
        "deployment=No%20Name",
    ] {
        assert_problem(&api.get(&format!("{list}?{query}")).await?, 400);
    }
    assert_problem(&api.get("/v1/tenants/acme/deployments/missing").await?, 404);
    assert_problem(
        &api.json("POST", "/v1/tenants/acme/deployments/missing/runs", &[], &json!({}))
            .await?,
        404,
    );
    assert_problem(
        &api.json("POST", "/v1/tenants/nobody/deployments/echo/runs", &[], &json!({}))
            .await?,
        404,
    );
    assert_problem(
        &api.get("/v1/tenants/acme/runs/0190a000-0000-7000-8000-000000000000")
            .await?,
        404,
    );
    assert_problem(&api.get("/v1/tenants/acme/runs/not-an-id").await?, 404);
    assert_problem(&api.get("/nothing/here").await?, 404);
    for (method, path) in [
        ("DELETE", list),
        ("GET", "/t/acme/echo"),
        ("POST", "/healthz"),
        ("PATCH", RUNS),
    ] {
        assert_problem(&api.send(method, path, &[], None).await?, 405);
    }
    assert_problem(&api.with_key("").get(list).await?, 401);
    assert_problem(&api.with_key("syn_0000000000000000_00").get(list).await?, 401);
    assert_eq!(header(&api.with_key("").get(list).await?, "www-authenticate"), "Bearer");
    let runs = api.get(list).await?.ok()?;
    assert_eq!(runs["runs"], json!([]), "something was accepted: {runs:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_workflow_refuses_is_the_callers_fault() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("fails")).await?;
    let api = world.operator();
    let event = json!({ "how": "bad-event", "why": "`colour` is not one of red, green" });

    let refused = api
        .json(
            "POST",
            "/v1/tenants/acme/deployments/fails/runs",
            &[("prefer", "wait=30")],
            &event,
        )
        .await?;
    assert_problem(&refused, 400);
    assert_eq!(refused.body["detail"], "`colour` is not one of red, green");
    let run = refused.body["run"].as_str().unwrap_or_default();
    let shown = api.get(&format!("/v1/tenants/acme/runs/{run}")).await?.ok()?;
    assert_eq!(
        (shown["state"].as_str(), shown["problem"]["code"].as_str()),
        (Some("failed"), Some("bad-event"))
    );

    let refused = api.json("POST", "/t/acme/fails", &[], &event).await?;
    assert_problem(&refused, 400);
    assert_eq!(refused.body["code"], "bad-event");

    // A workflow that gives up is not the caller's fault.
    let failed = api
        .json(
            "POST",
            "/t/acme/fails",
            &[],
            &json!({ "how": "failed", "why": "the console is on fire" }),
        )
        .await?;
    assert_problem(&failed, 502);
    assert_eq!(failed.body["detail"], "the console is on fire");
    let failed = world
        .run(
            ACME,
            "fails",
            json!({ "how": "failed", "why": "the console is on fire" }),
        )
        .await?;
    assert_eq!(failed["problem"]["message"], "the console is on fire");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployments_own_route_answers_what_the_workflow_answers() -> anyhow::Result<()> {
    let world = World::with(Options {
        limits: "running = 8".to_owned(),
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of("echo")).await?;
    let answer = world
        .operator()
        .json("POST", "/t/acme/echo", &[], &json!({ "a": [1, "zwei", null] }))
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({ "a": [1, "zwei", null] }));
    let run = header(&answer, "synapse-run").to_owned();
    assert_eq!(header(&answer, "location"), format!("/v1/tenants/acme/runs/{run}"));
    let shown = world
        .operator()
        .get(&format!("/v1/tenants/acme/runs/{run}"))
        .await?
        .ok()?;
    assert_eq!(
        (shown["trigger"].as_str(), shown["event_type"].as_str()),
        (Some("http"), Some("synapse.http.request"))
    );
    world.finish().await
}
