//! What carries a request: connections that take any request, or connections that somebody logged in on?

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use http::header::HeaderMap;
use synapse_domain::manifest::Refused;
use url::Url;

use super::answer::Head;
use super::base::Base;
use super::dial::Dial;
use super::fault::Fault;
use super::ntlm::{self, Identity};
use super::plain;
use super::proxy::Proxy;
use super::request::Request;
use super::resolver::{Checked, Lookup};
use super::settings::{Auth, Settings};
use super::tls;

/// How long an idle connection is kept: below the idle time of common servers and proxies, so that a write rarely meets a connection
/// that is just being closed (its outcome would be unknown).
pub(super) const IDLE: Duration = Duration::from_secs(15);

/// How the platform calls itself.
pub(super) const USER_AGENT: &str = concat!("synapse/", env!("CARGO_PKG_VERSION"));

/// The transport of one way; it does not know about slots and deadlines.
pub(super) enum Transport {
    /// Any request on any connection.
    Plain(Box<plain::Transport>),
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

impl Transport {
    /// The transport that these settings want.
    pub fn new(settings: &Settings, base: &Base, resolver: Checked, lookup: Arc<dyn Lookup>) -> Result<Self, Refused> {
        let tls = tls::config(settings.ca_bundle.as_deref(), base.tls)?;
        let proxy = settings.proxy.as_ref().map(|proxy| Proxy::new(proxy, lookup));
        let dial = Dial {
            resolver,
            name: base.asked.clone(),
            port: base.port,
            tls: base.tls.then(|| Arc::new(tls)),
            proxy: proxy.transpose()?,
            timeout: settings.connect_timeout,
        };
        Ok(match &settings.auth {
            Auth::Ntlm { user, domain, password } => {
                let identity = Identity::new(user, domain.as_deref(), password.clone());
                Self::Ntlm(Box::new(ntlm::Transport::new(dial, identity)))
            }
            Auth::None | Auth::Bearer(_) | Auth::Basic { .. } | Auth::Header { .. } => {
                Self::Plain(Box::new(plain::Transport::new(dial)))
            }
        })
    }

    /// How its connections are made.
    pub fn dial(&self) -> &Dial {
        match self {
            Self::Plain(transport) => transport.dial(),
            Self::Ntlm(transport) => transport.dial(),
        }
    }

    /// Uses no connection any more that is idle now, or comes back later.
    pub fn forget_connections(&self) {
        match self {
            Self::Plain(transport) => transport.forget_connections(),
            Self::Ntlm(transport) => transport.forget_connections(),
        }
    }

    /// Brings the request to the target and waits for the answer's head.
    pub async fn send(&self, asked: &Asked<'_>) -> Result<Head, Fault> {
        match self {
            Self::Plain(transport) => transport.send(asked).await,
            Self::Ntlm(transport) => transport.send(asked).await,
        }
    }
}
