//! What may an HTTP proxy do between a client and its target? A CONNECT proxy that lets through, refuses, or misbehaves.

use crate::tls::TlsSetup;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// Largest head of a request that is read, bytes.
const HEAD_BYTES: usize = 16 << 10;

/// What the proxy does with a request.
#[derive(Clone, Debug, Default)]
pub enum Manners {
    /// Connects, and passes everything on.
    #[default]
    Tunnel,
    /// Sends these bytes and closes.
    Say(Vec<u8>),
    /// Says nothing for ever.
    Silent,
}

/// How a proxy is set up.
#[derive(Clone, Default)]
pub struct Setup {
    /// What it does.
    pub manners: Manners,
    /// `user:password`; whoever does not send it is answered 407.
    pub credentials: Option<String>,
    /// It is spoken to through TLS.
    pub tls: Option<TlsSetup>,
    /// Where names lead that only the proxy knows.
    pub names: HashMap<String, SocketAddr>,
}

/// A running proxy; dropping it closes its listener and all tunnels.
pub struct Proxy {
    addr: SocketAddr,
    tls: bool,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts on a free port of loopback.
    pub async fn start(setup: Setup) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (tls, log) = (setup.tls.is_some(), Arc::clone(&heads));
        let task = tokio::spawn(async move {
            // Aborting this task drops the set, which ends every tunnel.
            let mut tunnels = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while tunnels.try_join_next().is_some() {}
                tunnels.spawn(accept(stream, setup.clone(), Arc::clone(&log)));
            }
        });
        Ok(Self { addr, tls, heads, task })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.addr)
    }

    /// The bound address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(stream: TcpStream, setup: Setup, heads: Arc<Mutex<Vec<String>>>) {
    // How a connection ends is what the tests look at from the client's side.
    let _ = match setup.tls.clone() {
        None => talk(stream, setup, heads).await,
        Some(tls) => match tls.acceptor().accept(stream).await {
            Ok(stream) => talk(stream, setup, heads).await,
            Err(error) => Err(error),
        },
    };
}

async fn talk<S>(mut stream: S, setup: Setup, heads: Arc<Mutex<Vec<String>>>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let head = head(&mut stream).await?;
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
    if let Some(credentials) = &setup.credentials {
        let wanted = format!("proxy-authorization: basic {}", STANDARD.encode(credentials)).to_lowercase();
        if !head.lines().any(|line| line.to_lowercase() == wanted) {
            let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"sim\"\r\n\
                           Content-Length: 4\r\n\r\nwho?";
            return stream.write_all(refusal.as_bytes()).await;
        }
    }
    match setup.manners {
        Manners::Silent => std::future::pending().await,
        Manners::Say(bytes) => stream.write_all(&bytes).await,
        Manners::Tunnel => {
            let to = head.split(' ').nth(1).unwrap_or_default();
            let name = to.rsplit_once(':').map_or(to, |(name, _)| name);
            let target = match setup.names.get(name) {
                Some(addr) => TcpStream::connect(addr).await,
                None => TcpStream::connect(to).await,
            };
            let Ok(mut target) = target else {
                return stream
                    .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                    .await;
            };
            stream
                .write_all(b"HTTP/1.1 200 Connection established\r\nx-proxy: sim\r\n\r\n")
                .await?;
            copy_bidirectional(&mut stream, &mut target).await.map(drop)
        }
    }
}

/// The head of a CONNECT request, without its empty line.
async fn head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() >= HEAD_BYTES {
            return Err(io::Error::other("a head without end"));
        }
        bytes.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
