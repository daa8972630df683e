//! What was created or changed at TheHive since a moment, and who are we there? What the reconciler asks; no guest sees it.

use serde_json::{Map, Value};
use synapse_domain::clock::Timestamp;
use synapse_domain::hive::Object;

use super::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query;

/// Rows of one page.
const ROWS: usize = 100;

/// Which moment of an object counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// When it was made.
    Created,
    /// When it was last changed; only closed ones if so wanted.
    Changed {
        /// Only what is closed now.
        closed: bool,
    },
}

/// A page of cases or alerts, oldest first, as the server spells them.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The objects.
    pub rows: Vec<Map<String, Value>>,
    /// Are there more?
    pub more: bool,
}

impl Client {
    /// Cases or alerts from this moment on, without the first `seen` of them.
    ///
    /// # Errors
    /// `Unsupported` for a version that is not spoken here; whatever the way there says.
    pub async fn changes(&self, object: Object, since: Since, from: Timestamp, seen: usize) -> Result<Changes, Error> {
        let (field, closed) = match since {
            Since::Created => ("_createdAt", false),
            Since::Changed { closed } => ("_updatedAt", closed),
        };
        let alerts = match object {
            Object::Alert => true,
            Object::Case => false,
            other => return Err(Error::Unsupported(format!("changes of `{}`", other.as_str()))),
        };
        if let Some(v0) = self.v0().await? {
            return v0.changes(alerts, since, from, seen, ROWS).await;
        }
        let query = |rows| query::changes(alerts, field, closed, from, seen, rows);
        let (rows, more) = self.some("changes", ROWS, query).await?;
        Ok(Changes { rows, more })
    }

    /// Login of the connection's own user.
    ///
    /// # Errors
    /// As [`Client::changes`].
    pub async fn own_login(&self) -> Result<String, Error> {
        Ok(self.current_user().await?.login)
    }
}
