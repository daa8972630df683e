//! What happens in TheHive when an offense is closed in QRadar?
//!
//! An alert is closed with the mapped status; a case gets a comment, and is closed where the deployment says so. A case that is closed has
//! nothing to be told: it may be the very one that closed the offense.

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::text::{code_span, visible};
use synapse_guest::thehive::{Alert, AlertPatch, Case, Closing as CaseClosing, Impact, Owner};
use synapse_guest::time::utc;
use synapse_guest::workflow::Verdict;
use synapse_offenses::brake;
use synapse_offenses::feedback::{self, Place};

use crate::Host;
use crate::config::{OnCase, mapped};
use crate::inward::Pair;
use crate::run::Mirror;

/// The stage of what is closed.
const CLOSED: &str = "Closed";

/// When a closing is taken over.
pub enum When {
    /// Now.
    Now,
    /// In a later hour: the brake.
    At(u64),
    /// It is not.
    Never(String),
}

/// Is there anything to take over, and when?
///
/// # Errors
/// The ledger or TheHive cannot be asked.
pub fn when<H: Host>(mirror: &mut Mirror<'_, H>, pair: &Pair) -> Result<When, WorkflowError> {
    let offense = &pair.offense;
    if pair.memory.closed == Some(offense.close_time.unwrap_or(0)) {
        return Ok(When::Never("TheHive was told of its closing before".to_owned()));
    }
    let by = offense.closing_user.as_deref().unwrap_or("");
    if mirror.config.own_users.iter().any(|user| user.eq_ignore_ascii_case(by)) {
        return Ok(When::Never(format!(
            "closed by {by}, whose closings are not mirrored (config.own_users)"
        )));
    }
    let mut closes = 0;
    let mut tells = false;
    for alert in &pair.alerts {
        match standing(mirror, alert)? {
            At::Alert => closes += 1,
            At::Case(_) => {
                tells = true;
                closes += u64::from(mirror.config.on_case == OnCase::Close);
            }
            At::Done(_) => {}
        }
    }
    if closes == 0 && !tells {
        return Ok(When::Never("its alert or case in TheHive is closed already".to_owned()));
    }
    if closes == 0 {
        return Ok(When::Now);
    }
    let (host, now) = (mirror.run.host, mirror.run.host.now());
    let limit = mirror.config.closures_per_hour;
    let from = brake::take(host, now, closes, limit)?;
    if from <= now {
        return Ok(When::Now);
    }
    let reason = format!("more than {limit} closings in this hour; it goes on at {}", utc(from));
    let subject = format!("offense {}", offense.id);
    mirror
        .answer
        .add(host, &subject, Verdict::Held, &reason, Some(&offense.link));
    Ok(When::At(from))
}

/// Where an offense is worked on in TheHive.
enum At {
    /// In an alert that is not closed.
    Alert,
    /// In a case that is not closed.
    Case(Box<Case>),
    /// Nowhere any more.
    Done(String),
}

fn standing<H: Host>(mirror: &Mirror<'_, H>, alert: &Alert) -> Result<At, Error> {
    let run = &mirror.run;
    let Some(id) = &alert.case_id else {
        return Ok(if alert.stage == CLOSED {
            At::Done(format!("alert {} is closed already", alert.id))
        } else {
            At::Alert
        });
    };
    match run.host.get_case(&run.organisation, id) {
        Ok(case) if case.stage == CLOSED => Ok(At::Done(format!("case #{} is closed already", case.number))),
        Ok(case) => Ok(At::Case(Box::new(case))),
        Err(Error::NotFound) => Ok(At::Done(format!("case {id} is gone"))),
        Err(error) => Err(error),
    }
}

/// Takes the closing over to every alert of the offense; what fails is reported and tried again with the next look.
pub fn take_over<H: Host>(mirror: &mut Mirror<'_, H>, pair: &Pair) {
    let reason = match reason(mirror, pair) {
        Ok(reason) => reason,
        Err(error) => {
            say(
                mirror,
                pair,
                Verdict::Failed,
                &format!("not taken over: {}", explain(&error)),
            );
            return;
        }
    };
    let mut complete = true;
    for alert in &pair.alerts {
        let done = match standing(mirror, alert) {
            Ok(At::Alert) => close_alert(mirror, pair, alert, &reason).map(|said| (Verdict::Updated, said)),
            Ok(At::Case(case)) => tell_case(mirror, pair, &case, &reason),
            Ok(At::Done(said)) => Ok((Verdict::Skipped, said)),
            Err(error) => Err(error),
        };
        let (verdict, said) =
            done.unwrap_or_else(|error| (Verdict::Failed, format!("not taken over: {}", explain(&error))));
        complete &= verdict != Verdict::Failed;
        say(mirror, pair, verdict, &said);
    }
    if complete {
        let mut memory = pair.memory.clone();
        memory.closed = Some(pair.offense.close_time.unwrap_or(0));
        memory.looks = Some(memory.digest(&pair.offense));
        memory.keep(mirror.run.host, &mirror.run.source_id, pair.offense.id);
    }
}

fn say<H: Host>(mirror: &mut Mirror<'_, H>, pair: &Pair, verdict: Verdict, said: &str) {
    let subject = format!("offense {}", pair.offense.id);
    mirror
        .answer
        .add(mirror.run.host, &subject, verdict, said, Some(&pair.offense.link));
}

/// The closing reason's text.
fn reason<H: Host>(mirror: &Mirror<'_, H>, pair: &Pair) -> Result<String, Error> {
    let Some(id) = pair.offense.closing_reason_id else {
        return Ok(String::new());
    };
    let known = mirror.run.host.closing_reasons(&mirror.run.console)?;
    let found = known.into_iter().find(|reason| reason.id == id);
    Ok(found.map_or_else(|| id.to_string(), |reason| reason.text))
}

fn sentence(pair: &Pair, reason: &str) -> String {
    let by = visible(pair.offense.closing_user.as_deref().unwrap_or("somebody"));
    let at = pair
        .offense
        .close_time
        .map_or_else(|| "an unknown time".to_owned(), utc);
    format!(
        "closed in QRadar by {} at {at}, reason {}",
        code_span(&by),
        code_span(reason)
    )
}

fn close_alert<H: Host>(mirror: &Mirror<'_, H>, pair: &Pair, alert: &Alert, reason: &str) -> Result<String, Error> {
    let status = mapped(&mirror.config.alert_statuses, reason).unwrap_or(&mirror.config.alert_status);
    let closing = |summary: Option<String>| AlertPatch {
        status: Some(status.to_owned()),
        summary,
        ..AlertPatch::default()
    };
    let run = &mirror.run;
    let summary = format!("Offense {}", sentence(pair, reason));
    let set = |patch: &AlertPatch| run.host.update_alert(&run.organisation, &alert.id, patch);
    match set(&closing(Some(summary))) {
        // Alerts of TheHive 3 and 4 have no summary: they are read, or not.
        Err(Error::Unsupported(_)) => set(&closing(None)),
        set => set,
    }?;
    Ok(format!("alert {} closed as {status}", alert.id))
}

fn tell_case<H: Host>(
    mirror: &Mirror<'_, H>,
    pair: &Pair,
    case: &Case,
    reason: &str,
) -> Result<(Verdict, String), Error> {
    let (run, offense) = (&mirror.run, &pair.offense);
    let text = format!(
        "**Synapse**: [offense {}]({}) was {}.",
        offense.id,
        offense.link,
        sentence(pair, reason)
    );
    let place = Place {
        owner: Owner::Case(case.id.clone()),
        task: &mirror.config.log_task,
    };
    let key = format!("closed/{}/{}/{}", run.source_id, offense.id, case.id);
    feedback::write(run.host, &run.organisation, &place, &text, &key)?;
    let told = format!("case #{} was told", case.number);
    if mirror.config.on_case == OnCase::Comment {
        return Ok((Verdict::Updated, told));
    }
    let Some(status) = mapped(&mirror.config.case_statuses, reason) else {
        let why = format!("{told} and is not closed: `{reason}` has no entry in config.case_statuses");
        return Ok((Verdict::Failed, why));
    };
    let closing = CaseClosing {
        status: status.to_owned(),
        impact: Impact::NotApplicable,
        summary: Some(format!("Offense {} {}", offense.id, sentence(pair, reason))),
    };
    let closed = run.host.close_case(&run.organisation, &case.id, &closing)?;
    Ok((Verdict::Updated, format!("{told} and closed as {}", closed.status)))
}
