//! What was created or changed at 3 and 4 since a moment? In the words of v1, for the reconciler.

use serde_json::{Map, Value};
use synapse_domain::clock::Timestamp;

use super::super::changes::{Changes, Since};
use super::V0;
use super::search::Search;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query::v0 as filter;
use crate::thehive::types::v0::Kind;

impl V0<'_> {
    /// Cases or alerts from this moment on, oldest first, without the first `seen` of them. An alert that was never changed has no
    /// moment of change, so it is not among the changed ones, as on 5.
    pub async fn changes(
        self,
        alerts: bool,
        since: Since,
        from: Timestamp,
        seen: usize,
        rows: usize,
    ) -> Result<Changes, Error> {
        let (field, closed) = match since {
            Since::Created => ("createdAt", false),
            Since::Changed { closed } => ("updatedAt", closed),
        };
        let mut every = vec![filter::at_least(field, from)];
        if closed {
            every.push(if alerts {
                filter::is("status", "Ignored")
            } else {
                filter::is("status", "Resolved")
            });
        }
        let (path, kind): (&[&str], _) = if alerts {
            (&["alert"], Kind::Alert)
        } else {
            (&["case"], Kind::Case)
        };
        let search = Search {
            path,
            kind,
            filter: filter::all(&every),
            sort: field,
        };
        let (rows, more): (Vec<Map<String, Value>>, _) =
            self.some(&search, seen, rows, |_: &Map<String, Value>| true).await?;
        Ok(Changes { rows, more })
    }
}
