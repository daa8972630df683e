//! How many new cases may this hour still bring? Mass effects have a brake, which holds across runs.

use serde::{Deserialize, Serialize};
use synapse_guest::error::Error;
use synapse_guest::workflow::Workflow;

use crate::ledger::{self, Line};

/// One hour, milliseconds.
const HOUR: u64 = 3_600_000;
/// Its key in `state`.
const KEY: &str = "brake";

/// What an hour brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    /// Hours since 1970.
    hour: u64,
    /// New cases in it.
    cases: usize,
}

/// The brake of the deployment.
#[derive(Debug)]
pub struct Brake {
    line: Line<Spent>,
    limit: usize,
    is_changed: bool,
}

impl Brake {
    /// The brake as earlier runs left it.
    ///
    /// # Errors
    /// The ledger cannot be read; then nothing may be created.
    pub fn read(host: &impl Workflow, limit: usize) -> Result<Self, Error> {
        let line = ledger::read(host, &[KEY.to_owned()])?.into_iter().next();
        Ok(Self {
            line: line.ok_or_else(|| Error::Unavailable("the brake was not read".to_owned()))?,
            limit,
            is_changed: false,
        })
    }

    /// Is the hour's share used up?
    pub fn holds(&self, now: u64) -> bool {
        self.spent(now) >= self.limit
    }

    /// When the next hour's share begins.
    pub fn next(now: u64) -> u64 {
        (now / HOUR).saturating_add(1).saturating_mul(HOUR)
    }

    /// One more case.
    pub fn spend(&mut self, now: u64) {
        let cases = self.spent(now).saturating_add(1);
        self.line.value = Some(Spent {
            hour: now / HOUR,
            cases,
        });
        self.is_changed = true;
    }

    /// Remembers what was spent, for the runs that follow.
    pub fn keep(&mut self, host: &impl Workflow) {
        if std::mem::take(&mut self.is_changed) {
            ledger::keep(host, &mut self.line);
        }
    }

    fn spent(&self, now: u64) -> usize {
        let spent = self.line.value.as_ref();
        spent
            .filter(|spent| spent.hour == now / HOUR)
            .map_or(0, |spent| spent.cases)
    }
}
