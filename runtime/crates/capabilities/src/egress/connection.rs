//! What is a connection that stands? One request at a time, and its complete answer.

use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls_pki_types::CertificateDer;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::body::Outgoing;
use super::cookies::Cookies;
use super::dial::Stream;
use super::fault::Fault;

/// A connection of its own. Dropping it closes it, whatever it is doing.
pub(super) struct Connection {
    send: SendRequest<Outgoing>,
    /// The target's certificate, if there is TLS.
    pub leaf: Option<CertificateDer<'static>>,
    /// What the target asked to be told again; none: nothing is kept (threat row 61).
    pub cookies: Option<Cookies>,
    /// When it was made.
    pub made: Instant,
    /// When it was last used.
    pub used: Instant,
    _task: AbortOnDropHandle<()>,
}

impl Connection {
    /// Prepares to speak HTTP over this stream.
    pub async fn over(stream: Stream, leaf: Option<CertificateDer<'static>>) -> Result<Self, Fault> {
        let (send, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Fault::connecting(&error))?;
        // What ends it is told to whoever sends on it.
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            send,
            leaf,
            cookies: None,
            made: Instant::now(),
            used: Instant::now(),
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// Sends one request. [`Fault::Connect`]: certainly not a byte of it was sent.
    pub async fn send(&mut self, mut message: Request<Outgoing>) -> Result<Response<Incoming>, Fault> {
        if let Some(cookies) = &self.cookies {
            cookies.add(message.headers_mut());
        }
        let ready = self.send.ready().await;
        ready.map_err(|error| Fault::connecting(&error))?;
        match self.send.try_send_request(message).await {
            Ok(response) => {
                if let Some(cookies) = &mut self.cookies {
                    cookies.keep(response.headers());
                }
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
