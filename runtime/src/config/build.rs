//! How do connections come out of a configuration? Reads secrets and certificates; touches no network.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use synapse_capabilities::connection::{Client, Connection, Connections, Settle};
use synapse_capabilities::egress::{Egress, Settings};
use synapse_capabilities::{egress, ews, lab, qradar, thehive};
use synapse_domain::secret::{Redactor, Secret};

use super::Problem;
use super::file::{self, Auth, Config, Kind, SecretSource};

/// Connections, and their problems.
#[derive(Debug, Default)]
pub struct Built {
    /// Those that could be built.
    pub connections: Connections,
    /// What is wrong with the others.
    pub problems: Vec<Problem>,
}

/// Builds every connection.
pub fn connections(config: &Config) -> Built {
    let mut built = Built::default();
    for (tenant_name, tenant) in &config.tenants {
        for (name, settings) in &tenant.connections {
            match connection(settings) {
                Ok(connection) => built.connections.add(tenant_name.clone(), name.clone(), connection),
                Err((setting, problem)) => {
                    built.problems.push(Problem::new(
                        format!("tenants.{tenant_name}.connections.{name}.{setting}"),
                        problem,
                    ));
                }
            }
        }
    }
    built
}

pub(super) type Wrong = (&'static str, String);

fn connection(settings: &file::Connection) -> Result<Connection, Wrong> {
    let (auth, mut secrets) = auth(&settings.auth)?;
    let proxy = settings.proxy.as_ref().map(proxy).transpose()?;
    secrets.extend(
        proxy
            .iter()
            .filter_map(|proxy| proxy.auth.as_ref())
            .flat_map(egress::ProxyAuth::secrets),
    );
    let deadline = Duration::from_millis(settings.request_deadline_ms);
    let client = match settings.kind {
        Kind::TheHive => {
            let options = thehive::client::Options {
                major: None,
                marker_field: settings.marker_field.clone(),
                public_url: settings.public_url.clone(),
            };
            Client::TheHive(Box::new(thehive::client::Client::new(
                egress(settings, auth, proxy)?,
                options,
            )))
        }
        Kind::QRadar => {
            let options = qradar::client::Options {
                version: settings.api_version.clone(),
                searches: settings.searches,
                search_deadline: Duration::from_millis(settings.search_deadline_ms),
                public_url: settings.public_url.clone(),
                include_multi_domain: settings.include_multi_domain,
                source_id: settings.source_id.clone(),
            };
            Client::QRadar(Box::new(qradar::client::Client::new(
                egress(settings, auth, proxy)?,
                options,
            )))
        }
        Kind::Ews => {
            let options = ews::client::Options {
                mailbox: settings.mailbox.clone(),
                impersonate: settings.impersonate,
                max_attachment_bytes: settings.max_attachment_bytes,
                max_mime_bytes: settings.max_attachment_bytes,
            };
            Client::Ews(Box::new(ews::client::Client::new(
                egress(settings, auth, proxy)?,
                options,
            )))
        }
        Kind::Lab => {
            let egress = if settings.url.is_some() {
                Some(egress(settings, auth, proxy)?)
            } else {
                None
            };
            Client::Lab(Box::new(lab::client::Client::new(egress)))
        }
    };
    Ok(Connection {
        source_id: settings.source_id.clone(),
        settle: Settle {
            send_window: Duration::from_millis(settings.send_window_ms),
            request_deadline: deadline,
            visibility_lag: Duration::from_millis(settings.visibility_lag_ms),
            patience: Duration::from_secs(settings.patience_seconds),
        },
        width: settings.width,
        redactor: Redactor::new(secrets),
        client,
    })
}

fn pem(path: Option<&PathBuf>, setting: &'static str) -> Result<Option<Vec<u8>>, Wrong> {
    let unreadable =
        |path: &PathBuf, error: std::io::Error| (setting, format!("`{}` cannot be read: {error}", path.display()));
    path.map(|path| std::fs::read(path).map_err(|error| unreadable(path, error)))
        .transpose()
}

fn proxy(settings: &file::Proxy) -> Result<egress::Proxy, Wrong> {
    let auth = match (&settings.user, &settings.secret) {
        (Some(user), Some(secret)) => Some(egress::ProxyAuth {
            user: user.clone(),
            password: read(secret).map_err(|(_, problem)| ("proxy.secret", problem))?,
        }),
        _ => None,
    };
    Ok(egress::Proxy {
        url: settings.url.clone(),
        auth,
        ca_bundle: pem(settings.ca_bundle.as_ref(), "proxy.ca_bundle")?,
        allow: settings.allow.clone(),
    })
}

fn egress(settings: &file::Connection, auth: egress::Auth, proxy: Option<egress::Proxy>) -> Result<Egress, Wrong> {
    let ca_bundle = pem(settings.ca_bundle.as_ref(), "ca_bundle")?;
    let organisation = settings
        .organisation
        .iter()
        .map(|name| ("X-Organisation".to_owned(), name.clone()))
        .collect();
    Egress::new(Settings {
        url: settings.url.clone().unwrap_or_default(),
        auth,
        ca_bundle,
        server_name: settings.server_name.clone(),
        allow: settings.allow.clone(),
        proxy,
        allow_http: settings.allow_http,
        connect_timeout: Duration::from_millis(settings.connect_timeout_ms),
        request_deadline: Duration::from_millis(settings.request_deadline_ms),
        max_response_bytes: settings.max_response_bytes,
        width: settings.width,
        requests_per_second: settings.rate(),
        read_retries: settings.read_retries,
        extra_headers: organisation,
    })
    .map_err(|refused| {
        // The text names the setting exactly.
        let setting = if refused.place.starts_with("proxy.") {
            "proxy"
        } else {
            "url"
        };
        (setting, refused.to_string())
    })
}

fn auth(auth: &Auth) -> Result<(egress::Auth, Vec<Secret>), Wrong> {
    Ok(match auth {
        Auth::None => (egress::Auth::None, Vec::new()),
        Auth::Bearer { secret } => {
            let secret = read(secret)?;
            (egress::Auth::Bearer(secret.clone()), vec![secret])
        }
        Auth::Sec { secret } => {
            let secret = read(secret)?;
            (
                egress::Auth::Header {
                    name: "SEC".to_owned(),
                    value: secret.clone(),
                },
                vec![secret],
            )
        }
        Auth::Basic { user, secret } => {
            let secret = read(secret)?;
            (
                egress::Auth::Basic {
                    user: user.clone(),
                    password: secret.clone(),
                },
                vec![
                    Secret::new(STANDARD.encode(format!("{user}:{}", secret.expose()))),
                    secret,
                ],
            )
        }
        Auth::Ntlm { user, domain, secret } => {
            let password = read(secret)?;
            let auth = egress::Auth::Ntlm {
                user: user.clone(),
                domain: domain.clone(),
                password: password.clone(),
            };
            (auth, vec![password])
        }
    })
}

pub(super) fn read(source: &SecretSource) -> Result<Secret, Wrong> {
    let text = match source {
        SecretSource::Env { env } => {
            #[expect(
                clippy::disallowed_methods,
                reason = "configuration is where the environment is read"
            )]
            let value = std::env::var(env);
            value.map_err(|_| {
                (
                    "auth.secret.env",
                    format!("the environment variable `{env}` is not set"),
                )
            })?
        }
        SecretSource::File { file } => std::fs::read_to_string(file).map_err(|error| {
            (
                "auth.secret.file",
                format!("`{}` cannot be read: {error}", file.display()),
            )
        })?,
        SecretSource::Literal(()) => return Err(("auth.secret", "a secret in the file is refused".to_owned())),
    };
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(("auth.secret", "the secret is empty".to_owned()));
    }
    Ok(Secret::new(secret))
}
