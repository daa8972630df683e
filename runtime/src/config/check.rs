//! Is a configuration right? Finds every problem that can be found without the network.

use std::collections::BTreeMap;

use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_domain::limits;

use super::Problem;
use super::file::{Auth, Config, Connection, Kind, SecretSource, Tenant};

/// Largest rate: beyond it a limit is none.
const MOST_PER_SECOND: u32 = 1_000;
/// What to do instead of writing a secret into the file.
const LITERAL: &str = "a secret in this file is refused; use `{ env = \"NAME\" }` or `{ file = \"path\" }`";

/// Every problem of a configuration.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    if config.server.lease_seconds < 3 {
        found.push(Problem::new(
            "server.lease_seconds",
            "at least 3: the lease is extended every third of it",
        ));
    }
    let running = config.limits.running;
    if running == 0 || running > limits::INSTANCES {
        found.push(Problem::new(
            "limits.running",
            format!("{running}; use 1 to {}, the engine's pool", limits::INSTANCES),
        ));
    }
    if config.limits.running_per_tenant == 0 {
        found.push(Problem::new(
            "limits.running_per_tenant",
            "0; use at least 1, or no run ever starts",
        ));
    }
    if config.limits.blob_bytes == 0 || config.limits.blob_bytes > config.limits.spool_bytes_per_tenant {
        found.push(Problem::new(
            "limits.blob_bytes",
            "use 1 to `limits.spool_bytes_per_tenant`: a blob has to fit into its tenant's spool",
        ));
    }
    if let Some(compat) = &config.compat
        && !config.tenants.contains_key(&compat.tenant)
    {
        found.push(Problem::new(
            "compat.tenant",
            format!("`{}` is not declared under `tenants`", compat.tenant),
        ));
    }
    if let Some(compat) = &config.compat
        && let Some(webhook) = &compat.webhook
    {
        let tenant = config.tenants.get(&compat.tenant);
        let connection = tenant.and_then(|tenant| tenant.connections.get(webhook));
        if connection.is_none_or(|connection| connection.kind != Kind::TheHive) {
            let problem = format!(
                "`{webhook}` is no `thehive` connection of the tenant `{}`",
                compat.tenant
            );
            found.push(Problem::new("compat.webhook", problem));
        }
    }
    found.extend(super::windows(config).err().into_iter().flatten());
    for (name, tenant) in &config.tenants {
        check_tenant(name, tenant, &mut found);
    }
    found
}

fn check_tenant(name: &TenantId, tenant: &Tenant, found: &mut Vec<Problem>) {
    let mut sources: BTreeMap<&str, &ConnectionName> = BTreeMap::new();
    for (connection_name, connection) in &tenant.connections {
        let place = format!("tenants.{name}.connections.{connection_name}");
        check_connection(&place, connection, found);
        // Two consoles with one source id would hide each other's alerts in TheHive (D10).
        if let Some(other) = sources.insert(&connection.source_id, connection_name) {
            let text = format!(
                "`{}` is also the source id of `{other}`; give each connection its own",
                connection.source_id
            );
            found.push(Problem::new(format!("{place}.source_id"), text));
        }
    }
}

fn check_connection(place: &str, connection: &Connection, found: &mut Vec<Problem>) {
    let mut wrong = |setting: &str, problem: String| found.push(Problem::new(format!("{place}.{setting}"), problem));
    let source = connection.source_id.chars().count();
    if !(1..=32).contains(&source) {
        wrong("source_id", format!("{source} characters; TheHive takes 1 to 32"));
    }
    match (&connection.url, connection.kind) {
        (None, Kind::TheHive | Kind::QRadar | Kind::Ews) => wrong("url", "missing; give the base URL".to_owned()),
        (Some(url), _) if url.starts_with("http://") && !connection.allow_http => {
            wrong(
                "url",
                "is not https; set `allow_http = true` only in a laboratory".to_owned(),
            );
        }
        (None, Kind::Lab) | (Some(_), _) => {}
    }
    if connection.width == 0 || connection.width > 64 {
        wrong("width", format!("{}; use 1 to 64", connection.width));
    }
    if connection.rate() > MOST_PER_SECOND {
        wrong(
            "requests_per_second",
            format!("{}; use 1 to {MOST_PER_SECOND}, or 0 for no limit", connection.rate()),
        );
    }
    if let Some(proxy) = &connection.proxy {
        if proxy.user.is_some() != proxy.secret.is_some() {
            wrong("proxy.user", "`user` and `secret` belong together".to_owned());
        }
        if proxy
            .user
            .as_ref()
            .is_some_and(|user| user.is_empty() || user.contains(':'))
        {
            wrong(
                "proxy.user",
                "empty, or holds a `:`, which Basic cannot carry".to_owned(),
            );
        }
        if matches!(proxy.secret, Some(SecretSource::Literal(()))) {
            wrong("proxy.secret", LITERAL.to_owned());
        }
        if proxy.ca_bundle.is_some() && !proxy.url.starts_with("https://") {
            wrong(
                "proxy.ca_bundle",
                "is for an `https://` proxy's own certificate; the upstream's issuers belong into the connection's `ca_bundle`"
                    .to_owned(),
            );
        }
    }
    if connection.searches == 0 || connection.searches > 64 {
        wrong("searches", format!("{}; use 1 to 64", connection.searches));
    }
    if connection.request_deadline_ms == 0 || connection.send_window_ms == 0 {
        wrong(
            "request_deadline_ms",
            "request_deadline_ms and send_window_ms must be positive".to_owned(),
        );
    }
    let is_address = |text: &String| text.contains('@') && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if connection.mailbox.as_ref().is_some_and(|mailbox| !is_address(mailbox)) {
        wrong(
            "mailbox",
            "not an SMTP address; for instance `soc@example.org`".to_owned(),
        );
    }
    if connection.impersonate && connection.mailbox.is_none() {
        wrong("impersonate", "needs `mailbox`: whom to act as".to_owned());
    }
    if connection.max_attachment_bytes == 0 {
        wrong("max_attachment_bytes", "0; no attachment could be fetched".to_owned());
    }
    if let Some(webhook) = &connection.webhook {
        if connection.kind != Kind::TheHive {
            wrong("webhook", "only TheHive sends events; remove it here".to_owned());
        }
        if matches!(webhook.auth.secret(), SecretSource::Literal(())) {
            wrong("webhook.auth.secret", LITERAL.to_owned());
        }
    }
    let secret = match (&connection.auth, connection.kind) {
        (Auth::None, Kind::Lab) => return,
        (Auth::None, Kind::TheHive) => {
            wrong(
                "auth",
                "missing; for instance `{ scheme = \"bearer\", secret = { env = \"THEHIVE_KEY\" } }`".to_owned(),
            );
            return;
        }
        (Auth::None, Kind::Ews) => {
            wrong(
                "auth",
                "missing; for instance `{ scheme = \"basic\", user = \"soc@example.org\", secret = { file = \"ews.secret\" } }`"
                    .to_owned(),
            );
            return;
        }
        (Auth::None, Kind::QRadar) => {
            wrong(
                "auth",
                "missing; for instance `{ scheme = \"sec\", secret = { env = \"QRADAR_TOKEN\" } }`".to_owned(),
            );
            return;
        }
        (
            Auth::Bearer { secret } | Auth::Sec { secret } | Auth::Basic { secret, .. } | Auth::Ntlm { secret, .. },
            _,
        ) => secret,
    };
    if matches!(secret, SecretSource::Literal(())) {
        wrong("auth.secret", LITERAL.to_owned());
    }
}
