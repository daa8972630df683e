//! How does a request reach a target that authenticates each request by itself? On any connection that is free.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::Request;

use super::answer::Head;
use super::body::Outgoing;
use super::connection::Connection;
use super::dial::Dial;
use super::fault::Fault;
use super::message::{Carries, message};
use super::pool::Pool;
use super::reading::head;
use super::transport::{Asked, IDLE};

/// The way to such a target.
pub(super) struct Transport {
    dial: Dial,
    pool: Arc<Pool>,
}

impl Transport {
    pub fn new(dial: Dial) -> Self {
        Self {
            dial,
            pool: Arc::new(Pool::new(IDLE)),
        }
    }

    /// How its connections are made.
    pub fn dial(&self) -> &Dial {
        &self.dial
    }

    /// Uses no connection any more that there is now.
    pub fn forget_connections(&self) {
        self.pool.forget();
    }

    /// Sends the request and waits for the answer's head. A connection that was closed while it was idle has not taken a byte: the next
    /// one is used.
    pub async fn send(&self, asked: &Asked<'_>) -> Result<Head, Fault> {
        // First of all: what cannot be sent needs no connection.
        let mut request = message(asked, None, Carries::Body).await?;
        while let Some(connection) = self.pool.take() {
            match self.on(connection, request, asked).await {
                Err(Fault::Connect(_)) => request = message(asked, None, Carries::Body).await?,
                ended => return ended,
            }
        }
        let connection = self.dial.connect().await?;
        self.on(connection, request, asked).await
    }

    async fn on(
        &self,
        mut connection: Connection,
        message: Request<Outgoing>,
        asked: &Asked<'_>,
    ) -> Result<Head, Fault> {
        asked.begun.store(true, Ordering::Relaxed);
        let sent = connection.send(message).await;
        if matches!(sent, Err(Fault::Connect(_))) {
            asked.begun.store(false, Ordering::Relaxed);
        }
        Ok(head(sent?, connection, Some(&self.pool)))
    }
}
