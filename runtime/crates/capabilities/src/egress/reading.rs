//! How does an answer's body arrive, and what becomes of the connection that it comes on?

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::answer::Head;
use super::connection::Connection;
use super::fault::Fault;
use super::pool::Pool;

/// How long a connection may take to be ready again after an answer. Only one that is still sending takes longer.
const SETTLE: Duration = Duration::from_millis(200);

/// An answer's body, with the connection that it comes on.
pub(super) struct Reading {
    body: Incoming,
    connection: Option<Connection>,
    pool: Option<Arc<Pool>>,
}

/// The head of an answer. Its connection goes to the pool after the body, if there is one.
pub(super) fn head(response: Response<Incoming>, connection: Connection, pool: Option<&Arc<Pool>>) -> Head {
    let (head, body) = response.into_parts();
    Head {
        status: head.status.as_u16(),
        headers: head.headers,
        claimed: body.size_hint().exact(),
        body: Box::new(Reading {
            body,
            connection: Some(connection),
            pool: pool.map(Arc::clone),
        }),
    }
}

impl Reading {
    /// The next bytes. At the end the connection goes back to its pool; before it, dropping this closes the connection.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => {
                    self.connection = None;
                    return Err(Fault::sending(&error));
                }
                None => {
                    if let Some(pool) = &self.pool
                        && let Some(connection) = &mut self.connection
                        && connection.settle(SETTLE).await
                        && let Some(connection) = self.connection.take()
                    {
                        pool.put(connection);
                    }
                    self.connection = None;
                    return Ok(None);
                }
            }
        }
    }
}
