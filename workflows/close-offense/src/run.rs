//! What happens from event to answer?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::ClosingReason;
use synapse_guest::thehive::Owner;
use synapse_guest::time::utc;
use synapse_guest::workflow::{Event, Item, Level, Verdict};
use synapse_offenses::brake;
use synapse_offenses::run::{QRADAR, THEHIVE};
use synapse_offenses::table::Table;

use crate::Host;
use crate::act;
use crate::answer::{Answer, Kind, Outcome};

use crate::closure::{self, Closure, Look};
use crate::config::Config;
use crate::input::{self, Asked, Input, Subject};
use crate::targets::{self, Targets};
use crate::tell;

/// What was told about closings, by case or alert.
const TOLD: Table = Table("told");
/// Waits of one run, at most: for somebody who opens and closes a case again and again.
const WAITS: usize = 50;

/// What is remembered of a closing, so that a second look at it says and notes nothing twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When it was closed.
    pub closed_at: u64,
    /// Offenses that have our note.
    pub noted: BTreeSet<u64>,
    /// What the analyst was told.
    pub outcomes: BTreeMap<u64, Kind>,
}

/// What every step of one run needs.
pub struct Run<'a, H: Host> {
    /// The host.
    pub host: &'a H,
    /// The console.
    pub console: H::Console,
    /// The organisation.
    pub organisation: H::Organisation,
    /// The console's source id.
    pub source_id: String,
    /// The settings.
    pub config: Config,
    /// Who asks.
    pub asked: Asked,
    /// What was told before.
    pub told: Told,
    reasons: Option<Vec<ClosingReason>>,
}

impl<H: Host> Run<'_, H> {
    /// The console's closing reasons, asked once.
    ///
    /// # Errors
    /// The console cannot be asked.
    pub fn reasons(&mut self) -> Result<&[ClosingReason], Error> {
        if self.reasons.is_none() {
            self.reasons = Some(self.host.closing_reasons(&self.console)?);
        }
        Ok(self.reasons.as_deref().unwrap_or_default())
    }

    /// The case or alert within the console, for keys of effects.
    pub fn subject_key(&self, closure: &Closure) -> String {
        format!("{}/{}", self.source_id, id_of(closure))
    }

    /// Writes down what was told. What cannot be written is told again, at worst.
    pub fn keep(&self, closure: &Closure) {
        if let Err(error) = TOLD.put(self.host, id_of(closure), &self.told) {
            let error = explain(&error);
            self.host
                .log(Level::Warn, "what was told is not remembered", &[("error", &error)]);
        }
    }
}

fn id_of(closure: &Closure) -> &str {
    match &closure.owner {
        Owner::Case(id) | Owner::Alert(id) => id,
    }
}

/// Closes what the event asks for, if it may be closed.
///
/// # Errors
/// A binding or a grant is missing, or TheHive cannot be asked; the platform tries again.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape of a handler: the event is its own"
)]
pub fn on_event(host: &impl Host, event: Event) -> Result<Answer, WorkflowError> {
    let config: Config = host.config()?;
    let (subject, asked) = match input::read(&event, &config)? {
        Input::Look(subject, asked) => (subject, asked),
        Input::Ignore { subject, reason } => return Ok(Answer::nothing(host, &subject, &reason, None)),
    };
    if let Asked::ByEvent(time) = asked
        && time < host.go_live()
    {
        let reason = format!("older than the go-live point {}", utc(host.go_live()));
        return Ok(Answer::nothing(host, &name_of(&subject), &reason, None));
    }
    let mut run = Run {
        host,
        console: host.console(QRADAR)?,
        organisation: host.organisation(THEHIVE)?,
        source_id: host.source_id(QRADAR)?,
        config,
        asked,
        told: Told::default(),
        reasons: None,
    };
    host.scanned(1, &name_of(&subject));
    close(&mut run, &subject)
}

fn name_of(subject: &Subject) -> String {
    match subject {
        Subject::Case(id) => format!("case {id}"),
        Subject::Alert(id) => format!("alert {id}"),
    }
}

/// Nothing is decided on what was read before a wait: after each of them the case is read again, and the offenses after the last.
fn close<H: Host>(run: &mut Run<'_, H>, subject: &Subject) -> Result<Answer, WorkflowError> {
    let mut done: BTreeMap<u64, Outcome> = BTreeMap::new();
    let mut braked = run.asked.by_name();
    let mut retries = run.config.retry_minutes.clone().into_iter();
    for wait in 0..WAITS {
        let closure = match closure::look(run, subject, wait > 0)? {
            Look::Closed(closure) => closure,
            Look::Nothing { name, reason, link } if done.is_empty() => {
                return Ok(Answer::nothing(run.host, &name, &reason, link.as_deref()));
            }
            Look::Nothing { name, .. } => return Ok(Answer::about(run.host, &name, done.into_values().collect())),
        };
        let closed_at = closed_at(run, &closure);
        let Targets { offenses, odd } = targets::find(run, &closure)?;
        if offenses.is_empty() {
            let reason = format!("no alert of it comes from the console `{}`", run.source_id);
            let mut answer = Answer::nothing(run.host, &closure.name, &reason, Some(&closure.link));
            answer.warnings = odd;
            return Ok(answer);
        }
        let grace = closed_at.saturating_add(run.config.grace_seconds * 1_000);
        if run.host.now() < grace {
            run.host.sleep_until(grace)?;
            continue;
        }
        if !braked {
            braked = true;
            if let Some(from) = brake(run, &closure, offenses.len() as u64)? {
                run.host.sleep_until(from)?;
                continue;
            }
        }
        recall(run, &closure, closed_at)?;
        let mut passing = Vec::new();
        for offense in offenses {
            if done.contains_key(&offense) {
                continue;
            }
            match act::offense(run, &closure, closed_at, offense) {
                Ok(outcome) => drop(done.insert(offense, outcome)),
                Err(error) => passing.push((offense, error)),
            }
        }
        if let Some((_, error)) = passing.first()
            && let Some(minutes) = retries.next()
        {
            let why = explain(error);
            run.host.log(Level::Warn, "tried again later", &[("error", &why)]);
            run.host.sleep_until(run.host.now() + minutes * 60_000)?;
            continue;
        }
        done.extend(
            passing
                .into_iter()
                .map(|(offense, error)| (offense, act::failed(offense, &error))),
        );
        let mut answer = Answer::about(run.host, &closure.name, done.into_values().collect());
        answer.warnings = odd;
        tell::tell(run, &closure, closed_at, &mut answer);
        return Ok(answer);
    }
    let why = "it was closed again and again while this run waited; its last closing has a run of its own";
    Ok(Answer::nothing(run.host, &name_of(subject), why, None))
}

/// A server that does not say when: the event's time.
fn closed_at<H: Host>(run: &Run<'_, H>, closure: &Closure) -> u64 {
    let told = match run.asked {
        Asked::ByEvent(time) => Some(time),
        Asked::ByName { .. } => None,
    };
    closure.closed_at.or(told).unwrap_or(0)
}

/// The later hour in which these may be closed; none: now.
fn brake<H: Host>(run: &Run<'_, H>, closure: &Closure, closings: u64) -> Result<Option<u64>, WorkflowError> {
    let limit = run.config.closures_per_hour;
    let now = run.host.now();
    let from = brake::take(run.host, now, closings, limit)?;
    if from <= now {
        return Ok(None);
    }
    run.host.report(&Item {
        subject: closure.name.clone(),
        verdict: Verdict::Held,
        reason: format!(
            "more than {limit} closings in this hour; it goes on at {}, or when somebody names the case",
            utc(from)
        ),
        link: Some(closure.link.clone()),
    });
    Ok(Some(from))
}

/// What was told about this very closing; a later closing of the same case is another one.
fn recall<H: Host>(run: &mut Run<'_, H>, closure: &Closure, closed_at: u64) -> Result<(), Error> {
    let told: Option<Told> = TOLD.get(run.host, id_of(closure))?;
    run.told = told.filter(|told| told.closed_at == closed_at).unwrap_or(Told {
        closed_at,
        ..Told::default()
    });
    Ok(())
}
