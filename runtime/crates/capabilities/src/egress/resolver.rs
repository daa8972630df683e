//! Which addresses does a name have that may be connected to? The answer is what is connected to, so a name that
//! changes its address between check and use gains nothing (threat row 45).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Allow;
use super::base::Host;

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
    pub fn address(host: impl fmt::Display) -> Self {
        Self(format!(
            "`{host}` has no address that the connection's allow list permits"
        ))
    }
}

/// Why there is no address.
type Unresolved = Box<dyn std::error::Error + Send + Sync>;

/// Looks up the configured host, whatever name the request uses, and hands on what is permitted.
#[derive(Clone)]
pub(super) struct Checked {
    pub host: Host,
    /// The only name that is ever asked for.
    pub asked: String,
    pub allow: Allow,
    pub lookup: Arc<dyn Lookup>,
}

impl Checked {
    /// The addresses of the configured host that may be connected to; at least one.
    pub async fn addresses(&self) -> Result<Vec<IpAddr>, Unresolved> {
        let (shown, found) = match &self.host {
            Host::Address(address) => (address.to_string(), vec![*address]),
            Host::Name(name) if self.allow.permits_name(name) => {
                (name.clone(), self.lookup.lookup(name.clone()).await?)
            }
            Host::Name(name) => (name.clone(), Vec::new()),
        };
        let permitted: Vec<_> = found
            .into_iter()
            .take(ADDRESSES)
            .filter(|address| self.allow.permits(*address))
            .collect();
        if permitted.is_empty() {
            return Err(Blocked::address(shown).into());
        }
        Ok(permitted)
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let known = name.as_str().eq_ignore_ascii_case(&self.asked);
        let checked = self.clone();
        Box::pin(async move {
            if !known {
                return Err(Blocked("a request to another host than the connection's".to_owned()).into());
            }
            let permitted = checked.addresses().await?;
            // Port 0: the URL's.
            let addresses: Addrs = Box::new(permitted.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
