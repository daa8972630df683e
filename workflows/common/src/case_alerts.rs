//! Which alerts does a case have?

use synapse_guest::error::Error;
use synapse_guest::thehive::search::{Found, Kind, Place, Search};
use synapse_guest::thehive::{Alert, Query};

/// Alerts of one page.
const PAGE: u32 = 100;
/// Pages that are read: a case with more than a thousand alerts has its first thousand.
const PAGES: usize = 10;

/// Alerts by case.
pub trait CaseAlerts: Query {
    /// The alerts of a case, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn case_alerts(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<Alert>, Error> {
        let search = Search {
            kind: Kind::Alert,
            place: Place::Case(case_id.to_owned()),
            filter: None,
            order: None,
            limit: PAGE,
        };
        let mut alerts = Vec::new();
        let mut cursor = None;
        for _ in 0..PAGES {
            let page = self.find(organisation, &search, cursor.as_deref())?;
            if let Found::Alerts(found) = page.found {
                alerts.extend(found);
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(alerts)
    }
}

impl<T: Query> CaseAlerts for T {}
