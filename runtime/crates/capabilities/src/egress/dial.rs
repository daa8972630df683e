//! How does a connection come to stand: to a permitted address, or through the operator's proxy? TLS and time limits are the same for
//! both; nothing of a request is sent yet.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connection::Connection;
use super::fault::Fault;
use super::proxy::Proxy;
use super::resolver::Checked;

/// Bytes in both directions, whatever carries them.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What a target, or a proxy, is spoken to through.
pub(super) type Stream = Box<dyn Io>;

/// Where a connection leads, and how.
pub(super) struct Dial {
    /// Resolves and checks, each time; with a proxy, only checks.
    pub resolver: Checked,
    /// The name in the target's certificate.
    pub name: String,
    /// The port.
    pub port: u16,
    /// None: plain, for laboratories.
    pub tls: Option<Arc<ClientConfig>>,
    /// What the operator put in between.
    pub proxy: Option<Proxy>,
    /// Longest time until the connection stands, TLS included.
    pub timeout: Duration,
}

impl Dial {
    /// A new connection.
    pub async fn connect(&self) -> Result<Connection, Fault> {
        let start = Instant::now();
        let stream = match &self.proxy {
            None => within(self.timeout, self.direct()).await?,
            Some(proxy) => self.tunnel(proxy).await?,
        };
        let left = self.timeout.saturating_sub(start.elapsed());
        within(left, self.secure(stream)).await
    }

    /// A way to the target through the proxy.
    pub async fn tunnel(&self, proxy: &Proxy) -> Result<Stream, Fault> {
        let to = self.resolver.unresolved(self.port)?;
        let tunnel = within(self.timeout, proxy.tunnel(&to, self.timeout)).await;
        tunnel.map_err(|fault| proxy.blame(fault))
    }

    async fn direct(&self) -> Result<Stream, Fault> {
        let addresses = self.resolver.addresses().await;
        let addresses = addresses.map_err(|error| Fault::connecting(error.as_ref()))?;
        Ok(Box::new(tcp(&addresses, self.port, self.timeout).await?))
    }

    async fn secure(&self, stream: Stream) -> Result<Connection, Fault> {
        let Some(tls) = &self.tls else {
            return Connection::over(stream, None).await;
        };
        let stream = handshake(tls, &self.name, stream).await?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(<[_]>::first);
        let leaf = leaf.map(|leaf| leaf.clone().into_owned());
        Connection::over(Box::new(stream), leaf).await
    }
}

/// The same within this time.
async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let late = || Err(Fault::Connect("no connection within the connect timeout".to_owned()));
    tokio::time::timeout(limit, step).await.unwrap_or_else(|_| late())
}

/// The first address that answers.
pub(super) async fn tcp(addresses: &[IpAddr], port: u16, timeout: Duration) -> Result<TcpStream, Fault> {
    let mut missed = match reach(addresses, port, timeout).await {
        Ok(reached) => return Ok(reached.stream),
        Err(missed) => missed,
    };
    Err(match missed.pop() {
        None => Fault::Connect("no address".to_owned()),
        Some(last) if last.why.kind() == io::ErrorKind::TimedOut => {
            Fault::Connect("no connection within the connect timeout".to_owned())
        }
        Some(last) => Fault::connecting(&last.why),
    })
}

/// An address that answered.
pub(super) struct Reached {
    pub stream: TcpStream,
    pub at: SocketAddr,
    /// Those before it that did not.
    pub missed: Vec<Missed>,
}

/// An address that did not answer.
pub(super) struct Missed {
    pub at: SocketAddr,
    pub why: io::Error,
}

/// Asks one address after the other. Each gets its share of the time that is left, so that a dead one does not take it all.
pub(super) async fn reach(addresses: &[IpAddr], port: u16, timeout: Duration) -> Result<Reached, Vec<Missed>> {
    let start = Instant::now();
    let mut missed = Vec::new();
    for (n, address) in addresses.iter().enumerate() {
        let shares = u32::try_from(addresses.len().saturating_sub(n)).unwrap_or(u32::MAX);
        let left = timeout.saturating_sub(start.elapsed());
        let share = left.checked_div(shares).unwrap_or(left);
        let at = SocketAddr::new(*address, port);
        let connecting = tokio::time::timeout(share, TcpStream::connect(at)).await;
        let connected = connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        // A request is written as a whole; waiting for more would only delay it.
        match connected.and_then(|stream| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => return Ok(Reached { stream, at, missed }),
            Err(why) => missed.push(Missed { at, why }),
        }
    }
    Err(missed)
}

/// TLS with whoever holds a certificate for this name.
pub(super) async fn handshake(tls: &Arc<ClientConfig>, name: &str, stream: Stream) -> Result<TlsStream<Stream>, Fault> {
    let name = name.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|error| Fault::connecting(&error))?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
    stream.map_err(|error| Fault::connecting(&error))
}
