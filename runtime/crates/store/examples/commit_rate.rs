//! How many runs per second can the store record? One run is two requests: accepted and claimed, then ended with ten outcomes and two
//! lines. Prints runs/s, latency and commits per run for 1 and for 16 callers.
//!
//! `cargo run -p synapse-store --example commit_rate [runs] [directory]`: the directory decides which disk is measured.

use std::sync::Arc;
use std::time::Instant;

use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::limits::STANDARD;
use synapse_domain::run::{How, RunState};
use synapse_store::journal::{Entry, Line, LineContent, LogLine, Outcome, Position};
use synapse_store::records::{DeploymentVersion, NewRun, RunEnd};
use synapse_store::sqlite::{Options, SqliteStore};
use synapse_store::traits::{Runs as _, Setups as _, Store as _};

const CALLERS: [u64; 2] = [1, 16];
const READS: u32 = 10;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let runs: u64 = arguments.next().map_or(Ok(8_000), |text| text.parse())?;
    let parent = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    for callers in CALLERS {
        let directory = tempfile::tempdir_in(&parent)?;
        let store = SqliteStore::open(directory.path(), Options::default()).await?;
        store.deploy(deployment()?, Vec::new()).await?;
        measure(&store, callers, runs / if callers == 1 { 4 } else { 1 }).await?;
        store.close().await;
    }
    Ok(())
}

async fn measure(store: &Arc<SqliteStore>, callers: u64, runs: u64) -> Result<(), Failure> {
    let before = store.counters().await?;
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(caller_runs(Arc::clone(store), caller, runs / callers)))
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    let after = store.counters().await?;
    let (count, commits) = (latencies.len() as f64, (after.commits - before.commits) as f64);
    let quantile = |q: usize| latencies.get(latencies.len() * q / 100).copied().unwrap_or(0);
    println!(
        "callers {callers:>2}: {:>6.0} runs/s, p50 {} us, p99 {} us, {:.3} commits/run, {:.2} requests/commit",
        count / elapsed.as_secs_f64(),
        quantile(50),
        quantile(99),
        commits / count,
        (after.requests - before.requests) as f64 / commits,
    );
    Ok(())
}

async fn caller_runs(store: Arc<SqliteStore>, caller: u64, runs: u64) -> Result<Vec<u128>, Failure> {
    let mut latencies = Vec::new();
    for n in 0..runs {
        let start = Instant::now();
        let mut random = [0; 10];
        random[..8].copy_from_slice(&((caller << 32) | n).to_be_bytes());
        let submitted = store
            .submit(run(RunId::new(1_700_000_000_000 + n, random))?, Some("node".into()), 64)
            .await?;
        let claimed = submitted.claimed.ok_or("the run was not claimed at once")?;
        let entries = (0..READS).map(outcome).chain((0..2).map(line)).collect();
        store.end(&claimed.lease, entries, end()).await?;
        latencies.push(start.elapsed().as_micros());
    }
    Ok(latencies)
}

fn deployment() -> Result<DeploymentVersion, Failure> {
    Ok(DeploymentVersion {
        tenant: "acme".parse()?,
        name: "bench".parse()?,
        version: 0,
        component: Digest::of(b""),
        manifest: String::new(),
        config: serde_json::json!({}),
        bindings: Default::default(),
        source_ids: Default::default(),
        limits: STANDARD.run,
        concurrency: 64,
        go_live: 0,
        created_at: 0,
    })
}

fn run(id: RunId) -> Result<NewRun, Failure> {
    let tenant: TenantId = "acme".parse()?;
    let event = Event {
        id: id.to_string(),
        source: "/v1/tenants/acme/deployments/bench".into(),
        kind: "com.example.api.run".into(),
        time: 1_700_000_000_000,
        datacontenttype: "application/json".into(),
        data: r#"{"timerange":60}"#.into(),
    };
    Ok(NewRun {
        tenant,
        id,
        deployment: "bench".parse()?,
        event,
        trigger: "api".into(),
        idempotency: None,
        seed: [7; 32],
        created_at: 1,
    })
}

fn outcome(call: u32) -> Entry {
    Entry::Outcome(Outcome {
        at: Position { call, item: 0 },
        operation: "qradar/offenses.get-offense".into(),
        class: "read".into(),
        binding: "console".into(),
        arguments: format!(r#"{{"id":{call}}}"#),
        effect_key: None,
        result: format!(
            r#"{{"Ok":{{"id":{call},"description":"{}"}}}}"#,
            "Multiple login failures for the same user. ".repeat(5)
        ),
        ok: true,
        how: How::Performed,
        by: None,
        epoch: 1,
        time: 2,
    })
}

fn line(n: u32) -> Entry {
    let content = LineContent::Log(LogLine {
        level: "info".into(),
        message: "looked at ten offenses".into(),
        fields: Vec::new(),
    });
    Entry::Line(Line {
        call: READS,
        n,
        time: 2,
        content,
    })
}

fn end() -> RunEnd {
    RunEnd {
        state: RunState::Succeeded,
        answer: Some(r#"{"success":true}"#.into()),
        problem: None,
        fuel: Some(1_000_000),
        fingerprint: "engine".into(),
        wake: None,
        at: 3,
    }
}
