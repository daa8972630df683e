//! Which connections wait for a request? Each is handed out to one request at a time, and only to those of its own pool.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// Idle connections of one way, and so of one identity. There are never more of them than the connection's width: each was made for a
/// slot.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    /// Connections that were made before this are not used again.
    since: Mutex<Option<Instant>>,
    /// How long one is kept.
    patience: Duration,
}

impl Pool {
    pub fn new(patience: Duration) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            since: Mutex::new(None),
            patience,
        }
    }

    /// The connection that was used last and is still good.
    pub fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.is_closed() && connection.used.elapsed() < self.patience);
        idle.pop()
    }

    /// Uses none any more that there is now, handed out or not.
    pub fn forget(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives one back whose last answer has been read to its end.
    pub fn put(&self, mut connection: Connection) {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some_and(|since| connection.made <= since) {
            return;
        }
        connection.used = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}
