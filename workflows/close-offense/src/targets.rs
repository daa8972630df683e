//! Which offenses does a case stand for?
//!
//! Those of its alerts that came from the bound console: by the source id, or by the source of an earlier importer (cases D10, R3). A case
//! may have several, by merging or by merged alerts.

use std::collections::BTreeSet;

use synapse_guest::error::Error;
use synapse_guest::thehive::{Alert, AlertKey, Owner};

use crate::Host;
use crate::closure::{Closure, is_open};
use crate::run::Run;

/// The offenses, and what an operator should look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Ids, ascending.
    pub offenses: Vec<u64>,
    /// Alerts of the console whose reference names no offense.
    pub odd: Vec<String>,
}

/// Finds them.
///
/// # Errors
/// TheHive cannot be asked.
pub fn find<H: Host>(run: &Run<'_, H>, closure: &Closure) -> Result<Targets, Error> {
    let alerts = match (&closure.owner, &closure.alert) {
        (Owner::Case(id), _) => run.host.case_alerts(&run.organisation, id)?,
        (Owner::Alert(_), alert) => alert.iter().cloned().collect(),
    };
    let mut offenses = BTreeSet::new();
    let mut odd = Vec::new();
    for Alert { id, key, .. } in alerts.iter().filter(|alert| is_ours(run, &alert.key)) {
        match key.source_ref.trim().parse() {
            Ok(offense) => drop(offenses.insert(offense)),
            Err(_) => odd.push(format!(
                "alert {id}: its reference `{}` is no offense's id",
                key.source_ref
            )),
        }
    }
    Ok(Targets {
        offenses: offenses.into_iter().collect(),
        odd,
    })
}

fn is_ours<H: Host>(run: &Run<'_, H>, key: &AlertKey) -> bool {
    let adopted =
        |earlier: &synapse_offenses::config::Adopt| earlier.type_ == key.type_ && earlier.source == key.source;
    key.source == run.source_id || run.config.adopt.iter().any(adopted)
}

/// The number of another case that has the offense too and is not closed.
///
/// # Errors
/// TheHive cannot be asked.
pub fn open_elsewhere<H: Host>(run: &Run<'_, H>, closure: &Closure, offense: u64) -> Result<Option<u64>, Error> {
    let own = AlertKey {
        type_: run.config.alert_type.clone(),
        source: run.source_id.clone(),
        source_ref: offense.to_string(),
    };
    let adopted = run.config.adopt.iter().map(|earlier| AlertKey {
        type_: earlier.type_.clone(),
        source: earlier.source.clone(),
        source_ref: offense.to_string(),
    });
    let keys: Vec<AlertKey> = std::iter::once(own).chain(adopted).collect();
    let alerts = run.host.find_alerts(&run.organisation, &keys)?;
    let cases: BTreeSet<String> = alerts.into_iter().flatten().filter_map(|alert| alert.case_id).collect();
    for id in cases {
        if closure.owner == Owner::Case(id.clone()) {
            continue;
        }
        match run.host.get_case(&run.organisation, &id) {
            Ok(case) if is_open(&case) => return Ok(Some(case.number)),
            // Closed, or merged into another one: then its alert is there.
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
