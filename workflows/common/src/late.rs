//! When is an alert looked at again whose evidence was not there yet?
//!
//! Each such alert has one line in `state`, named after the moment of its next pass, so the line of a crashed or cancelled run is worked off
//! by whoever comes next, and one look at the first page of keys finds everything that is due. A run that a trigger started waits for the
//! passes of its own alerts (it holds no place meanwhile); a run with a caller who waits leaves them to the next run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::OffenseFilter;
use synapse_guest::time::utc;
use synapse_guest::workflow::{Change, Level};

use crate::Host;
use crate::fill::{self, Severity, Stale};
use crate::ledger::{self, Line, Standing};
use crate::run::Run;

/// Passes that one run makes for what earlier runs left, at most: one page of keys, one page of offenses.
const PER_RUN: usize = 100;
/// Waits of one run, at most; what is left then is the next run's.
const WAITS: usize = 50;
/// Passes that are due within so many milliseconds of each other are made together.
const TOGETHER: u64 = 5_000;
/// A pass that nobody made for so long is not worth making.
const STALE_MS: u64 = 24 * 3_600_000;
const MINUTE: u64 = 60_000;

/// A pass to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The offense.
    pub offense: u64,
    /// Which pass it is, from 0.
    pub pass: usize,
    /// When the alert was made, milliseconds.
    pub made: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    pass: usize,
    made: u64,
}

impl Pending {
    /// When the pass is due; none if there are no more.
    fn due(&self, minutes: &[u64]) -> Option<u64> {
        minutes.get(self.pass).map(|minutes| self.made + minutes * MINUTE)
    }

    /// Fixed digits, so that the byte order is the order in time.
    fn key(&self, source_id: &str, due: u64) -> String {
        format!("late/{source_id}/{due:015}/{}", self.offense)
    }

    fn parse(key: &str) -> Option<(u64, u64)> {
        let mut parts = key.rsplit('/');
        let offense = parts.next()?.parse().ok()?;
        Some((parts.next()?.parse().ok()?, offense))
    }
}

/// Writes the passes down. What cannot be written is warned about: the offense's next change fills the alert in as well.
pub fn remember<H: Host>(run: &mut Run<'_, H>, passes: Vec<Pending>) {
    let minutes = run.config.late_minutes.clone();
    let dated: Vec<(Pending, u64)> = passes
        .into_iter()
        .filter_map(|pass| Some((pass.due(&minutes)?, pass)).map(|(due, pass)| (pass, due)))
        .collect();
    let changes: Vec<Change> = dated
        .iter()
        .filter_map(|(pass, due)| {
            let stored = Stored {
                pass: pass.pass,
                made: pass.made,
            };
            Some(Change {
                key: pass.key(&run.source_id, *due),
                value: Some(serde_json::to_string(&stored).ok()?),
                expected: None,
            })
        })
        .collect();
    if changes.is_empty() {
        return;
    }
    // A line that is there already says the same.
    match run.host.state_apply(&changes) {
        Ok(_) => run.pending.extend(dated.into_iter().map(|(pass, _)| pass)),
        Err(error) => run
            .answer
            .warn(&format!("a later look was not planned: {}", explain(&error))),
    }
}

/// Makes the passes that are due.
///
/// # Errors
/// The ledger, the console or TheHive cannot be asked.
pub fn due<H: Host>(run: &mut Run<'_, H>) -> Result<(), WorkflowError> {
    let now = run.host.now();
    let (keys, _) = run.host.state_keys(&format!("late/{}/", run.source_id), None)?;
    let keys: Vec<String> = keys
        .into_iter()
        .filter(|key| Pending::parse(key).is_none_or(|(due, _)| due <= now + TOGETHER))
        .take(PER_RUN)
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut lines: BTreeMap<u64, (Pending, u64)> = BTreeMap::new();
    let mut done = Vec::new();
    for (key, stored) in keys.iter().zip(run.host.state_get(&keys)?) {
        let Some(stored) = stored else { continue };
        done.push(Change {
            key: key.clone(),
            value: None,
            expected: Some(stored.revision),
        });
        let parsed = Pending::parse(key).zip(serde_json::from_str::<Stored>(&stored.value).ok());
        if let Some(((due, offense), Stored { pass, made })) = parsed
            && due + STALE_MS > now
        {
            lines.insert(offense, (Pending { offense, pass, made }, due));
        }
    }
    let next = look(run, &lines)?;
    // Only now: a run that ended before leaves the passes to the next one, and a pass that is made twice changes nothing.
    if let Err(error) = run.host.state_apply(&done) {
        run.host
            .log(Level::Warn, "passes stay planned", &[("error", &explain(&error))]);
    }
    run.pending.retain(|pending| !lines.contains_key(&pending.offense));
    remember(run, next);
    Ok(())
}

/// Waits for the passes of the run's own alerts and makes them.
///
/// # Errors
/// As [`due`].
pub fn wait<H: Host>(run: &mut Run<'_, H>) -> Result<(), WorkflowError> {
    for _ in 0..WAITS {
        let minutes = run.config.late_minutes.clone();
        let Some(next) = run.pending.iter().filter_map(|pass| pass.due(&minutes)).min() else {
            return Ok(());
        };
        run.host.sleep_until(next)?;
        let before = run.pending.clone();
        due(run)?;
        if run.pending == before {
            // Another run made them, or more than a page is due; either way they are no longer ours alone.
            run.pending
                .retain(|pass| pass.due(&minutes).is_some_and(|due| due > next + TOGETHER));
        }
    }
    Ok(())
}

/// Looks again; answers the passes that follow.
fn look<H: Host>(run: &mut Run<'_, H>, lines: &BTreeMap<u64, (Pending, u64)>) -> Result<Vec<Pending>, WorkflowError> {
    let ids: Vec<u64> = lines.keys().copied().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = OffenseFilter {
        ids: Some(ids),
        ..OffenseFilter::default()
    };
    let offenses = run.host.list_offenses(&run.console, &filter, None)?.offenses;
    let known = ledger::look_up(run, &offenses)?;
    let mut stale = Vec::new();
    let mut revisions = Vec::new();
    for (offense, known) in offenses.into_iter().zip(known) {
        if let Standing::Imported(alert, entry) = known.standing
            && entry.missing
        {
            let remark = lines.get(&offense.id).and_then(|(pass, _)| remark(pass, run));
            stale.push(Stale {
                offense,
                alert,
                text: entry.text.clone(),
                remark,
            });
            revisions.push((entry, known.revision));
        }
    }
    let filled = fill::page(run, &stale, Severity::Keep);
    let mut next = Vec::new();
    let mut written = Vec::new();
    for ((stale, filled), (entry, revision)) in stale.iter().zip(filled).zip(revisions) {
        let mut again = filled.missing;
        match &filled.outcome {
            Ok(said) if filled.changed => {
                let message = format!("filled in on a later look: {said}");
                run.answer
                    .updated(run.host, stale.offense.id, &stale.alert.id, &message, &stale.alert.link);
            }
            Ok(said) => {
                let reason = format!("looked at again, nothing new: {said}");
                run.answer
                    .skipped(run.host, stale.offense.id, &reason, &stale.alert.link);
            }
            Err(error) => {
                again = again || transient(error);
                let reason = format!("not filled in: {}", explain(error));
                run.answer
                    .failed(run.host, stale.offense.id, &reason, Some(&stale.alert.link));
            }
        }
        written.push(Line {
            id: stale.offense.id,
            entry: ledger::Entry {
                updated: stale.offense.last_updated_time,
                missing: filled.missing || filled.outcome.is_err(),
                text: filled.text,
                ..entry
            },
            expected: revision,
        });
        if let Some((pass, _)) = lines.get(&stale.offense.id).filter(|_| again) {
            next.push(Pending {
                pass: pass.pass + 1,
                ..pass.clone()
            });
        }
    }
    ledger::record(run, &written);
    Ok(next)
}

fn transient(error: &Error) -> bool {
    matches!(WorkflowError::from(error.clone()), WorkflowError::RetryAfter { .. })
}

/// Said once, when no more looks follow: until then the alert says only what is missing.
fn remark<H: Host>(pass: &Pending, run: &Run<'_, H>) -> Option<String> {
    let (number, of) = (pass.pass + 1, run.config.late_minutes.len());
    (number >= of).then(|| {
        let at = utc(run.host.now());
        format!("looked again for the last time at {at} (look {number} of {of}); asking for the offense by its id looks once more")
    })
}
