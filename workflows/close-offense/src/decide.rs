//! May an offense be closed now, and with which reason?

use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::{ClosingReason, Offense, Status, closing_reason};
use synapse_guest::time::utc;

use crate::Host;
use crate::answer::{Kind, Outcome};
use crate::closure::Closure;
use crate::config::{Config, Policy};
use crate::run::Run;
use crate::targets;

/// What to do about an offense.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Close it.
    Close {
        /// The offense as it is now.
        offense: Box<Offense>,
        /// With this reason.
        reason: ClosingReason,
    },
    /// Leave it; that is the outcome.
    Leave(Outcome),
}

/// Decides. The offense is read now, after the grace period.
///
/// # Errors
/// A target cannot be asked; that is never an outcome.
pub fn decide<H: Host>(run: &mut Run<'_, H>, closure: &Closure, closed_at: u64, id: u64) -> Result<Decision, Error> {
    let offense = match run.host.get_offense(&run.console, id) {
        Ok(offense) => offense,
        Err(Error::NotFound) => return Ok(Decision::Leave(gone(id))),
        Err(error) => return Err(error),
    };
    let leave = |outcome: Kind, message: String| {
        Ok(Decision::Leave(Outcome {
            offense: id,
            outcome,
            message,
            link: Some(offense.link.clone()),
        }))
    };
    if offense.status == Status::Closed {
        let outcome = already(run, &offense)?;
        return Ok(Decision::Leave(outcome));
    }
    if let Some(number) = targets::open_elsewhere(run, closure, id)? {
        return leave(
            Kind::Kept,
            format!("stays open: case #{number} has it too and is not closed"),
        );
    }
    let reason = match reason(run, &closure.status)? {
        Ok(reason) => reason,
        Err(why) => return leave(Kind::Failed, why),
    };
    match held(&run.config, closure, closed_at, &offense) {
        Some(why) if !run.asked.approves() => leave(Kind::Held, format!("held: {why}")),
        _ => Ok(Decision::Close {
            offense: Box::new(offense),
            reason,
        }),
    }
}

/// It was purged: nothing is left to do, and nothing went wrong.
pub fn gone(id: u64) -> Outcome {
    Outcome {
        offense: id,
        outcome: Kind::Gone,
        message: "gone: QRadar does not have it any more (purged), or not for this connection".to_owned(),
        link: None,
    }
}

/// Somebody closed it: by whom, when and why.
///
/// # Errors
/// The console cannot be asked for the reason's text.
pub fn already<H: Host>(run: &mut Run<'_, H>, offense: &Offense) -> Result<Outcome, Error> {
    let known = run
        .reasons()?
        .iter()
        .find(|reason| Some(reason.id) == offense.closing_reason_id);
    let reason = match (known, offense.closing_reason_id) {
        (Some(known), _) => format!("`{}`", known.text),
        (None, Some(id)) => id.to_string(),
        (None, None) => "not known".to_owned(),
    };
    let by = offense.closing_user.as_deref().unwrap_or("somebody");
    let at = offense.close_time.map_or_else(|| "an unknown time".to_owned(), utc);
    Ok(Outcome {
        offense: offense.id,
        outcome: Kind::Already,
        message: format!("closed already by {by} at {at}, reason {reason}"),
        link: Some(offense.link.clone()),
    })
}

/// The live, unreserved reason for a status, or why there is none (case D12).
fn reason<H: Host>(run: &mut Run<'_, H>, status: &str) -> Result<Result<ClosingReason, String>, Error> {
    let wanted = run.config.reason(status).map(str::to_owned);
    let known = run.reasons()?;
    Ok(match wanted {
        Some(wanted) => closing_reason(known, &wanted).cloned().map_err(|error| {
            format!(
                "not closed: config.reasons names a reason for `{status}` that cannot be used: {}",
                explain(&error)
            )
        }),
        None => {
            let usable = known.iter().filter(|reason| !reason.reserved && !reason.deleted);
            let names: Vec<String> = usable.map(|reason| format!("`{}`", reason.text)).collect();
            Err(format!(
                "not closed: status `{status}` has no entry in config.reasons; the console has {}",
                names.join(", ")
            ))
        }
    })
}

/// Why an offense is not closed without somebody's approval.
pub fn held(config: &Config, closure: &Closure, closed_at: u64, offense: &Offense) -> Option<String> {
    let newest = offense.last_updated_time;
    if config.newer_events == Policy::Hold && newest > closed_at {
        return Some(format!(
            "its last event is of {}, the case was closed before, at {}",
            utc(newest),
            utc(closed_at)
        ));
    }
    if config.protected == Policy::Hold && offense.protected {
        return Some("it is protected in QRadar".to_owned());
    }
    if config.assigned_to_others == Policy::Hold
        && let Some(somebody) = somebody_else(config, closure, offense)
    {
        let assignee = closure.assignee.as_deref().unwrap_or("nobody");
        return Some(format!(
            "it is assigned to {somebody} in QRadar, the case to {assignee}"
        ));
    }
    None
}

/// To whom it is assigned, unless that is who handled the case, or nobody in particular.
fn somebody_else<'a>(config: &Config, closure: &Closure, offense: &'a Offense) -> Option<&'a str> {
    let assigned = offense.assigned_to.as_deref().filter(|user| !user.is_empty())?;
    let same = |user: &str| user.eq_ignore_ascii_case(assigned);
    if config.own_users.iter().any(|user| same(user)) {
        return None;
    }
    let login = closure.assignee.as_deref().unwrap_or("");
    let mapped = config.users.get(login).map(String::as_str);
    let is_theirs = match mapped {
        Some(user) => same(user),
        None => same(login) || login.split('@').next().is_some_and(same),
    };
    (!is_theirs).then_some(assigned)
}
