//! How does a simulator's router reach the network? An own accept loop that can drop or reset a connection on purpose.
//!
//! `axum::serve` always answers. Here a response may carry a [`ConnectionFault`]: the connection is then closed without a
//! byte, or reset after some bytes of the answer, which is what the tests of write certainty need.

use crate::{control::ConnectionFault, tls::TlsSetup};
use axum::{Router, body::Body, response::Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt;

/// Connections of one server at a time; more wait in the listen queue.
const MAX_CONNECTIONS: usize = 4096;
/// No reset is armed on this connection.
const NOT_ARMED: u64 = u64::MAX;

/// Which connection of its server a request came on; in every request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionId(pub u64);

/// A running server; dropping it closes the listener and all connections.
pub struct Running {
    addr: SocketAddr,
    tls: bool,
    accepted: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Running {
    /// The bound address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL, without a trailing slash.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.addr)
    }

    /// How many TCP connections were accepted so far (tests of connection reuse).
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Closes the listener and all connections, and waits until they are gone.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only outcome is the cancellation asked for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `router` on `addr` (port 0 = any free port).
pub async fn serve(addr: SocketAddr, router: Router, tls: Option<TlsSetup>) -> io::Result<Running> {
    serve_on(TcpListener::bind(addr).await?, router, tls)
}

/// Serves `router` on a listener that is already bound.
pub fn serve_on(listener: TcpListener, router: Router, tls: Option<TlsSetup>) -> io::Result<Running> {
    let addr = listener.local_addr()?;
    let accepted = Arc::new(AtomicU64::new(0));
    let is_tls = tls.is_some();
    let task = tokio::spawn(accept(listener, router, tls, Arc::clone(&accepted)));
    Ok(Running {
        addr,
        tls: is_tls,
        accepted,
        task,
    })
}

async fn accept(listener: TcpListener, router: Router, tls: Option<TlsSetup>, accepted: Arc<AtomicU64>) {
    // Aborting this task drops the set, which ends every connection.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MAX_CONNECTIONS {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let id = ConnectionId(accepted.fetch_add(1, Ordering::Relaxed));
                connections.spawn(connection(stream, router.clone(), tls.clone(), id));
            }
            // Out of file descriptors, or the peer was gone already: give others a chance and go on.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn connection(stream: TcpStream, router: Router, tls: Option<TlsSetup>, id: ConnectionId) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset_after = Arc::new(AtomicU64::new(NOT_ARMED));
    match tls {
        None => {
            http1(
                FaultyIo {
                    io: Io::Plain(stream),
                    reset_after,
                },
                router,
                id,
            )
            .await;
        }
        Some(tls) => {
            // A failed handshake is the client's business: a test of a wrong trust root wants exactly that.
            if let Ok(stream) = tls.acceptor().accept(stream).await {
                http1(
                    FaultyIo {
                        io: Io::Tls(Box::new(stream)),
                        reset_after,
                    },
                    router,
                    id,
                )
                .await;
            }
        }
    }
}

async fn http1(io: FaultyIo, router: Router, id: ConnectionId) {
    let reset_after = Arc::clone(&io.reset_after);
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(id);
        let (router, reset_after) = (router.clone(), Arc::clone(&reset_after));
        async move {
            let response: Response = match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<ConnectionFault>() {
                // hyper closes the connection without writing anything when the service fails.
                Some(ConnectionFault::Drop) => return Err(io::Error::other("fault: connection dropped")),
                Some(ConnectionFault::ResetAfter(bytes)) => reset_after.store(*bytes, Ordering::Release),
                None => {}
            }
            Ok(response)
        }
    });
    // Errors are the faults themselves, or clients that went away; both show in the request log.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(io), service)
        .await;
}

enum Io {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

/// A stream that resets itself once an armed number of bytes was written. Sits above TLS, so that bytes are HTTP bytes.
struct FaultyIo {
    io: Io,
    reset_after: Arc<AtomicU64>,
}

impl FaultyIo {
    fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        // What was written so far must reach the wire before the reset throws the send buffer away.
        let flushed = match &mut self.io {
            Io::Plain(io) => ready!(Pin::new(io).poll_flush(cx)),
            Io::Tls(io) => ready!(Pin::new(io).poll_flush(cx)),
        };
        let tcp = match &self.io {
            Io::Plain(io) => io,
            Io::Tls(io) => io.get_ref().0,
        };
        let error = flushed.and_then(|()| tcp.set_zero_linger()).err();
        Poll::Ready(error.unwrap_or_else(|| io::ErrorKind::ConnectionReset.into()))
    }
}

impl AsyncRead for FaultyIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(io) => Pin::new(io).poll_read(cx, buf),
            Io::Tls(io) => Pin::new(io).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for FaultyIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.reset_after.load(Ordering::Acquire);
        if left == 0 {
            return Poll::Ready(Err(ready!(self.poll_reset(cx))));
        }
        let allowed = buf.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(buf);
        let written = match &mut self.io {
            Io::Plain(io) => ready!(Pin::new(io).poll_write(cx, allowed))?,
            Io::Tls(io) => ready!(Pin::new(io).poll_write(cx, allowed))?,
        };
        if left != NOT_ARMED {
            self.reset_after.fetch_sub(written as u64, Ordering::AcqRel);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Also when the answer was shorter than the limit: the fault promised a reset.
        if self.reset_after.load(Ordering::Acquire) == 0 {
            return Poll::Ready(Err(ready!(self.poll_reset(cx))));
        }
        match &mut self.io {
            Io::Plain(io) => Pin::new(io).poll_flush(cx),
            Io::Tls(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset_after.load(Ordering::Acquire) != NOT_ARMED {
            // After a fault the socket must end in a reset, not in an orderly close.
            return Poll::Ready(Err(ready!(self.poll_reset(cx))));
        }
        match &mut self.io {
            Io::Plain(io) => Pin::new(io).poll_shutdown(cx),
            Io::Tls(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}
