//! What do the hostile tests share? Requests that the harness has no word for, and measurements of the server from outside.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use synapse_sim::start::Simulator;
use synapse_tests::simulators::control;
pub use synapse_tests::simulators::{fault, held, release};
use synapse_tests::{Answer, Api, TENANTS, World};
use tokio::task::JoinHandle;

/// The first tenant.
pub const ACME: &str = TENANTS[0];
/// The other one.
pub const UMBRELLA: &str = TENANTS[1];

/// Every scope that a tenant's key can have.
pub const SCOPES: [&str; 5] = [
    "runs:start",
    "runs:read",
    "runs:cancel",
    "deployments:read",
    "deployments:write",
];

/// A component's address.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The bytes of a guest that was built.
pub fn component(guest: &str) -> anyhow::Result<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/guests/{guest}.wasm"));
    std::fs::read(&file).with_context(|| format!("`{}`: run `cargo xtask guests`", file.display()))
}

/// The text of a guest's manifest.
pub fn manifest(guest: &str) -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let places = [
        format!("tests/guests/{guest}/workflow.toml"),
        format!("workflows/{guest}/workflow.toml"),
    ];
    places
        .iter()
        .find_map(|place| std::fs::read_to_string(root.join(place)).ok())
        .context("no such guest")
}

/// Uploads bytes as a component of this tenant.
pub async fn upload(api: &Api, tenant: &str, bytes: Vec<u8>) -> anyhow::Result<Answer> {
    let path = format!("/v1/tenants/{tenant}/components/{}", digest(&bytes));
    api.send("PUT", &path, &[], Some(bytes)).await
}

/// Puts a deployment exactly as given.
pub async fn put(api: &Api, tenant: &str, name: &str, wanted: &Value) -> anyhow::Result<Answer> {
    api.json("PUT", &format!("/v1/tenants/{tenant}/deployments/{name}"), &[], wanted)
        .await
}

/// Replaces a deployment's grants.
pub async fn set_grants(world: &World, tenant: &str, deployment: &str, grants: &Value) -> anyhow::Result<()> {
    let path = format!("/v1/tenants/{tenant}/deployments/{deployment}/grants");
    world.operator().json("PUT", &path, &[], grants).await?.ok()?;
    Ok(())
}

/// Makes a key of a tenant; answers its id and its text.
pub async fn key(world: &World, tenant: &str, scopes: &[&str]) -> anyhow::Result<(String, String)> {
    let wanted = json!({ "tenant": tenant, "scopes": scopes, "label": "test" });
    let made = world.operator().json("POST", "/v1/keys", &[], &wanted).await?.ok()?;
    let text = |name: &str| {
        made[name]
            .as_str()
            .map(ToOwned::to_owned)
            .context("a key has an id and a text")
    };
    Ok((text("id")?, text("key")?))
}

/// Starts a run in a task that ends with it.
pub fn run_apart(world: &World, tenant: &str, deployment: &str, input: Value) -> JoinHandle<anyhow::Result<Value>> {
    let (api, path) = (
        world.operator(),
        format!("/v1/tenants/{tenant}/deployments/{deployment}/runs"),
    );
    tokio::spawn(async move { api.json("POST", &path, &[("prefer", "wait=60")], &input).await?.ok() })
}

/// A run as it is now.
pub async fn show(world: &World, tenant: &str, run: &str) -> anyhow::Result<Value> {
    world
        .operator()
        .get(&format!("/v1/tenants/{tenant}/runs/{run}"))
        .await?
        .ok()
}

/// The tenant's runs in a state.
pub async fn in_state(world: &World, tenant: &str, state: &str) -> anyhow::Result<usize> {
    let runs = world
        .operator()
        .get(&format!("/v1/tenants/{tenant}/runs?state={state}&limit=100"))
        .await?
        .ok()?;
    Ok(list(&runs["runs"]).len())
}

/// Every call of a run's journal, whatever the pages.
pub async fn calls(world: &World, tenant: &str, run: &Value) -> anyhow::Result<Vec<Value>> {
    let (api, id) = (world.operator(), text(&run["id"]));
    let mut calls = Vec::new();
    let mut from = Some(0);
    while let Some(first) = from {
        let page = api
            .get(&format!("/v1/tenants/{tenant}/runs/{id}/journal?from={first}"))
            .await?
            .ok()?;
        calls.extend(list(&page["calls"]).iter().cloned());
        from = page["next_from"].as_u64();
    }
    Ok(calls)
}

/// The log of a run.
pub async fn log(world: &World, tenant: &str, run: &Value) -> anyhow::Result<Vec<Value>> {
    let journal = world.journal(tenant, text(&run["id"])).await?;
    Ok(list(&journal["log"]).to_vec())
}

/// Makes offenses of a domain.
pub async fn generate(console: &Simulator, domain: u64, first_id: u64, offenses: u64) -> anyhow::Result<()> {
    let wanted = json!({
        "offenses": offenses, "events_per_offense": 3, "age_ms": -1_000, "first_id": first_id, "domain_id": domain,
    });
    control(console, "/_sim/qradar/generate", &wanted).await.map(drop)
}

/// A field of `/proc/<server>/status` in KiB: `VmRSS` is the memory now, `VmHWM` its highest value.
pub fn memory_kib(world: &World, field: &str) -> anyhow::Result<u64> {
    let id = world
        .server
        .as_ref()
        .and_then(synapse_tests::Server::id)
        .context("the server is not running")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .context("no such field")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Bytes of all files that the server keeps.
pub fn disk_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        sum += if kind.is_dir() {
            disk_bytes(&entry.path())?
        } else {
            kind.len()
        };
    }
    Ok(sum)
}

/// Does any file that the server keeps hold these bytes?
pub fn on_disk(folder: &Path, needle: &[u8]) -> anyhow::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            on_disk(&path, needle)?
        } else {
            std::fs::read(&path)?
                .windows(needle.len())
                .any(|window| window == needle)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A JSON string; empty for anything else.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// A JSON list; empty for anything else.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Asserts that a run failed with this code; answers its message.
#[track_caller]
pub fn failed<'a>(run: &'a Value, code: &str) -> &'a str {
    assert_eq!(
        (text(&run["state"]), text(&run["problem"]["code"])),
        ("failed", code),
        "{run:#}"
    );
    assert!(run.get("answer").is_none(), "a failed run has no answer: {run:#}");
    text(&run["problem"]["message"])
}
