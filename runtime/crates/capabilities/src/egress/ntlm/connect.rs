//! How does a connection come to stand? The same address check, TLS and time limits as for any other request; nothing is sent yet.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use super::bindings;
use super::cookies::Cookies;
use crate::egress::body::Outgoing;
use crate::egress::fault::Fault;
use crate::egress::resolver::Checked;

/// Where a connection leads, and how.
pub(in crate::egress) struct Dial {
    /// Resolves and checks, each time.
    pub resolver: Checked,
    /// The port.
    pub port: u16,
    /// None: plain, for laboratories.
    pub tls: Option<Arc<ClientConfig>>,
    /// Longest time until the connection stands, TLS included.
    pub timeout: Duration,
}

/// A connection of its own. Dropping it closes it, whatever it is doing.
pub(super) struct Connection {
    send: SendRequest<Outgoing>,
    /// The name of its TLS channel.
    pub bindings: Option<Vec<u8>>,
    /// What the target asked to be told again; load balancers tie a connection to one of their servers with it.
    pub cookies: Cookies,
    /// When it was made.
    pub made: Instant,
    /// When it was last used.
    pub used: Instant,
    _task: AbortOnDropHandle<()>,
}

impl Dial {
    /// A new connection.
    pub(super) async fn connect(&self) -> Result<Connection, Fault> {
        let late = || Err(Fault::Connect("no connection within the connect timeout".to_owned()));
        let standing = tokio::time::timeout(self.timeout, self.stand()).await;
        standing.unwrap_or_else(|_| late())
    }

    async fn stand(&self) -> Result<Connection, Fault> {
        let addresses = self.resolver.addresses().await;
        let addresses = addresses.map_err(|error| Fault::connecting(error.as_ref()))?;
        let tcp = self.tcp(&addresses).await?;
        let Some(tls) = &self.tls else {
            return talk(tcp, None).await;
        };
        let name = self.resolver.asked.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| Fault::connecting(&error))?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await;
        let stream = stream.map_err(|error| Fault::connecting(&error))?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(<[_]>::first);
        let bindings = leaf.map(|leaf| bindings::server_end_point(leaf));
        talk(stream, bindings).await
    }

    /// The first address that answers. Each gets its share of the time that is left, so that a dead one does not take it all.
    async fn tcp(&self, addresses: &[IpAddr]) -> Result<TcpStream, Fault> {
        let start = Instant::now();
        let mut last = Fault::Connect("no address".to_owned());
        for (n, address) in addresses.iter().enumerate() {
            let shares = u32::try_from(addresses.len().saturating_sub(n)).unwrap_or(u32::MAX);
            let left = self.timeout.saturating_sub(start.elapsed());
            let share = left.checked_div(shares).unwrap_or(left);
            let connecting = TcpStream::connect(SocketAddr::new(*address, self.port));
            last = match tokio::time::timeout(share, connecting).await {
                Ok(Ok(stream)) => {
                    // A request is written as a whole; waiting for more would only delay it.
                    stream.set_nodelay(true).map_err(|error| Fault::connecting(&error))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => Fault::connecting(&error),
                Err(_) => Fault::Connect("no connection within the connect timeout".to_owned()),
            };
        }
        Err(last)
    }
}

async fn talk<S>(stream: S, bindings: Option<Vec<u8>>) -> Result<Connection, Fault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (send, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Fault::connecting(&error))?;
    // What ends it is told to whoever sends on it.
    let task = tokio::spawn(async move { drop(connection.await) });
    Ok(Connection {
        send,
        bindings,
        cookies: Cookies::default(),
        made: Instant::now(),
        used: Instant::now(),
        _task: AbortOnDropHandle::new(task),
    })
}

impl Connection {
    /// Sends one request. [`Fault::Connect`]: certainly not a byte of it was sent.
    pub async fn send(&mut self, mut message: Request<Outgoing>) -> Result<Response<Incoming>, Fault> {
        self.cookies.add(message.headers_mut());
        let ready = self.send.ready().await;
        ready.map_err(|error| Fault::connecting(&error))?;
        match self.send.try_send_request(message).await {
            Ok(response) => {
                self.cookies.keep(response.headers());
                Ok(response)
            }
            Err(error) if error.message().is_some() => Err(Fault::connecting(error.error())),
            Err(error) => Err(Fault::sending(error.error())),
        }
    }

    /// Waits until it can take the next request. False: it cannot.
    pub async fn settle(&mut self, patience: Duration) -> bool {
        matches!(tokio::time::timeout(patience, self.send.ready()).await, Ok(Ok(())))
    }

    /// Has the target closed it?
    pub fn is_closed(&self) -> bool {
        self.send.is_closed()
    }
}
