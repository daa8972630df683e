//! What carries a request: connections that take any request, or connections that somebody logged in on?

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::Url;
use rustls::ClientConfig;
use synapse_domain::manifest::Refused;

use super::answer::Head;
use super::base::Base;
use super::fault::Fault;
use super::ntlm::{self, Dial, Identity};
use super::request::Request;
use super::resolver::Checked;
use super::settings::{Auth, Settings};
use super::tls;

/// How long an idle connection is kept: below the idle time of common servers and proxies, so that a write rarely meets a connection
/// that is just being closed (its outcome would be unknown).
const IDLE: Duration = Duration::from_secs(15);

const USER_AGENT: &str = concat!("synapse/", env!("CARGO_PKG_VERSION"));

/// The transport of one way; it does not know about slots and deadlines.
pub(super) enum Transport {
    /// Any request on any connection.
    Pooled(Box<Pooled>),
    /// Connections that are authenticated.
    Ntlm(Box<ntlm::Transport>),
}

/// A request on its way.
pub(super) struct Asked<'a> {
    pub request: &'a Request,
    pub url: &'a Url,
    /// The connection's headers and the request's own.
    pub headers: HeaderMap,
    /// Does it change nothing?
    pub is_read: bool,
    /// Set when something is sent that the target may act on. A deadline that passes before that means that nothing was.
    pub begun: &'a AtomicBool,
}

/// What a connection is made of.
pub(super) struct Way<'a> {
    /// Resolves and checks.
    pub resolver: &'a Checked,
    /// None: plain, for laboratories.
    pub tls: Option<Arc<ClientConfig>>,
    /// Longest time until it stands.
    pub timeout: Duration,
}

impl Transport {
    /// The transport that these settings want.
    pub fn new(settings: &Settings, base: &Base, resolver: Checked) -> Result<Self, Refused> {
        let tls = tls::config(settings.ca_bundle.as_deref(), base.tls)?;
        match &settings.auth {
            Auth::Ntlm { user, domain, password } => {
                let dial = Dial {
                    resolver,
                    port: base.port,
                    tls: base.tls.then(|| Arc::new(tls)),
                    timeout: settings.connect_timeout,
                };
                let identity = Identity::new(user, domain.as_deref(), password.clone());
                let user_agent = HeaderValue::from_static(USER_AGENT);
                Ok(Self::Ntlm(Box::new(ntlm::Transport::new(
                    dial, identity, user_agent, IDLE,
                ))))
            }
            Auth::None | Auth::Bearer(_) | Auth::Basic { .. } | Auth::Header { .. } => {
                Ok(Self::Pooled(Box::new(Pooled::new(tls, resolver, base.tls, settings)?)))
            }
        }
    }

    /// What a connection is made of, for an examination.
    pub fn way(&self) -> Way<'_> {
        match self {
            Self::Pooled(pooled) => Way {
                resolver: &pooled.resolver,
                tls: pooled.https_only.then(|| Arc::new(pooled.tls.clone())),
                timeout: pooled.connect_timeout,
            },
            Self::Ntlm(transport) => {
                let dial = transport.dial();
                Way {
                    resolver: &dial.resolver,
                    tls: dial.tls.clone(),
                    timeout: dial.timeout,
                }
            }
        }
    }

    /// Uses no connection any more that is idle now, or comes back later.
    pub fn forget_connections(&self) {
        match self {
            Self::Pooled(pooled) => pooled.renew(),
            Self::Ntlm(transport) => transport.forget_connections(),
        }
    }

    /// Brings the request to the target and waits for the answer's head. Files are opened only here, so that there are never more open
    /// ones than slots hold.
    pub async fn send(&self, asked: Asked<'_>) -> Result<Head, Fault> {
        let http = match self {
            Self::Pooled(pooled) => pooled.current(),
            Self::Ntlm(transport) => return transport.send(&asked).await,
        };
        let mut headers = asked.headers;
        let mut sending = http.request(asked.request.method.clone(), asked.url.clone());
        if let Some((content_type, body)) = asked.request.open().await? {
            headers.entry(CONTENT_TYPE).or_insert(content_type);
            sending = sending.body(reqwest::Body::wrap(body));
        }
        // From when on a connection stands, this client does not say.
        asked.begun.store(true, Ordering::Relaxed);
        let response = sending.headers(headers).send().await;
        Ok(response.map_err(|error| Fault::of(&error))?.into())
    }
}

/// Connections that carry any request. They cannot be closed one by one, but all at once: by another client in the place of this one.
pub(super) struct Pooled {
    client: RwLock<reqwest::Client>,
    tls: ClientConfig,
    resolver: Checked,
    https_only: bool,
    connect_timeout: Duration,
    width: usize,
}

impl Pooled {
    fn new(tls: ClientConfig, resolver: Checked, https_only: bool, with: &Settings) -> Result<Self, Refused> {
        let (connect_timeout, width) = (with.connect_timeout, with.width);
        let client = client(&tls, &resolver, https_only, connect_timeout, width)?;
        Ok(Self {
            client: RwLock::new(client),
            tls,
            resolver,
            https_only,
            connect_timeout,
            width,
        })
    }

    fn current(&self) -> reqwest::Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn renew(&self) {
        // It was made once from the same parts.
        if let Ok(fresh) = client(
            &self.tls,
            &self.resolver,
            self.https_only,
            self.connect_timeout,
            self.width,
        ) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

fn client(
    tls: &ClientConfig,
    resolver: &Checked,
    https_only: bool,
    connect_timeout: Duration,
    width: usize,
) -> Result<reqwest::Client, Refused> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .https_only(https_only)
        .http1_only()
        .dns_resolver(Arc::new(resolver.clone()))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(width)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| Refused::new("connection", error.without_url().to_string()))
}
