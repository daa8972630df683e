//! How does a connection come to stand through the operator's proxy (CONNECT)? What is encrypted stays so end to end: the proxy learns the
//! target's host and port, and how much is sent.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use synapse_domain::manifest::Refused;
use synapse_domain::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::address::Allow;
use super::base::Host;
use super::dial::{self, Stream};
use super::fault::Fault;
use super::request::header_value;
use super::resolver::{Checked, Lookup};
use super::settings;
use super::tls;
use super::transport::USER_AGENT;

/// Largest head of an answer to CONNECT, bytes. Real ones have a few hundred.
const HEAD_BYTES: usize = 8 << 10;

/// A proxy that is ready to be used.
pub(super) struct Proxy {
    /// Host and port, for texts.
    shown: String,
    /// The name in its certificate.
    name: String,
    resolver: Checked,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    authorization: Option<Secret>,
}

impl Proxy {
    /// Checks the settings. Says nothing about the proxy itself.
    pub fn new(settings: &settings::Proxy, lookup: Arc<dyn Lookup>) -> Result<Self, Refused> {
        let refuse = |problem: &str| Refused::new("proxy.url", problem);
        let url = Url::parse(settings.url.trim())
            .map_err(|error| Refused::new("proxy.url", format!("not a URL: {error}")))?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(refuse("use `http://HOST:PORT` or `https://HOST:PORT`")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "a URL with a user or password is not accepted; use the proxy's `user` and `secret`",
            ));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("give scheme, host and port only"));
        }
        let (host, name) = Host::of(&url).ok_or_else(|| refuse("the URL names no host"))?;
        let port = url.port_or_known_default().unwrap_or(80);
        let allow = Allow::new(settings.allow.clone());
        if !host.is_permitted(&allow) {
            return Err(Refused::new(
                "proxy.url",
                format!(
                    "`{name}` may not be connected to; if it is the proxy, add its network to the proxy's allow list"
                ),
            ));
        }
        let tls = if encrypted {
            let config = tls::config(settings.ca_bundle.as_deref(), true);
            Some(Arc::new(config.map_err(|refused| {
                Refused::new(format!("proxy.{}", refused.place), refused.problem)
            })?))
        } else {
            None
        };
        let authorization = settings.auth.as_ref().map(|auth| Secret::new(auth.header()));
        if authorization
            .as_ref()
            .is_some_and(|secret| header_value(secret.expose()).is_none())
        {
            return Err(Refused::new("proxy.secret", "holds a line break or control character"));
        }
        Ok(Self {
            shown: format!("{name}:{port}"),
            name,
            resolver: Checked {
                host,
                allow,
                list: "the proxy's",
                lookup,
            },
            port,
            tls,
            authorization,
        })
    }

    /// Host and port, for texts.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A way to the target `to` (host and port), through this proxy.
    pub async fn tunnel(&self, to: &str, timeout: Duration) -> Result<Stream, Fault> {
        let addresses = self.resolver.addresses().await;
        let addresses = addresses.map_err(|error| Fault::connecting(error.as_ref()))?;
        let mut stream: Stream = Box::new(dial::tcp(&addresses, self.port, timeout).await?);
        if let Some(tls) = &self.tls {
            stream = Box::new(dial::handshake(tls, &self.name, stream).await?);
        }
        let authorization = match &self.authorization {
            Some(secret) => format!("Proxy-Authorization: {}\r\n", secret.expose()),
            None => String::new(),
        };
        let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\nUser-Agent: {USER_AGENT}\r\n{authorization}\r\n");
        let broken = |error: std::io::Error| Fault::connecting(&error);
        stream.write_all(ask.as_bytes()).await.map_err(broken)?;
        stream.flush().await.map_err(broken)?;
        let answer = Answer::read(&mut stream).await?;
        match answer.status {
            200..=299 if answer.is_all => Ok(stream),
            // A target that is behind it speaks only when it is spoken to.
            200..=299 => Err(Fault::Proxy("it sent more than an answer to CONNECT".to_owned())),
            407 => Err(Fault::Proxy(
                "it refused its credentials (407); set the proxy's `user` and `secret`, or renew them".to_owned(),
            )),
            status @ 500..=599 => Err(Fault::Connect(format!("it answered {status} for `{to}`"))),
            status => Err(Fault::Proxy(format!(
                "it does not let us through to `{to}`: it answered {status}"
            ))),
        }
    }

    /// The same fault, with the proxy named as its cause.
    pub fn blame(&self, fault: Fault) -> Fault {
        let proxy = &self.shown;
        match fault {
            Fault::Connect(why) => Fault::Connect(format!("through the proxy `{proxy}`: {why}")),
            Fault::Proxy(why) => Fault::Proxy(format!("the proxy `{proxy}`: {why}")),
            Fault::Untrusted(why) => Fault::Untrusted(format!(
                "the proxy `{proxy}`, for which `proxy.ca_bundle` counts: {why}"
            )),
            other => other,
        }
    }
}

impl settings::ProxyAuth {
    /// The value of `Proxy-Authorization`.
    fn header(&self) -> String {
        format!("Basic {}", self.pair())
    }

    fn pair(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.user, self.password.expose()))
    }

    /// Everything that must never be shown.
    pub fn secrets(&self) -> Vec<Secret> {
        vec![self.password.clone(), Secret::new(self.pair())]
    }
}

/// What a proxy said to CONNECT.
struct Answer {
    status: u16,
    /// Did nothing follow its head?
    is_all: bool,
}

impl Answer {
    async fn read(stream: &mut Stream) -> Result<Self, Fault> {
        let mut head = Vec::new();
        let end = loop {
            let mut chunk = [0; 1024];
            let count = stream
                .read(&mut chunk)
                .await
                .map_err(|error| Fault::connecting(&error))?;
            if count == 0 {
                return Err(Fault::Connect(
                    "it closed the connection before it had answered".to_owned(),
                ));
            }
            head.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break at.saturating_add(4);
            }
            if head.len() > HEAD_BYTES {
                return Err(Fault::Proxy(format!("its answer has no end within {HEAD_BYTES} bytes")));
            }
        };
        let status = status(&head).ok_or_else(|| {
            Fault::Proxy(
                "its answer cannot be read; is it an HTTP proxy, and is the scheme of `proxy.url` right?".to_owned(),
            )
        })?;
        Ok(Self {
            status,
            is_all: end == head.len(),
        })
    }
}

/// The number in a status line.
fn status(head: &[u8]) -> Option<u16> {
    let rest = head
        .strip_prefix(b"HTTP/1.0 ")
        .or_else(|| head.strip_prefix(b"HTTP/1.1 "))?;
    let digits = std::str::from_utf8(rest.get(..3)?).ok()?;
    let ends = matches!(rest.get(3)?, b' ' | b'\r');
    let status = digits.parse().ok().filter(|status| (200..600).contains(status))?;
    ends.then_some(status)
}
