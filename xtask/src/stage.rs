//! What do the demo and the benchmark need around them? Simulators, a configured server with its first key, and deployed workflows.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::tempdir::TempDir;
use crate::{http, paths, proc};

/// A start takes milliseconds; a loaded machine may need longer.
const START: Duration = Duration::from_secs(60);
/// The tenant of demo and benchmark.
pub const TENANT: &str = "demo";
const HIVE_KEY: &str = "demo-key-of-thehive";
/// What TheHive shows when it tells what happened.
pub const HOOK_SECRET: &str = "demo-secret-of-the-webhook";
const SIEM_TOKEN: &str = "sim-token";
/// The mailbox of demo and benchmark.
pub const MAILBOX: &str = "soc@acme.example";
const MAIL_PASSWORD: &str = "demo-password-of-the-mailbox";
/// A user of TheHive that mails are assigned to.
pub const ANALYST: &str = "alice@acme.example";
/// Her API key.
pub const ANALYST_KEY: &str = "demo-key-of-alice";

/// Simulators and a server, stopped when the value goes away.
pub struct Stage {
    server: proc::Guard,
    _simulators: proc::Guard,
    _folder: TempDir,
    /// The server's URL.
    pub url: String,
    /// The simulators' URLs, by product.
    pub simulators: Value,
    /// The operator's key.
    pub key: String,
}

/// Where cargo leaves the binaries of a profile.
pub fn binary(profile: &str, name: &str) -> PathBuf {
    paths::cargo_target().join(profile).join(name)
}

impl Stage {
    /// Starts everything from the binaries of this profile (`debug` or `release`).
    pub fn start(profile: &str) -> Result<Self> {
        let folder = TempDir::new("stage")?;
        let mut command = proc::command(binary(profile, "synapse-sim"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in ["--thehive", "--qradar", "--ews", "--lab"] {
            command.args([name, "127.0.0.1:0"]);
        }
        let mut simulators = proc::Guard::start("the simulators", &mut command)?;
        let urls: Value = serde_json::from_str(&simulators.ready_line(START)?)?;
        let users = json!([
            { "login": format!("synapse@{TENANT}"), "key": HIVE_KEY, "organisations": [TENANT] },
            { "login": ANALYST, "name": "Alice", "key": ANALYST_KEY, "organisations": [TENANT] },
        ]);
        let state = json!({ "organisations": [TENANT], "users": users });
        let load = |name: &str, state: &Value| {
            expect(204, "PUT", &format!("{}/_sim/state", text(&urls, name)?), Some(state)).map(drop)
        };
        load("thehive", &state)?;
        let mailbox = json!({ "address": MAILBOX, "password": MAIL_PASSWORD, "folders": ["Inbox/TheHive"] });
        load("ews", &json!({ "mailboxes": [mailbox] }))?;
        std::fs::write(folder.path().join("synapse.toml"), configuration(&urls)?)?;
        let server_binary = binary(profile, "synapse");
        let mut bootstrap = secrets(proc::command(&server_binary));
        bootstrap
            .args(["keys", "create", "--bootstrap", "--config"])
            .arg(folder.path().join("synapse.toml"));
        let key = proc::run_quiet(&mut bootstrap)?.trim().to_owned();
        let mut command = secrets(proc::command(&server_binary));
        command
            .args(["serve", "--config"])
            .arg(folder.path().join("synapse.toml"))
            .stdout(Stdio::piped());
        command.env("SYNAPSE_LOG", "warn");
        let mut server = proc::Guard::start("the server", &mut command)?;
        let line: Value = serde_json::from_str(&server.ready_line(START)?)?;
        let url = text(&line, "listening")?.to_owned();
        Ok(Self {
            server,
            _simulators: simulators,
            _folder: folder,
            url,
            simulators: urls,
            key,
        })
    }

    /// The server's process id.
    pub fn server_id(&self) -> u32 {
        self.server.id()
    }

    /// The URL of a simulator.
    pub fn simulator(&self, name: &str) -> Result<&str> {
        text(&self.simulators, name)
    }

    /// Calls the server's API with the operator's key; anything but 2xx is an error.
    pub fn api(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Result<Value> {
        let bearer = format!("Bearer {}", self.key);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let response = http::call(method, &format!("{}{path}", self.url), &all, body)?;
        let explained = || String::from_utf8_lossy(&response.body).into_owned();
        ensure!(
            (200..300).contains(&response.status),
            "{method} {path}: {} {}",
            response.status,
            explained()
        );
        if response.body.is_empty() {
            Ok(Value::Null)
        } else {
            response.json()
        }
    }

    /// Uploads and deploys a guest with every binding of its manifest granted what it asks for.
    pub fn deploy(
        &self,
        guest: &str,
        manifest: &Path,
        bindings: &Value,
        config: &Value,
        concurrency: u32,
    ) -> Result<Value> {
        self.deploy_with(guest, manifest, bindings, config, concurrency, &json!([]))
    }

    /// As [`Stage::deploy`], with triggers.
    pub fn deploy_with(
        &self,
        guest: &str,
        manifest: &Path,
        bindings: &Value,
        config: &Value,
        concurrency: u32,
        triggers: &Value,
    ) -> Result<Value> {
        let component = std::fs::read(paths::components().join(format!("{guest}.wasm")))
            .with_context(|| format!("the component `{guest}`; `cargo xtask guests` builds it"))?;
        let manifest = std::fs::read_to_string(paths::root().join(manifest))?;
        let digest = hex::encode(Sha256::digest(&component));
        let bearer = format!("Bearer {}", self.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/wasm")];
        let path = format!("/v1/tenants/{TENANT}/components/{digest}");
        let uploaded = http::Connection::open(&self.url)?.call("PUT", &path, &headers, &component)?;
        ensure!(
            uploaded.status == 201,
            "uploading {guest}: {}",
            String::from_utf8_lossy(&uploaded.body)
        );
        let names = bindings.as_object().context("bindings are an object")?.keys();
        let grants: Vec<_> = names
            .map(|name| json!({ "binding": name, "operations": ["*"] }))
            .collect();
        let wanted = json!({
            "component": digest, "manifest": manifest, "config": config, "bindings": bindings, "grants": grants,
            "concurrency": concurrency, "triggers": triggers,
        });
        self.api(
            "PUT",
            &format!("/v1/tenants/{TENANT}/deployments/{guest}"),
            &[],
            Some(&wanted),
        )
    }

    /// Starts a run and waits for its end.
    pub fn run(&self, deployment: &str, input: &Value) -> Result<Value> {
        let path = format!("/v1/tenants/{TENANT}/deployments/{deployment}/runs");
        self.api("POST", &path, &[("prefer", "wait=300")], Some(input))
    }

    /// A simulator's log of accepted changes.
    pub fn effects(&self, simulator: &str) -> Result<Value> {
        expect(
            200,
            "GET",
            &format!("{}/_sim/effects", self.simulator(simulator)?),
            None,
        )
    }
}

/// A call to a simulator's control API.
pub fn expect(status: u16, method: &str, url: &str, body: Option<&Value>) -> Result<Value> {
    let response = http::call(method, url, &[], body)?;
    let told = String::from_utf8_lossy(&response.body).into_owned();
    ensure!(response.status == status, "{method} {url}: {} {told}", response.status);
    if response.body.is_empty() {
        Ok(Value::Null)
    } else {
        response.json()
    }
}

/// How the server's TheHive connection is known.
pub fn hive_authorization() -> String {
    format!("Bearer {HIVE_KEY}")
}

/// How the server's mailbox connection is known.
pub fn mail_authorization() -> String {
    format!("Basic {}", STANDARD.encode(format!("{MAILBOX}:{MAIL_PASSWORD}")))
}

/// A text member of an object.
pub fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("no `{name}` in {value}"))
}

fn secrets(mut command: std::process::Command) -> std::process::Command {
    command
        .env("DEMO_HIVE_KEY", HIVE_KEY)
        .env("DEMO_SIEM_TOKEN", SIEM_TOKEN)
        .env("DEMO_HOOK_SECRET", HOOK_SECRET)
        .env("DEMO_MAIL_PASSWORD", MAIL_PASSWORD);
    command
}

fn configuration(urls: &Value) -> Result<String> {
    let (thehive, qradar, lab) = (text(urls, "thehive")?, text(urls, "qradar")?, text(urls, "lab")?);
    let ews = text(urls, "ews")?;
    Ok(format!(
        r#"[server]
listen = "127.0.0.1:0"
data_dir = "data"
[limits]
running = 64
running_per_tenant = 64
[compat]
tenant = "{TENANT}"
qradar2alert = "qradar2alert"
ews2case = "ews2case"
[tenants.{TENANT}.connections.hive]
kind = "thehive"
url = "{thehive}"
source_id = "hive"
auth = {{ scheme = "bearer", secret = {{ env = "DEMO_HIVE_KEY" }} }}
allow = ["127.0.0.0/8"]
allow_http = true
width = 8
[tenants.{TENANT}.connections.hive.webhook]
auth = {{ scheme = "bearer", secret = {{ env = "DEMO_HOOK_SECRET" }} }}
[tenants.{TENANT}.connections.siem]
kind = "qradar"
url = "{qradar}"
source_id = "siem"
auth = {{ scheme = "sec", secret = {{ env = "DEMO_SIEM_TOKEN" }} }}
allow = ["127.0.0.0/8"]
allow_http = true
width = 8
searches = 8
requests_per_second = 0
[tenants.{TENANT}.connections.mail]
kind = "ews"
url = "{ews}/EWS/Exchange.asmx"
source_id = "mail"
auth = {{ scheme = "basic", user = "{MAILBOX}", secret = {{ env = "DEMO_MAIL_PASSWORD" }} }}
allow = ["127.0.0.0/8"]
allow_http = true
width = 8
[tenants.{TENANT}.connections.lab]
kind = "lab"
url = "{lab}"
source_id = "lab"
allow = ["127.0.0.0/8"]
allow_http = true
"#
    ))
}
