//! Is what was closed still closed, and does it close anything?

use synapse_guest::error::Error;
use synapse_guest::thehive::{Alert, Case, Owner};

use crate::Host;
use crate::config::plain;
use crate::input::Subject;
use crate::run::Run;

/// The stage of what is closed.
const CLOSED: &str = "Closed";

/// A closing, as TheHive shows it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Closure {
    /// The case's or alert's id.
    pub owner: Owner,
    /// `case #7`, `alert ~2`.
    pub name: String,
    /// The status.
    pub status: String,
    /// When it was closed, milliseconds; none if the server does not say.
    pub closed_at: Option<u64>,
    /// Where to look at it.
    pub link: String,
    /// The closing summary.
    pub summary: Option<String>,
    /// Who handled it.
    pub assignee: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The alert itself, where an alert was closed.
    pub alert: Option<Alert>,
}

/// What a look at it found.
pub enum Look {
    /// It is closed, and that counts.
    Closed(Box<Closure>),
    /// It closes nothing, because.
    Nothing {
        /// What it is called.
        name: String,
        /// Why.
        reason: String,
        /// Where to look at it.
        link: Option<String>,
    },
}

/// Reads the case or alert.
///
/// # Errors
/// TheHive cannot be asked.
pub fn look<H: Host>(run: &Run<'_, H>, subject: &Subject, again: bool) -> Result<Look, Error> {
    match subject {
        Subject::Case(id) => match run.host.get_case(&run.organisation, id) {
            Ok(case) => Ok(of_case(case, again)),
            Err(Error::NotFound) => Ok(gone(&format!("case {id}"))),
            Err(error) => Err(error),
        },
        Subject::Alert(id) => match run.host.get_alert(&run.organisation, id) {
            Ok(alert) => Ok(of_alert(alert, again)),
            Err(Error::NotFound) => Ok(gone(&format!("alert {id}"))),
            Err(error) => Err(error),
        },
    }
}

fn gone(name: &str) -> Look {
    Look::Nothing {
        name: name.to_owned(),
        reason: "it is not there any more: merged into another one, or deleted".to_owned(),
        link: None,
    }
}

fn of_case(case: Case, again: bool) -> Look {
    let name = format!("case #{}", case.number);
    if let Some(reason) = unclosed(&case.stage, &case.status, again) {
        return Look::Nothing {
            name,
            reason,
            link: Some(case.link),
        };
    }
    if plain(&case.status) == "duplicated" {
        return Look::Nothing {
            name,
            reason: "a duplicate closes nothing: the case that it was merged into decides".to_owned(),
            link: Some(case.link),
        };
    }
    Look::Closed(Box::new(Closure {
        owner: Owner::Case(case.id),
        name,
        status: case.status,
        closed_at: case.closed_at,
        link: case.link,
        summary: case.summary,
        assignee: case.assignee,
        tags: case.tags,
        alert: None,
    }))
}

fn of_alert(alert: Alert, again: bool) -> Look {
    let name = format!("alert {}", alert.id);
    let reason = match &alert.case_id {
        Some(case) => Some(format!("it was imported into case {case}, which decides")),
        None => unclosed(&alert.stage, &alert.status, again),
    };
    if let Some(reason) = reason {
        return Look::Nothing {
            name,
            reason,
            link: Some(alert.link),
        };
    }
    Look::Closed(Box::new(Closure {
        owner: Owner::Alert(alert.id.clone()),
        name,
        status: alert.status.clone(),
        closed_at: alert.closed_at.or(alert.updated_at),
        link: alert.link.clone(),
        summary: alert.summary.clone(),
        assignee: alert.assignee.clone(),
        tags: alert.tags.clone(),
        alert: Some(alert),
    }))
}

fn unclosed(stage: &str, status: &str, again: bool) -> Option<String> {
    if stage == CLOSED {
        return None;
    }
    Some(if again {
        format!("reopened within the grace period: its status is {status} now")
    } else {
        format!("it is not closed: its status is {status}")
    })
}

/// Is this case still open, and does it keep an offense open?
pub fn is_open(case: &Case) -> bool {
    case.stage != CLOSED
}
