//! What is done about offenses that a watched console tells of?
//!
//! The same as about those of a window, under all rules; only which ones is told. One that is gone, or that cannot be read, costs the others
//! nothing.

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::{Offense, OffenseFilter, Status};
use synapse_guest::time::utc;
use synapse_offenses::answer::Answer;
use synapse_offenses::run::Run;
use synapse_offenses::{config, import};

use crate::Host;
use crate::select;

/// Imports these offenses.
///
/// # Errors
/// As an import of a window.
pub fn import<H: Host>(run: &mut Run<'_, H>, ids: &[u64], since: Option<u64>) -> Result<(), WorkflowError> {
    run.answer = Answer::new(None, select::filter_text(&run.config));
    let window = format!("{} offenses that are new or changed at the watched console", ids.len());
    let (found, unreadable) = read(run, ids)?;
    run.answer.scanned = found.len() as u64;
    run.host.scanned(found.len() as u64, &window);
    let known = |id: &u64| unreadable.contains(id) || found.iter().any(|offense| offense.id == *id);
    for id in ids.iter().filter(|id| !known(id)) {
        let reason = "the console does not have it any more, or it is not of a domain that this deployment covers";
        run.answer.skipped(run.host, *id, reason, "");
    }
    let go_live = since.unwrap_or_else(|| run.host.go_live());
    let mut wanted = Vec::with_capacity(found.len());
    for offense in found {
        match unwanted(&offense, go_live, run.config.status) {
            Some(reason) => run.answer.skipped(run.host, offense.id, &reason, &offense.link),
            None => wanted.push(offense),
        }
    }
    import::page(run, wanted, import::Asked::ByWindow)
}

/// The offenses that are there, and the ids of those that cannot be read. A page that cannot be read is read one by one.
fn read<H: Host>(run: &mut Run<'_, H>, ids: &[u64]) -> Result<(Vec<Offense>, Vec<u64>), WorkflowError> {
    let filter = OffenseFilter {
        ids: Some(ids.to_vec()),
        ..OffenseFilter::default()
    };
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        match run.host.list_offenses(&run.console, &filter, cursor.as_deref()) {
            Ok(page) => {
                found.extend(page.offenses);
                cursor = page.next;
                if cursor.is_none() {
                    return Ok((found, Vec::new()));
                }
            }
            Err(Error::Unreadable(_) | Error::TooLarge(_) | Error::Invalid(_) | Error::Other(_)) => break,
            Err(error) => return Err(error.into()),
        }
    }
    found.clear();
    let mut unreadable = Vec::new();
    for id in ids {
        match run.host.get_offense(&run.console, *id) {
            Ok(offense) => found.push(offense),
            Err(Error::NotFound) => {}
            Err(
                error @ (Error::Denied(_) | Error::Unauthenticated | Error::Unavailable(_) | Error::RateLimited(_)),
            ) => {
                return Err(error.into());
            }
            Err(error) => {
                let why = format!("not imported: it cannot be read: {}", explain(&error));
                run.answer.failed(run.host, *id, &why, None);
                unreadable.push(*id);
            }
        }
    }
    Ok((found, unreadable))
}

/// Why an offense is left out, if it is; its magnitude is looked at with all others.
fn unwanted(offense: &Offense, go_live: u64, status: config::Status) -> Option<String> {
    if offense.last_updated_time < go_live {
        let last = utc(offense.last_updated_time);
        return Some(format!(
            "last updated {last}, before the point {} from which this deployment acts",
            utc(go_live)
        ));
    }
    let name = match offense.status {
        Status::Open => return None,
        Status::Hidden => "hidden",
        Status::Closed => "closed",
    };
    match status {
        config::Status::Open => Some(format!(
            "it is {name}, and only open offenses are imported (setting `status`)"
        )),
        config::Status::Any => None,
    }
}
