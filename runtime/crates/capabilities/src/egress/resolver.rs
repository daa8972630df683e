//! Which addresses does a name have that may be connected to? The answer is what is connected to, so a name that
//! changes its address between check and use gains nothing (threat row 45).

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::address::Allow;
use super::base::Host;
use super::fault::Fault;

/// Addresses of one name that are looked at.
const ADDRESSES: usize = 16;

/// The operation of looking a name up.
pub(super) trait Lookup: Send + Sync {
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The machine's resolver.
pub(super) struct System;

impl Lookup for System {
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            Ok(tokio::net::lookup_host((name, 0))
                .await?
                .map(|found| found.ip())
                .collect())
        })
    }
}

/// An address that may not be connected to.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(super) struct Blocked(pub String);

impl Blocked {
    /// `list`: whose allow list says so.
    pub fn address(host: impl fmt::Display, list: &str) -> Self {
        Self(format!("`{host}` has no address that {list} allow list permits"))
    }
}

/// Why there is no address.
type Unresolved = Box<dyn std::error::Error + Send + Sync>;

/// Looks up a configured host, and hands on what is permitted.
#[derive(Clone)]
pub(super) struct Checked {
    pub host: Host,
    pub allow: Allow,
    /// Whose list that is, for texts: `the connection's`, `the proxy's`.
    pub list: &'static str,
    pub lookup: Arc<dyn Lookup>,
}

impl Checked {
    /// The addresses of the configured host that may be connected to; at least one.
    pub async fn addresses(&self) -> Result<Vec<IpAddr>, Unresolved> {
        let found = match &self.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) if self.allow.permits_name(name) => self.lookup.lookup(name.clone()).await?,
            Host::Name(_) => Vec::new(),
        };
        let permitted: Vec<_> = found
            .into_iter()
            .take(ADDRESSES)
            .filter(|address| self.allow.permits(*address))
            .collect();
        if permitted.is_empty() {
            return Err(Blocked::address(&self.host, self.list).into());
        }
        Ok(permitted)
    }

    /// Host and port for somebody else to look up: a proxy. Only what is forbidden by its spelling is refused here.
    pub fn unresolved(&self, port: u16) -> Result<String, Fault> {
        if !self.host.is_permitted(&self.allow) {
            return Err(Fault::Blocked(Blocked::address(&self.host, self.list).0));
        }
        Ok(match &self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]:{port}"),
            host => format!("{host}:{port}"),
        })
    }
}
