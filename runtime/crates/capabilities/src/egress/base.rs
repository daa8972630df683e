//! Where does a connection lead: which host is connected to, and under which name is it asked?

use std::fmt;
use std::net::IpAddr;

use synapse_domain::manifest::Refused;
use url::Url;

use super::address::Allow;
use super::encode;
use super::fault::Fault;
use super::settings::Settings;

/// A checked base URL.
#[derive(Debug, Clone)]
pub(super) struct Base {
    /// What the operator configured, without a slash at its end.
    pub url: String,
    /// What is connected to.
    pub host: Host,
    /// Scheme, name used for TLS and `Host`, and port: how requests begin.
    origin: String,
    /// The name used for TLS and `Host`.
    pub asked: String,
    /// Path in front of every request, without a slash at its end.
    path: String,
    /// The port.
    pub port: u16,
    /// Is it `https`?
    pub tls: bool,
}

/// What is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// The host of a URL, and how the URL spells it; none: it has none.
    pub fn of(url: &Url) -> Option<(Self, String)> {
        let text = url.host_str().filter(|host| !host.is_empty())?;
        let literal = text.trim_start_matches('[').trim_end_matches(']').parse();
        let host = literal.map_or_else(|_| Self::Name(text.to_owned()), Self::Address);
        Some((host, text.to_owned()))
    }

    /// May it be connected to, as far as that is known without looking it up?
    pub fn is_permitted(&self, allow: &Allow) -> bool {
        match self {
            Self::Name(name) => allow.permits_name(name),
            Self::Address(address) => allow.permits(*address),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

impl Base {
    /// Reads the URL. Says nothing yet about whether its address is permitted.
    pub fn parse(settings: &Settings) -> Result<Self, Refused> {
        let refuse = |problem: &str| Refused::new("url", problem);
        let url =
            Url::parse(settings.url.trim()).map_err(|error| Refused::new("url", format!("not a URL: {error}")))?;
        let tls = match url.scheme() {
            "https" => true,
            "http" if settings.allow_http => false,
            "http" => {
                return Err(refuse(
                    "`http://` sends credentials in clear; use `https://`, or allow_http in a laboratory",
                ));
            }
            _ => return Err(refuse("use an `https://` URL")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "a URL with a user or password is not accepted; put the credential into the connection's auth",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("remove everything from `?` or `#` on"));
        }
        let (host, text) = Host::of(&url).ok_or_else(|| refuse("the URL names no host"))?;
        let asked = match &settings.server_name {
            None => text.clone(),
            Some(name) => server_name(name)?,
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = url.path().trim_end_matches('/').to_owned();
        if path.split('/').skip(1).any(str::is_empty) {
            return Err(refuse("the path has an empty segment (`//`)"));
        }
        let configured = format!("{}://{text}{port}{path}", url.scheme());
        let origin = format!("{}://{asked}{port}", url.scheme());
        Ok(Self {
            url: configured,
            host,
            origin,
            asked,
            path,
            port: url.port_or_known_default().unwrap_or(if tls { 443 } else { 80 }),
            tls,
        })
    }

    /// Refuses a host that may not be connected to, as far as that is known without looking it up.
    pub fn check(&self, allow: &Allow) -> Result<(), Refused> {
        if self.host.is_permitted(allow) {
            return Ok(());
        }
        let what = &self.host;
        Err(Refused::new(
            "url",
            format!(
                "`{what}` may not be connected to; if it is the target, add its network to the connection's allow list"
            ),
        ))
    }

    /// The URL of a request. Every segment stays one segment below the base path.
    pub fn join(&self, segments: &[String], query: &[(String, String)]) -> Result<Url, Fault> {
        let mut text = format!("{}{}", self.origin, self.path);
        for segment in segments {
            let bad = segment.is_empty() || segment == "." || segment == ".." || segment.chars().any(char::is_control);
            if bad {
                return Err(Fault::invalid(
                    "path",
                    "a part of the path is empty, a dot segment or has control characters",
                ));
            }
            text.push('/');
            text.push_str(&encode::percent(segment));
        }
        if segments.is_empty() && self.path.is_empty() {
            text.push('/');
        }
        if !query.is_empty() {
            text.push('?');
            text.push_str(&encode::pairs(query, encode::percent));
        }
        Url::parse(&text).map_err(|error| Fault::invalid("path", &error.to_string()))
    }
}

/// A name for TLS and `Host`: a DNS name, because a literal would be connected to without being looked up.
fn server_name(name: &str) -> Result<String, Refused> {
    let refuse = || {
        Refused::new(
            "server_name",
            format!("`{name}` is not a DNS name; use the name that the certificate holds"),
        )
    };
    let url = Url::parse(&format!("https://{name}/")).map_err(|_| refuse())?;
    let host = url.host_str().ok_or_else(refuse)?;
    let plain = host.eq_ignore_ascii_case(name) && host.parse::<IpAddr>().is_err() && !host.starts_with('[');
    if plain { Ok(host.to_owned()) } else { Err(refuse()) }
}
