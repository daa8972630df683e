//! What is there in a test? Simulators of every product, a configured server, its first key, and two tenants.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_sim::start::{self, Simulator};
use tokio::process::Command;

use crate::api::Api;
use crate::server::{Server, binary};

/// The two tenants of every world; each has the connections `hive`, `siem`, `mail` and `lab` with credentials of its own.
pub const TENANTS: [&str; 2] = ["acme", "umbrella"];

/// How a world differs from the usual one.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Environment of the server: fail points.
    pub environment: Vec<(String, String)>,
    /// More settings for every connection of every tenant, TOML lines (`width = 1`). They replace the usual ones of the same name.
    pub connection: String,
    /// Whole extra sections, TOML.
    pub sections: String,
    /// Settings of `[server]` and `[limits]`.
    pub server: String,
    /// Settings of `[limits]`.
    pub limits: String,
    /// Exchange wants NTLM instead of Basic.
    pub ntlm: bool,
    /// As which version TheHive answers: `v3`, `v4`; none: 5.
    pub flavour: Option<&'static str>,
}

/// Simulators and a server.
pub struct World {
    /// TheHive.
    pub thehive: Simulator,
    /// QRadar.
    pub qradar: Simulator,
    /// Exchange: a mailbox of each tenant (see [`mailbox`]).
    pub ews: Simulator,
    /// The laboratory target.
    pub lab: Simulator,
    /// The server; none between a kill and a restart.
    pub server: Option<Server>,
    /// As which version TheHive answers: `v3`, `v4`, `v5`.
    pub flavour: &'static str,
    /// Everything the server keeps and says.
    pub folder: tempfile::TempDir,
    key: String,
    environment: Vec<(String, String)>,
}

/// The tenants' connection for a binding of this kind.
pub(crate) fn connection_of(kind: &str) -> &'static str {
    match kind {
        "thehive" => "hive",
        "qradar" => "siem",
        "ews" => "mail",
        _ => "lab",
    }
}

/// The credential of a tenant's TheHive connection: a canary.
pub fn hive_key(tenant: &str) -> String {
    format!("canary-hive-key-of-{tenant}-5f1e2d3c")
}

/// The credential of a tenant's QRadar connection: a canary.
pub fn siem_token(tenant: &str) -> String {
    format!("canary-siem-token-of-{tenant}-9a8b7c6d")
}

/// The address, and login, of a tenant's mailbox.
pub fn mailbox(tenant: &str) -> String {
    format!("soc@{tenant}.example")
}

/// The password of a tenant's mailbox: a canary.
pub fn mail_password(tenant: &str) -> String {
    format!("canary-mail-password-of-{tenant}-1b2c3d4e")
}

impl World {
    /// The usual world.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Options::default()).await
    }

    /// A world with differences.
    pub async fn with(options: Options) -> anyhow::Result<Self> {
        let anywhere = "127.0.0.1:0".parse()?;
        let users: Vec<_> = TENANTS
            .iter()
            .flat_map(|tenant| {
                [
                    json!({ "login": format!("synapse@{tenant}"), "key": hive_key(tenant), "organisations": [tenant] }),
                    json!({ "login": format!("analyst@{tenant}"), "key": crate::hooks::analyst_key(tenant), "organisations": [tenant] }),
                ]
            })
            .collect();
        let flavour = options.flavour.unwrap_or("v5");
        let state = json!({ "organisations": TENANTS, "users": users, "flavour": flavour });
        let thehive = start::thehive(anywhere, Some(state)).await?;
        let tokens: Vec<_> = TENANTS
            .iter()
            .enumerate()
            .map(|(domain, tenant)| json!({ "token": siem_token(tenant), "label": tenant, "domain_ids": [domain] }))
            .collect();
        let qradar = start::qradar(anywhere, None, Some(json!({ "tokens": tokens }))).await?;
        let mailboxes: Vec<_> = TENANTS
            .iter()
            .map(|tenant| json!({ "address": mailbox(tenant), "password": mail_password(tenant), "folders": ["Inbox/TheHive"] }))
            .collect();
        let auth = if options.ntlm { "ntlm" } else { "basic" };
        let exchange = json!({ "settings": { "auth": auth }, "mailboxes": mailboxes });
        let ews = start::ews(anywhere, None, Some(exchange)).await?;
        let lab = start::lab(anywhere).await?;
        let folder = tempfile::tempdir()?;
        let config = configuration(&options, [&thehive.url(), &qradar.url(), &ews.url(), &lab.url()]);
        std::fs::write(folder.path().join("synapse.toml"), config)?;
        let mut environment = options.environment.clone();
        for tenant in TENANTS {
            environment.push((format!("HIVE_{tenant}"), hive_key(tenant)));
            environment.push((format!("SIEM_{tenant}"), siem_token(tenant)));
            environment.push((format!("MAIL_{tenant}"), mail_password(tenant)));
        }
        let key = bootstrap(folder.path(), &environment).await?;
        let server = Some(Server::start(folder.path(), &environment).await?);
        Ok(Self {
            thehive,
            qradar,
            ews,
            lab,
            server,
            flavour,
            folder,
            key,
            environment,
        })
    }

    /// A client with the operator's key.
    pub fn operator(&self) -> Api {
        let url = self.server.as_ref().map_or("", |server| server.url.as_str());
        Api::new(url, &self.key).expect("a client can be made")
    }

    /// The operator's key, for the CLI.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The server's process.
    pub fn server(&mut self) -> anyhow::Result<&mut Server> {
        self.server.as_mut().context("the server is not running")
    }

    /// Starts the server again in the same folder, with this environment instead of the first one's fail points.
    pub async fn restart(&mut self, environment: &[(String, String)]) -> anyhow::Result<()> {
        if let Some(mut server) = self.server.take() {
            server.kill().await?;
        }
        self.environment
            .retain(|(name, _)| !name.starts_with("SYNAPSE_FAILPOINT"));
        self.environment.extend_from_slice(environment);
        self.server = Some(Server::start(self.folder.path(), &self.environment).await?);
        Ok(())
    }

    /// Kills the server and starts it again with its clock at this moment, milliseconds since 1970; a second later it is a second after it.
    pub async fn jump_to(&mut self, moment: u64, environment: &[(String, String)]) -> anyhow::Result<()> {
        let shift = i128::from(moment) - i128::from(now());
        let mut environment = environment.to_vec();
        environment.push(("SYNAPSE_CLOCK_SHIFT_MS".to_owned(), shift.to_string()));
        self.restart(&environment).await
    }

    /// Starts a run and waits for its end (60 seconds at most).
    pub async fn run(&self, tenant: &str, deployment: &str, input: Value) -> anyhow::Result<Value> {
        let path = format!("/v1/tenants/{tenant}/deployments/{deployment}/runs");
        self.operator()
            .json("POST", &path, &[("prefer", "wait=60")], &input)
            .await?
            .ok()
    }

    /// Starts a run without waiting; answers its id.
    pub async fn begin(&self, tenant: &str, deployment: &str, input: Value) -> anyhow::Result<String> {
        let path = format!("/v1/tenants/{tenant}/deployments/{deployment}/runs");
        let run = self.operator().json("POST", &path, &[], &input).await?.ok()?;
        Ok(run["id"].as_str().context("a run has an id")?.to_owned())
    }

    /// Waits for the end of a run (or until it is parked), 60 seconds at most; answers it.
    pub async fn end_of(&self, tenant: &str, run: &str) -> anyhow::Result<Value> {
        self.operator()
            .send(
                "GET",
                &format!("/v1/tenants/{tenant}/runs/{run}"),
                &[("prefer", "wait=60")],
                None,
            )
            .await?
            .ok()
    }

    /// A run's journal.
    pub async fn journal(&self, tenant: &str, run: &str) -> anyhow::Result<Value> {
        self.operator()
            .get(&format!("/v1/tenants/{tenant}/runs/{run}/journal"))
            .await?
            .ok()
    }

    /// Runs the command line with the operator's key; answers exit code, standard output and standard error.
    pub async fn cli(&self, arguments: &[&str]) -> anyhow::Result<(i32, String, String)> {
        let url = self.server.as_ref().map_or("", |server| server.url.as_str());
        let output = Command::new(binary()?)
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("SYNAPSE_URL", url)
            .env("SYNAPSE_KEY", &self.key)
            .output()
            .await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((
            output.status.code().unwrap_or(-1),
            text(output.stdout),
            text(output.stderr),
        ))
    }

    /// Ends the world: stops the server in order, and searches everything it kept and said for credentials. Every test ends with this.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        if let Some(mut server) = self.server.take() {
            let status = server.terminate().await?;
            anyhow::ensure!(status.success(), "the server ended with {status}");
        }
        let mut secrets: Vec<String> = TENANTS
            .iter()
            .flat_map(|tenant| [hive_key(tenant), siem_token(tenant), mail_password(tenant)])
            .collect();
        let planted = self.environment.iter().filter(|(name, _)| name.starts_with("HOOK_"));
        secrets.extend(planted.map(|(_, secret)| secret.clone()));
        secrets.extend(self.key.rsplit('_').next().map(ToOwned::to_owned));
        crate::canary::scan(self.folder.path(), &secrets)
    }

    /// The folder that the server keeps its data in.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

/// Settings of every connection: short times, because every crash costs one deadline.
const CONNECTION: [(&str, &str); 7] = [
    ("allow", "[\"127.0.0.0/8\"]"),
    ("allow_http", "true"),
    ("request_deadline_ms", "2000"),
    ("send_window_ms", "200"),
    ("visibility_lag_ms", "20"),
    ("searches", "8"),
    ("requests_per_second", "0"),
];

/// The usual settings that these lines do not replace, and these lines.
fn connection_settings(lines: &str) -> String {
    let replaced = |name: &str| {
        lines
            .lines()
            .any(|line| line.split('=').next().is_some_and(|set| set.trim() == name))
    };
    let usual = CONNECTION
        .iter()
        .filter(|(name, _)| !replaced(name))
        .map(|(name, value)| format!("{name} = {value}\n"));
    usual.chain([lines.to_owned()]).collect()
}

fn configuration(options: &Options, [thehive, qradar, ews, lab]: [&str; 4]) -> String {
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\ndata_dir = \"data\"\n{}\n[limits]\n{}\n{}\n",
        options.server, options.limits, options.sections
    );
    for tenant in TENANTS {
        let exchange = format!("{ews}/EWS/Exchange.asmx");
        let scheme = if options.ntlm { "ntlm" } else { "basic" };
        for (name, kind, url, auth) in [
            (
                "hive",
                "thehive",
                thehive,
                format!("{{ scheme = \"bearer\", secret = {{ env = \"HIVE_{tenant}\" }} }}"),
            ),
            (
                "siem",
                "qradar",
                qradar,
                format!("{{ scheme = \"sec\", secret = {{ env = \"SIEM_{tenant}\" }} }}"),
            ),
            (
                "mail",
                "ews",
                exchange.as_str(),
                format!(
                    "{{ scheme = \"{scheme}\", user = \"{}\", secret = {{ env = \"MAIL_{tenant}\" }} }}",
                    mailbox(tenant)
                ),
            ),
            ("lab", "lab", lab, "{ scheme = \"none\" }".to_owned()),
        ] {
            text.push_str(&format!(
                "[tenants.{tenant}.connections.{name}]\nkind = \"{kind}\"\nurl = \"{url}\"\nsource_id = \"{name}-{tenant}\"\nauth = {auth}\n{}\n",
                connection_settings(&options.connection)
            ));
        }
    }
    text
}

async fn bootstrap(folder: &std::path::Path, environment: &[(String, String)]) -> anyhow::Result<String> {
    let output = Command::new(binary()?)
        .args(["keys", "create", "--bootstrap", "--config"])
        .arg(folder.join("synapse.toml"))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .await?;
    anyhow::ensure!(
        output.status.success(),
        "bootstrap: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The machine's time, milliseconds since 1970.
pub fn now() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "tests go by the machine's clock")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
