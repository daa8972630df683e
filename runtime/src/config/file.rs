//! Which settings exist? Every one, with its unit, its default and its reason.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId};
use synapse_domain::limits;
use synapse_domain::permission::Pattern;

use super::maintenance::Maintenance;

/// The configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the node serves and where it keeps its data.
    pub server: Server,
    /// How much it does at once.
    #[serde(default)]
    pub limits: Limits,
    /// Routes of the original Synapse, for callers that cannot be changed. Absent: off.
    pub compat: Option<Compat>,
    /// Customers, by name.
    #[serde(default)]
    pub tenants: BTreeMap<TenantId, Tenant>,
}

/// How the node serves and where it keeps its data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address to listen on. Default `127.0.0.1:8080`: put a TLS proxy in front.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Folder for the database, the artefact cache and its key, and blobs. Must be writable by this user only.
    pub data_dir: PathBuf,
    /// Seconds that runs under way get at shutdown before they are handed back at their next call. Default 20.
    #[serde(default = "default_drain")]
    pub drain_seconds: u64,
    /// Seconds of the node's lease; effects start only inside it. Default 15, at least 3.
    #[serde(default = "default_lease")]
    pub lease_seconds: u64,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_drain() -> u64 {
    20
}

fn default_lease() -> u64 {
    15
}

/// How much a node does at once.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Runs under way, of all tenants. Default 64; at most the engine's pool of 128 instances.
    pub running: u32,
    /// Runs under way of one tenant. Default 32.
    pub running_per_tenant: u32,
    /// Bytes of all blobs (mails, attachments) that the runs of one tenant need at once; equal ones count once. Default 10 GiB.
    pub spool_bytes_per_tenant: u64,
    /// Bytes of one blob. Default 512 MiB.
    pub blob_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running: 64,
            running_per_tenant: 32,
            spool_bytes_per_tenant: limits::SPOOL_BYTES,
            blob_bytes: limits::BLOB_BYTES,
        }
    }
}

/// Routes of the original Synapse.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compat {
    /// The tenant they act for.
    pub tenant: TenantId,
    /// Deployment behind `POST /QRadar2alert`. Absent: the route does not exist.
    pub qradar2alert: Option<DeploymentName>,
    /// Deployment behind `GET /ews2case`. Absent: the route does not exist.
    pub ews2case: Option<DeploymentName>,
    /// TheHive connection whose events come in at `POST /webhook`. Absent: the route does not exist.
    pub webhook: Option<ConnectionName>,
    /// Callers without a key are accepted from these networks only. Default: loopback.
    #[serde(default = "loopback")]
    pub allow: Vec<IpNet>,
}

fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"]
        .iter()
        .filter_map(|net| net.parse().ok())
        .collect()
}

/// A customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Operations that deployments of the tenant may use at all, whatever their grants say. Default: all.
    #[serde(default = "everything")]
    pub ceiling: Vec<Pattern>,
    /// Its upstreams, by name.
    #[serde(default)]
    pub connections: BTreeMap<ConnectionName, Connection>,
}

fn everything() -> Vec<Pattern> {
    vec![Pattern("*".to_owned())]
}

/// Which product an upstream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// TheHive 5, 4 or 3; the server is asked which it is.
    TheHive,
    /// QRadar 7.5.
    QRadar,
    /// A mailbox of Exchange 2016, 2019 or SE.
    Ews,
    /// The platform's own laboratory target.
    Lab,
}

/// A named upstream of a tenant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `thehive`, `qradar`, `ews` or `lab`.
    pub kind: Kind,
    /// Base URL, with path if there is one; for EWS the service itself, `https://HOST/EWS/Exchange.asmx`. Needed for all but `lab`.
    pub url: Option<String>,
    /// What TheHive shows as the source of alerts that come from here: 1 to 32 characters, never changed, unique in the tenant.
    pub source_id: String,
    /// How the server proves who it is to the upstream.
    #[serde(default)]
    pub auth: Auth,
    /// TheHive: the organisation to act in (`X-Organisation`). Default: the user's own.
    pub organisation: Option<String>,
    /// PEM file with the issuers to trust instead of the system's. QRadar needs root and intermediate.
    pub ca_bundle: Option<PathBuf>,
    /// Name in the upstream's certificate, if it differs from the URL's host.
    pub server_name: Option<String>,
    /// The only networks that may be connected to. Default: public addresses. Loopback, link-local and metadata ranges need an entry
    /// that lies wholly inside the range.
    #[serde(default)]
    pub allow: Vec<IpNet>,
    /// The proxy that stands in between. Default: none; proxies of the environment are ignored.
    pub proxy: Option<Proxy>,
    /// Accept `http://`. Default false: for laboratories.
    #[serde(default)]
    pub allow_http: bool,
    /// Milliseconds to connect. Default 10,000.
    #[serde(default = "default_connect")]
    pub connect_timeout_ms: u64,
    /// Milliseconds for a whole request. Default 60,000.
    #[serde(default = "default_deadline")]
    pub request_deadline_ms: u64,
    /// Milliseconds after its intent in which a write may be sent. Default 2,000.
    #[serde(default = "default_send_window")]
    pub send_window_ms: u64,
    /// Milliseconds after a change in which the upstream's queries may not show it. Default 5,000.
    #[serde(default = "default_lag")]
    pub visibility_lag_ms: u64,
    /// Seconds in which an effect in doubt is tried to be settled before an operator is asked. Default 3,600.
    #[serde(default = "default_patience")]
    pub patience_seconds: u64,
    /// Requests at once. Default 4.
    #[serde(default = "default_width")]
    pub width: usize,
    /// Requests that may begin in a second, of all deployments together; a second's worth may begin at once. 0: as many as there are.
    /// Default: 5 for QRadar, whose console is easily slowed down, else 0. At most 1,000.
    pub requests_per_second: Option<u32>,
    /// Repeats of a read that failed in a passing way. Default 4.
    #[serde(default = "default_retries")]
    pub read_retries: u32,
    /// Largest answer, bytes. Default 32 MiB.
    #[serde(default = "default_bytes")]
    pub max_response_bytes: usize,
    /// QRadar: Ariel searches at once. Default 2.
    #[serde(default = "default_searches")]
    pub searches: usize,
    /// QRadar: milliseconds for a whole search. Default 300,000.
    #[serde(default = "default_search_deadline")]
    pub search_deadline_ms: u64,
    /// QRadar: API version to speak instead of the discovered one, for instance `26.0`.
    pub api_version: Option<String>,
    /// QRadar: show offenses that span several domains to a deployment whose grant names domains. Default false.
    #[serde(default)]
    pub include_multi_domain: bool,
    /// EWS: SMTP address of the mailbox. Default: the account's own.
    pub mailbox: Option<String>,
    /// EWS: act as the owner of `mailbox` (the account has the role `ApplicationImpersonation`). Default false: as a delegate with rights
    /// on the mailbox's folders.
    #[serde(default)]
    pub impersonate: bool,
    /// EWS: largest attachment and largest MIME text that are fetched, bytes. They go to disk, so `max_response_bytes` does not count.
    /// Default 128 MiB.
    #[serde(default = "default_attachment")]
    pub max_attachment_bytes: u64,
    /// TheHive: custom field (type string, defined by an administrator) for the marker instead of a tag.
    pub marker_field: Option<String>,
    /// How people reach the upstream, for links. Default: `url`.
    pub public_url: Option<String>,
    /// When it must be left alone: runs of deployments that use it are held meanwhile. `cron` and `minutes`, or `from` and `to`; `time_zone`, `why`.
    #[serde(default)]
    pub maintenance: Vec<Maintenance>,
    /// TheHive: events are accepted from it at `/t/TENANT/hooks/thehive/CONNECTION`. Absent: that URL does not exist.
    pub webhook: Option<Webhook>,
}

/// A proxy in front of an upstream: an HTTP proxy that takes CONNECT. It looks the upstream's name up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// `http://HOST:PORT` or `https://HOST:PORT`.
    pub url: String,
    /// The user, if the proxy asks for one (Basic). Needs `secret`.
    pub user: Option<String>,
    /// The user's password.
    pub secret: Option<SecretSource>,
    /// PEM file with the issuers to trust instead of the system's, for an `https` proxy's own certificate.
    pub ca_bundle: Option<PathBuf>,
    /// The only networks that the proxy may be in. Default: public addresses; as for the connection's `allow`.
    #[serde(default)]
    pub allow: Vec<IpNet>,
}

impl Connection {
    /// Requests that may begin in a second; 0: as many as there are.
    pub fn rate(&self) -> u32 {
        self.requests_per_second.unwrap_or(match self.kind {
            Kind::QRadar => QRADAR_RATE,
            Kind::TheHive | Kind::Ews | Kind::Lab => 0,
        })
    }
}

/// Requests per second that a console takes beside its own work (contract qradar 5).
const QRADAR_RATE: u32 = 5;

/// How TheHive's events are accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// How TheHive proves that it is the sender.
    pub auth: HookAuth,
    /// The only networks that events are accepted from; what counts is the address that connects, which behind a proxy is the proxy's.
    /// Default: any.
    #[serde(default)]
    pub allow: Vec<IpNet>,
}

/// How TheHive proves that it is the sender. There is no `none`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase", deny_unknown_fields)]
pub enum HookAuth {
    /// `Authorization: Bearer SECRET`: TheHive 4 and 5.
    Bearer {
        /// The secret.
        secret: SecretSource,
    },
    /// User and password: TheHive 4 and 5.
    Basic {
        /// The user.
        user: String,
        /// The password.
        secret: SecretSource,
    },
    /// `Authorization: SECRET`, after a prefix if there is one: type `key` of TheHive 4 and 5.
    Key {
        /// What stands before the secret and a space.
        prefix: Option<String>,
        /// The secret.
        secret: SecretSource,
    },
    /// The last part of the URL: TheHive 3, which can send no header. At least 16 of A-Z, a-z, 0-9, `-`, `_`.
    Path {
        /// The secret.
        secret: SecretSource,
    },
}

impl HookAuth {
    /// Where the secret is.
    pub fn secret(&self) -> &SecretSource {
        match self {
            Self::Bearer { secret } | Self::Basic { secret, .. } | Self::Key { secret, .. } | Self::Path { secret } => {
                secret
            }
        }
    }

    fn secret_mut(&mut self) -> &mut SecretSource {
        match self {
            Self::Bearer { secret } | Self::Basic { secret, .. } | Self::Key { secret, .. } | Self::Path { secret } => {
                secret
            }
        }
    }

    /// Its name in the file.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Bearer { .. } => "bearer",
            Self::Basic { .. } => "basic",
            Self::Key { .. } => "key",
            Self::Path { .. } => "path",
        }
    }
}

fn default_connect() -> u64 {
    10_000
}
fn default_deadline() -> u64 {
    60_000
}
fn default_send_window() -> u64 {
    2_000
}
fn default_lag() -> u64 {
    5_000
}
fn default_patience() -> u64 {
    3_600
}
fn default_width() -> usize {
    4
}
fn default_retries() -> u32 {
    4
}
fn default_bytes() -> usize {
    32 << 20
}
fn default_searches() -> usize {
    2
}
fn default_search_deadline() -> u64 {
    300_000
}
fn default_attachment() -> u64 {
    128 << 20
}

/// How the server proves who it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase", deny_unknown_fields)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer`: an API key of TheHive.
    Bearer {
        /// The key.
        secret: SecretSource,
    },
    /// `SEC`: an authorised service token of QRadar.
    Sec {
        /// The token.
        secret: SecretSource,
    },
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        secret: SecretSource,
    },
    /// NTLM: Exchange on premises. The user as `name`, `DOMAIN\name` or `name@domain`.
    Ntlm {
        /// The user.
        user: String,
        /// The user's domain, where `user` does not name it.
        domain: Option<String>,
        /// The password.
        secret: SecretSource,
    },
}

/// Where a secret is: never in this file.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum SecretSource {
    /// In an environment variable.
    Env {
        /// Its name.
        env: String,
    },
    /// In a file; a final line end is not part of it.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// In this file: refused.
    Literal(#[serde(deserialize_with = "forget")] ()),
}

/// Reads a value without keeping it: a literal secret must not even reach an error text.
fn forget<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| ())
}

impl Config {
    /// Makes relative paths start at the file's folder.
    pub(super) fn resolve(&mut self, folder: &Path) {
        self.server.data_dir = folder.join(&self.server.data_dir);
        for connection in self
            .tenants
            .values_mut()
            .flat_map(|tenant| tenant.connections.values_mut())
        {
            connection.ca_bundle = connection.ca_bundle.take().map(|path| folder.join(path));
            if let Some(proxy) = &mut connection.proxy {
                proxy.ca_bundle = proxy.ca_bundle.take().map(|path| folder.join(path));
                if let Some(SecretSource::File { file }) = &mut proxy.secret {
                    *file = folder.join(&*file);
                }
            }
            if let Auth::Bearer { secret }
            | Auth::Sec { secret }
            | Auth::Basic { secret, .. }
            | Auth::Ntlm { secret, .. } = &mut connection.auth
                && let SecretSource::File { file } = secret
            {
                *file = folder.join(&*file);
            }
            if let Some(Webhook { auth, .. }) = &mut connection.webhook
                && let SecretSource::File { file } = auth.secret_mut()
            {
                *file = folder.join(&*file);
            }
        }
    }
}
