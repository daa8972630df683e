//! Which statuses does the organisation have, and what do they mean (contract 2.1)?

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Client, asking};
use crate::bindings::synapse::thehive::statuses::Subject;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query;
use crate::thehive::types::{self, StatusRow};

/// How long the statuses are taken as known: an administrator's new status is used within minutes.
const LIFE: Duration = Duration::from_secs(300);

/// When they were asked for, and what was answered.
type Known = Mutex<Option<(Instant, Arc<Vec<StatusRow>>)>>;

/// The statuses that were asked for.
#[derive(Debug, Default)]
pub(super) struct Kept {
    cases: Known,
    alerts: Known,
}

impl Client {
    /// The statuses in the organisation's order, asked now.
    pub(in crate::thehive) async fn fetch_statuses(&self, subject: Subject) -> Result<Arc<Vec<StatusRow>>, Error> {
        let mut kept = self.kept_statuses(subject).lock().await;
        let rows = self.ask_statuses(subject).await?;
        *kept = Some((Instant::now(), Arc::clone(&rows)));
        Ok(rows)
    }

    /// The statuses, asked if what is known is old.
    pub(in crate::thehive) async fn statuses(&self, subject: Subject) -> Result<Arc<Vec<StatusRow>>, Error> {
        let mut kept = self.kept_statuses(subject).lock().await;
        if let Some((at, rows)) = &*kept
            && at.elapsed() < LIFE
        {
            return Ok(Arc::clone(rows));
        }
        let rows = self.ask_statuses(subject).await?;
        *kept = Some((Instant::now(), Arc::clone(&rows)));
        Ok(rows)
    }

    fn kept_statuses(&self, subject: Subject) -> &Known {
        match subject {
            Subject::Case => &self.statuses.cases,
            Subject::Alert => &self.statuses.alerts,
        }
    }

    /// The list is no documented route; a server that does not know the query has no statuses of its own either, as far as can be told.
    async fn ask_statuses(&self, subject: Subject) -> Result<Arc<Vec<StatusRow>>, Error> {
        if self.v0().await?.is_some() {
            return Ok(Arc::new(types::of_v0(subject)));
        }
        let asked: Result<Vec<StatusRow>, Error> = self.ask(&asking("statuses", &query::statuses(subject))?).await;
        let mut rows = match asked {
            Ok(rows) if !rows.is_empty() => rows,
            Ok(_) | Err(Error::NotFound | Error::Other(_)) => types::built_in(subject),
            Err(error) => return Err(error),
        };
        rows.sort_by_key(|row| row.order);
        Ok(Arc::new(rows))
    }
}
