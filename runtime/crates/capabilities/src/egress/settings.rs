//! What does an operator say about the way to a target?

use std::time::Duration;

use ipnet::IpNet;
use synapse_domain::secret::Secret;

/// The way to one target. `Debug` shows no credential.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base URL; may have a path (a context path in front of the API).
    pub url: String,
    /// How the target knows us.
    pub auth: Auth,
    /// Certificates in PEM that replace the system's roots. Several are fine; an intermediate counts as a root.
    pub ca_bundle: Option<Vec<u8>>,
    /// The name in the target's certificate, where it is not the URL's host. The address still comes from the URL.
    pub server_name: Option<String>,
    /// The only addresses that may be connected to; empty: public ones. Loopback, link-local, metadata, multicast and
    /// reserved addresses are permitted only by a network that lies wholly inside their range.
    pub allow: Vec<IpNet>,
    /// What stands between us and the target; none: nothing. Proxies of the environment are never used.
    pub proxy: Option<Proxy>,
    /// Is `http://` acceptable? For laboratories.
    pub allow_http: bool,
    /// Longest time until a connection stands, TLS included.
    pub connect_timeout: Duration,
    /// Longest time of one request: waiting for a slot and a turn, connecting, sending and reading the whole answer.
    pub request_deadline: Duration,
    /// Largest body of an answer, bytes.
    pub max_response_bytes: usize,
    /// Requests at once.
    pub width: usize,
    /// Requests that may begin in a second, of everybody together; 0: as many as there are.
    pub requests_per_second: u32,
    /// How often a read is repeated.
    pub read_retries: u32,
    /// Sent with every request, for instance `X-Organisation`.
    pub extra_headers: Vec<(String, String)>,
}

/// An HTTP proxy that takes CONNECT. It looks the target's name up, so an allow list can say nothing about the address behind a name.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// `http://HOST:PORT` or `https://HOST:PORT`
    pub url: String,
    /// How the proxy knows us; none: it does not ask.
    pub auth: Option<ProxyAuth>,
    /// Certificates in PEM that replace the system's roots for the proxy itself.
    pub ca_bundle: Option<Vec<u8>>,
    /// The only addresses of the proxy that may be connected to, as in [`Settings::allow`].
    pub allow: Vec<IpNet>,
}

/// `Proxy-Authorization: Basic`
#[derive(Debug, Clone)]
pub struct ProxyAuth {
    /// The login.
    pub user: String,
    /// Its password.
    pub password: Secret,
}

/// How a target knows us.
#[derive(Debug, Clone)]
pub enum Auth {
    /// It does not ask.
    None,
    /// `Authorization: Bearer`
    Bearer(Secret),
    /// `Authorization: Basic`
    Basic {
        /// The login.
        user: String,
        /// Its password.
        password: Secret,
    },
    /// NTLM (Exchange on premises): the connection is authenticated, not the request.
    Ntlm {
        /// The account; `DOMAIN\name` and `name@domain` are understood too.
        user: String,
        /// Its domain, where the user does not name it.
        domain: Option<String>,
        /// Its password.
        password: Secret,
    },
    /// A header of the target's own (QRadar's `SEC`).
    Header {
        /// The header.
        name: String,
        /// Its value.
        value: Secret,
    },
}
