//! What would the same rows cost without a platform? Plain axum that writes a run's rows and bytes in the same two transactions through
//! the same committer: the floor that `runs_10_reads` is divided by; and an event's rows, alone and with its run, for the webhooks.
//!
//! `synapse-floor <folder> <result bytes>` prints its URL as one JSON line, then answers `POST /run`, `/hook` and `/closing` until it is
//! killed.

mod hooks;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::RunId;
use synapse_domain::limits::STANDARD;
use synapse_domain::run::{How, RunState};
use synapse_store::journal::{Entry, Outcome, Position};
use synapse_store::records::{DeploymentVersion, NewRun, RunEnd};
use synapse_store::sqlite::{Options, SqliteStore};
use synapse_store::traits::{Runs as _, Setups as _, Store as _};

/// Reads of a run of the benchmark.
const READS: u32 = 10;

struct Floor {
    store: Arc<SqliteStore>,
    result: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .context("usage: synapse-floor <folder> <result bytes>")?;
    let bytes: usize = arguments.next().context("how many bytes has a result?")?.parse()?;
    let store = SqliteStore::open(Path::new(&folder), Options::default()).await?;
    store.deploy(deployment()?, Vec::new()).await?;
    let result = serde_json::json!({ "Ok": "x".repeat(bytes) }).to_string();
    let router = Router::new()
        .route("/run", post(run))
        .route("/hook", post(hooks::ignored))
        .route("/closing", post(hooks::closing))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(Floor { store, result }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    announce(&format!("http://{}", listener.local_addr()?));
    Ok(axum::serve(listener, router).await?)
}

#[expect(clippy::print_stdout, reason = "the line is for the benchmark that starts this")]
fn announce(url: &str) {
    println!("{}", serde_json::json!({ "listening": url }));
}

async fn run(State(floor): State<Arc<Floor>>, body: Bytes) -> Result<impl IntoResponse, StatusCode> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let data = String::from_utf8(body.to_vec()).map_err(|_| StatusCode::BAD_REQUEST)?;
    let now = SystemClock.now();
    let run = new_run(now, data).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let submitted = floor
        .store
        .submit(run, Some("node".to_owned()), 64)
        .await
        .map_err(failed)?;
    let claimed = submitted.claimed.ok_or(StatusCode::TOO_MANY_REQUESTS)?;
    let entries = (0..READS).map(|call| outcome(call, &floor.result, now)).collect();
    let answer = r#"{"reads":10,"bytes":5120,"digest":"0123456789abcdef"}"#;
    floor
        .store
        .end(&claimed.lease, entries, end(answer, now))
        .await
        .map_err(failed)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], answer))
}

async fn metrics(State(floor): State<Arc<Floor>>) -> Result<String, StatusCode> {
    let counters = floor
        .store
        .counters()
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(format!("synapse_store_commits_total {}\n", counters.commits))
}

fn deployment() -> anyhow::Result<DeploymentVersion> {
    Ok(DeploymentVersion {
        tenant: "demo".parse()?,
        name: "reader".parse()?,
        version: 0,
        component: Digest::of(b""),
        manifest: String::new(),
        config: serde_json::json!({}),
        bindings: Default::default(),
        source_ids: Default::default(),
        triggers: Vec::new(),
        limits: STANDARD.run,
        concurrency: 64,
        go_live: 0,
        created_at: 0,
    })
}

fn new_run(now: u64, data: String) -> anyhow::Result<NewRun> {
    let (mut random, mut seed) = ([0; 10], [0; 32]);
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let id = RunId::new(now, random);
    let event = Event {
        id: id.to_string(),
        source: "/t/demo/deployments/reader".to_owned(),
        kind: "synapse.http.request".to_owned(),
        time: now,
        datacontenttype: "application/json".to_owned(),
        data,
    };
    let (tenant, deployment) = ("demo".parse()?, "reader".parse()?);
    Ok(NewRun {
        tenant,
        id,
        deployment,
        event,
        trigger: "http".to_owned(),
        idempotency: None,
        seed,
        created_at: now,
    })
}

fn outcome(call: u32, result: &str, now: u64) -> Entry {
    Entry::Outcome(Outcome {
        at: Position { call, item: 0 },
        operation: "lab/target.read".to_owned(),
        class: "read".to_owned(),
        binding: "lab".to_owned(),
        arguments: format!(r#"{{"key":"key-{call}","size":512}}"#),
        effect_key: None,
        result: result.to_owned(),
        ok: true,
        how: How::Performed,
        by: None,
        epoch: 1,
        time: now,
    })
}

fn end(answer: &str, now: u64) -> RunEnd {
    RunEnd {
        state: RunState::Succeeded,
        answer: Some(answer.to_owned()),
        problem: None,
        fuel: Some(1_000_000),
        fingerprint: "wasmtime-48.0.8-0123456789abcdef".to_owned(),
        wake: None,
        at: now,
    }
}
