//! How does a page of offenses become alerts, each once?

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::Offense;
use synapse_guest::thehive::{Alert, AlertKey, NewAlert};

use crate::Host;
use crate::alert;
use crate::config::Config;
use crate::enrich::{self, Details};
use crate::fill::{self, Stale};
use crate::late::{self, Pending};
use crate::ledger::{self, Entry, Line, Standing};
use crate::run::{QRADAR, Run};
use crate::seen;

/// Alerts of one `create-alerts`.
const CREATED_ALERTS: usize = 100;
/// Text of one `create-alerts`: half of what a host call may carry, because records are larger than their text.
const CREATED_BYTES: usize = 2 << 20;

/// How the offenses were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// They are in the window.
    ByWindow,
    /// By its id: an earlier deletion does not matter.
    ById,
}

/// An offense that shall become an alert.
struct Fresh {
    offense: Offense,
    revision: Option<u64>,
    again: bool,
}

/// Imports a page: looks up, enriches, creates and remembers in batches. An offense that fails is reported and stops no other.
///
/// # Errors
/// The ledger or TheHive cannot be asked, or TheHive accepts nothing at all: then there is no point in going on.
pub fn page<H: Host>(run: &mut Run<'_, H>, mut offenses: Vec<Offense>, asked: Asked) -> Result<(), WorkflowError> {
    if asked == Asked::ByWindow {
        offenses.retain(|offense| match unwanted(offense, &run.config) {
            Some(reason) => {
                run.answer.skipped(run.host, offense.id, &reason, &offense.link);
                false
            }
            None => true,
        });
    }
    if offenses.is_empty() {
        return Ok(());
    }
    worst_first(&mut offenses);
    let mut lines = Vec::new();
    let mut fresh = Vec::new();
    let (mut stale, mut entries) = (Vec::new(), Vec::new());
    for (offense, known) in ledger::look_up(run, &offenses)?
        .into_iter()
        .zip(offenses)
        .map(|(known, offense)| (offense, known))
    {
        match known.standing {
            Standing::New => fresh.push(Fresh {
                offense,
                revision: known.revision,
                again: false,
            }),
            Standing::Deleted(_) if asked == Asked::ById => {
                fresh.push(Fresh {
                    offense,
                    revision: known.revision,
                    again: true,
                });
            }
            Standing::Deleted(entry) => {
                let reason = format!(
                    "deleted in TheHive (it was alert {}); ask for it by id to import it again",
                    entry.alert
                );
                run.answer.skipped(run.host, offense.id, &reason, &offense.link);
            }
            Standing::Imported(alert, entry)
                if entry.missing && (asked == Asked::ById || offense.last_updated_time > entry.updated) =>
            {
                stale.push(Stale {
                    offense,
                    alert,
                    text: entry.text.clone(),
                    remark: None,
                });
                entries.push((entry, known.revision));
            }
            Standing::Imported(alert, _) => {
                let reason = format!("already imported as alert {}", alert.id);
                run.answer.skipped(run.host, offense.id, &reason, &alert.link);
            }
            Standing::Found(alert) => lines.push(adopt(run, &offense, &alert, known.revision)),
        }
    }
    let created = if fresh.is_empty() {
        Ok(())
    } else {
        create(run, &fresh, &mut lines)
    };
    lines.extend(fill_in(run, &stale, entries));
    ledger::record(run, &lines);
    remember(run, &fresh, &lines);
    created
}

/// Alerts whose evidence was missing, of offenses that changed or were asked for by id.
fn fill_in<H: Host>(run: &mut Run<'_, H>, stale: &[Stale], entries: Vec<(Entry, Option<u64>)>) -> Vec<Line> {
    if stale.is_empty() {
        return Vec::new();
    }
    let filled = fill::page(run, stale, fill::Severity::Keep);
    let mut lines = Vec::new();
    for ((stale, filled), (entry, expected)) in stale.iter().zip(filled).zip(entries) {
        let Stale { offense, alert, .. } = stale;
        match &filled.outcome {
            Ok(said) if filled.changed => {
                let message = format!("already imported as alert {}; {said}", alert.id);
                run.answer
                    .updated(run.host, offense.id, &alert.id, &message, &alert.link);
            }
            Ok(said) => {
                let reason = format!("already imported as alert {}; {said}", alert.id);
                run.answer.skipped(run.host, offense.id, &reason, &alert.link);
            }
            Err(error) => {
                let message = format!("alert {} was not filled in: {}", alert.id, explain(error));
                run.answer.failed(run.host, offense.id, &message, Some(&alert.link));
                continue;
            }
        }
        lines.push(Line {
            id: offense.id,
            entry: Entry {
                updated: offense.last_updated_time,
                missing: filled.missing,
                text: filled.text,
                ..entry
            },
            expected,
        });
    }
    lines
}

/// For later passes, and for later offenses like these.
fn remember<H: Host>(run: &mut Run<'_, H>, fresh: &[Fresh], lines: &[Line]) {
    let made = run.host.now();
    let mut passes = Vec::new();
    let mut imported = Vec::new();
    let keys: Vec<(&Line, AlertKey)> = lines.iter().map(|line| (line, line.entry.key(line.id))).collect();
    for (line, key) in &keys {
        let Some(fresh) = fresh.iter().find(|fresh| fresh.offense.id == line.id) else {
            continue;
        };
        imported.push((&fresh.offense, key));
        if line.entry.missing {
            passes.push(Pending {
                offense: line.id,
                pass: 0,
                made,
            });
        }
    }
    if !imported.is_empty() {
        seen::remember(run, &imported);
    }
    late::remember(run, passes);
}

/// TheHive has an alert that the ledger does not know: it counts as imported from now on.
fn adopt<H: Host>(run: &mut Run<'_, H>, offense: &Offense, alert: &Alert, expected: Option<u64>) -> Line {
    let maker = if alert.key == run.alert_key(offense.id) {
        "not made by this deployment, or its ledger was lost".to_owned()
    } else {
        format!(
            "made by an earlier importer: type {}, source {}",
            alert.key.type_, alert.key.source
        )
    };
    let reason = format!(
        "already in TheHive as alert {} ({maker}); remembered from now on",
        alert.id
    );
    run.answer.skipped(run.host, offense.id, &reason, &alert.link);
    Line {
        id: offense.id,
        entry: Entry::of(alert, offense),
        expected,
    }
}

fn create<H: Host>(run: &mut Run<'_, H>, fresh: &[Fresh], lines: &mut Vec<Line>) -> Result<(), WorkflowError> {
    let offenses: Vec<&Offense> = fresh.iter().map(|fresh| &fresh.offense).collect();
    let details = enrich::page(run, &offenses);
    let alerts: Vec<NewAlert> = fresh
        .iter()
        .zip(&details)
        .map(|(fresh, details)| alert::build(run, &fresh.offense, details, dedup_key(run, fresh)))
        .collect();
    let mut at = 0;
    while at < fresh.len() {
        let end = at + batch(&alerts[at..]);
        let mut answers = run.host.create_alerts(&run.organisation, QRADAR, &alerts[at..end]);
        if let Some(error) = hopeless(&answers) {
            return Err(error);
        }
        answers.resize_with(end - at, || {
            Err(Error::Unavailable(
                "TheHive's connector gave no answer for it".to_owned(),
            ))
        });
        let made = fresh[at..end].iter().zip(&details[at..end]).zip(&alerts[at..end]);
        for (((fresh, details), alert), answer) in made.zip(answers) {
            let text = fill::text_digest(&alert.description);
            lines.extend(settle(run, fresh, details, text, answer));
        }
        at = end;
    }
    Ok(())
}

/// The effect's key names the offense, not the alert's text: a retry, whose evidence may have grown, finds its own alert again.
/// A deleted alert that is asked for by id is another effect.
fn dedup_key<H: Host>(run: &Run<'_, H>, fresh: &Fresh) -> String {
    let key = ledger::key(&run.source_id, fresh.offense.id);
    if fresh.again {
        format!("{key}/again/{}", run.host.run_id())
    } else {
        key
    }
}

/// How many of the alerts go into one call: at least one.
fn batch(alerts: &[NewAlert]) -> usize {
    let mut bytes = 0;
    let fits = |alert: &&NewAlert| {
        bytes += alert::bytes(alert);
        bytes <= CREATED_BYTES
    };
    alerts.iter().take(CREATED_ALERTS).take_while(fits).count().max(1)
}

/// Several alerts, and every one was refused for a reason that has nothing to do with the alert: a run that ends here says so
/// once. A single one is only a failed item, because it may be that very alert which TheHive chokes on; it must not keep the
/// pages after it from being imported, run after run.
fn hopeless(answers: &[Result<Alert, Error>]) -> Option<WorkflowError> {
    let general = |answer: &Result<Alert, Error>| {
        matches!(
            answer,
            Err(Error::Denied(_) | Error::Unauthenticated | Error::Unavailable(_) | Error::RateLimited(_))
        )
    };
    let first = answers
        .first()
        .filter(|_| answers.len() > 1 && answers.iter().all(general))?;
    first.as_ref().err().cloned().map(WorkflowError::from)
}

fn settle<H: Host>(
    run: &mut Run<'_, H>,
    fresh: &Fresh,
    details: &Details,
    text: String,
    answer: Result<Alert, Error>,
) -> Option<Line> {
    let Fresh { offense, revision, .. } = fresh;
    match answer {
        Ok(alert) => {
            let mut message = format!("imported as alert {}", alert.id);
            for note in &details.notes {
                message.push_str("; ");
                message.push_str(note);
            }
            run.answer
                .created(run.host, offense.id, &alert.id, &message, &alert.link);
            let entry = Entry {
                missing: details.missing,
                text: Some(text),
                ..Entry::of(&alert, offense)
            };
            Some(Line {
                id: offense.id,
                entry,
                expected: *revision,
            })
        }
        // Somebody was faster, or TheHive's search lagged behind (case D13).
        Err(Error::AlreadyExists(id)) => {
            let reason =
                format!("already in TheHive as alert {id} (made by somebody else meanwhile); remembered from now on");
            run.answer.skipped(run.host, offense.id, &reason, &offense.link);
            let key = run.alert_key(offense.id);
            let entry = Entry {
                alert: id,
                type_: key.type_,
                source: key.source,
                updated: offense.last_updated_time,
                missing: false,
                text: None,
            };
            Some(Line {
                id: offense.id,
                entry,
                expected: *revision,
            })
        }
        Err(error) => {
            run.answer.failed(
                run.host,
                offense.id,
                &format!("not imported: {}", explain(&error)),
                Some(&offense.link),
            );
            None
        }
    }
}

/// Why an offense of the window is left out, if it is.
fn unwanted(offense: &Offense, config: &Config) -> Option<String> {
    let least = config.min_magnitude;
    (offense.magnitude < least).then(|| format!("magnitude {} is below the minimum of {least}", offense.magnitude))
}

/// The order within a page: what is worse goes first, and of equals the older one.
fn worst_first(offenses: &mut [Offense]) {
    offenses.sort_by_key(|offense| (std::cmp::Reverse(offense.magnitude), offense.id));
}
