//! Which deployments, runs and entries do the rules use?

use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::limits::STANDARD;
use synapse_domain::permission::{Grant, Pattern};
use synapse_domain::run::{How, RunState};
use synapse_store::journal::{Entry, Intent, Line, LineContent, LogLine, Outcome, Position};
use synapse_store::records::{Claimed, DeploymentVersion, Lease, NewRun, Problem, RunEnd, Submitted};
use synapse_store::traits::Store;

/// Enough places for every test that is not about places.
pub const PLACES: u32 = 100;
pub const NODE: &str = "node-1";

pub fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

pub fn name(name: &str) -> DeploymentName {
    name.parse().unwrap()
}

pub fn version(tenant_name: &str, deployment: &str, concurrency: u32) -> DeploymentVersion {
    DeploymentVersion {
        tenant: tenant(tenant_name),
        name: name(deployment),
        version: 0,
        component: Digest::of(b"component"),
        manifest: "name = \"x\"".into(),
        config: serde_json::json!({"window": 60}),
        bindings: [("console".parse().unwrap(), "qradar-eu".parse().unwrap())].into(),
        source_ids: [("console".parse().unwrap(), "src-1".into())].into(),
        triggers: Vec::new(),
        limits: STANDARD.run,
        concurrency,
        go_live: 1_000,
        created_at: 1_000,
    }
}

pub fn grant(binding: &str, operation: &str) -> Grant {
    Grant {
        binding: binding.parse().unwrap(),
        operations: vec![Pattern(operation.into())],
        scopes: Default::default(),
    }
}

pub async fn deploy(store: &dyn Store, tenant: &str, deployment: &str, concurrency: u32) {
    store
        .deploy(
            version(tenant, deployment, concurrency),
            vec![grant("console", "qradar/*")],
        )
        .await
        .unwrap();
}

/// A run's id: number `n` of all, so that a higher `n` is a younger run.
pub fn id(n: u64) -> RunId {
    RunId::new(1_700_000_000_000 + n, [0; 10])
}

pub fn new_run(tenant_name: &str, deployment: &str, n: u64) -> NewRun {
    NewRun {
        tenant: tenant(tenant_name),
        id: id(n),
        deployment: name(deployment),
        event: Event {
            id: format!("event-{n}"),
            source: "/tests".into(),
            kind: "com.example.test".into(),
            time: n,
            datacontenttype: "application/json".into(),
            data: format!("{{\"n\":{n}}}"),
        },
        trigger: "api".into(),
        idempotency: None,
        seed: [u8::try_from(n % 256).unwrap(); 32],
        created_at: n,
    }
}

/// Accepts a run without starting it.
pub async fn queue(store: &dyn Store, tenant: &str, deployment: &str, n: u64) -> RunId {
    let submitted = store
        .submit(new_run(tenant, deployment, n), None, PLACES)
        .await
        .unwrap();
    assert_eq!(
        submitted,
        Submitted {
            run: id(n),
            created: true,
            claimed: None
        }
    );
    submitted.run
}

/// Accepts a run and starts it.
pub async fn start(store: &dyn Store, tenant: &str, deployment: &str, n: u64) -> Claimed {
    let submitted = store
        .submit(new_run(tenant, deployment, n), Some(NODE.into()), PLACES)
        .await
        .unwrap();
    submitted.claimed.expect("the run has a place")
}

/// Claims one run.
pub async fn claim_one(store: &dyn Store, node: &str, now: Timestamp) -> Claimed {
    let claimed = store.claim(node, now, 1, PLACES).await.unwrap();
    assert_eq!(claimed.len(), 1, "one run can be claimed");
    claimed.into_iter().next().unwrap()
}

pub async fn state_of(store: &dyn Store, lease: &Lease) -> RunState {
    store.run(&lease.tenant, lease.run).await.unwrap().state
}

pub fn end(state: RunState) -> RunEnd {
    let problem = (state != RunState::Succeeded).then(|| Problem {
        code: "test".into(),
        message: format!("ended {}", state.as_str()),
        detail: Some(serde_json::json!({"evidence": [1, 2]})),
    });
    RunEnd {
        state,
        answer: Some("{\"n\":1}".into()),
        problem,
        fuel: Some(77),
        fingerprint: "engine-1".into(),
        wake: None,
        at: 9_000,
    }
}

pub fn wait_until(wake: Timestamp, cut_from: Option<u32>) -> RunEnd {
    RunEnd {
        wake: Some((wake, cut_from)),
        answer: None,
        problem: None,
        ..end(RunState::Waiting)
    }
}

pub fn outcome_at(call: u32, item: u32, epoch: u32) -> Outcome {
    Outcome {
        at: Position { call, item },
        operation: "qradar/offenses.get-offense".into(),
        class: "read".into(),
        binding: "console".into(),
        arguments: format!("{{\"id\":{call}}}"),
        effect_key: None,
        result: format!("{{\"Ok\":{{\"id\":{call}}}}}"),
        ok: true,
        how: How::Performed,
        by: None,
        epoch,
        time: 5_000 + u64::from(call),
    }
}

pub fn outcome(call: u32) -> Entry {
    Entry::Outcome(outcome_at(call, 0, 1))
}

pub fn intent_at(call: u32, item: u32, n: u32) -> Intent {
    Intent {
        at: Position { call, item },
        n,
        operation: "thehive/alerts.create-alerts".into(),
        class: "opaque".into(),
        binding: "hive".into(),
        arguments: format!("{{\"item\":{item}}}"),
        effect_key: Digest::of(format!("{call}/{item}").as_bytes()),
        send_before: 6_000,
        epoch: 1,
        time: 5_000,
    }
}

pub fn line_at(call: u32, n: u32, message: &str) -> Line {
    let content = LineContent::Log(LogLine {
        level: "info".into(),
        message: message.into(),
        fields: vec![("a".into(), "b".into())],
    });
    Line {
        call,
        n,
        time: 5_000,
        content,
    }
}
