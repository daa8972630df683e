//! How does a change in QRadar reach TheHive?

use std::collections::BTreeMap;

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::{Offense, OffenseFilter, Status};
use synapse_guest::thehive::{Alert, AlertKey};
use synapse_guest::time::utc;
use synapse_guest::workflow::Verdict;
use synapse_offenses::fill::{self, Stale, text_digest};

use crate::Host;
use crate::closed;
use crate::memory::Memory;
use crate::run::Mirror;

/// Keys of one look-up.
const LOOKUPS: usize = 100;
/// The console keeps times of whole seconds: what it wrote in the second of go-live may have been after it.
const SECOND_MS: u64 = 1_000;
/// How a description of ours begins.
const OURS: &str = "## Summary\n\n| | |\n|---|---|\n| **Offense** |";

/// An offense, its alerts, and what is remembered of it.
pub struct Pair {
    /// The offense as it is now.
    pub offense: Offense,
    /// Its alerts: ours, and those of an earlier importer.
    pub alerts: Vec<Alert>,
    /// What is remembered.
    pub memory: Memory,
}

/// Takes over what happened to the offenses since a moment; closings beyond the hour's share wait for their hour.
///
/// # Errors
/// Console, ledger or TheHive cannot be asked.
pub fn offenses<H: Host>(mirror: &mut Mirror<'_, H>, ids: &[u64], since: u64) -> Result<(), WorkflowError> {
    let mut later = pass(mirror, ids, since)?;
    while let Some(from) = later.iter().map(|(_, from)| *from).min() {
        mirror.run.host.sleep_until(from)?;
        let (now, rest): (Vec<_>, Vec<_>) = later.into_iter().partition(|(_, of)| *of <= from);
        later = rest;
        // Their place is taken already.
        let due: Vec<u64> = now.into_iter().map(|(id, _)| id).collect();
        for pair in read(mirror, &due)? {
            closed::take_over(mirror, &pair);
        }
    }
    Ok(())
}

/// Answers the closings that have to wait, with their moments.
fn pass<H: Host>(mirror: &mut Mirror<'_, H>, ids: &[u64], since: u64) -> Result<Vec<(u64, u64)>, WorkflowError> {
    let mut later = Vec::new();
    let mut changed = Vec::new();
    let pairs = read(mirror, ids)?;
    mirror
        .run
        .host
        .scanned(pairs.len() as u64, "offenses that changed in QRadar");
    for pair in pairs {
        let subject = format!("offense {}", pair.offense.id);
        if happened(&pair.offense) < since / SECOND_MS * SECOND_MS {
            let (last, since) = (utc(happened(&pair.offense)), utc(since));
            let reason = format!("last changed {last}, before the point {since} from which this deployment acts");
            mirror.answer.add(
                mirror.run.host,
                &subject,
                Verdict::Skipped,
                &reason,
                Some(&pair.offense.link),
            );
        } else if pair.alerts.is_empty() {
            let reason = "no alert of it: it was not imported, or the alert was deleted";
            mirror.answer.add(
                mirror.run.host,
                &subject,
                Verdict::Skipped,
                reason,
                Some(&pair.offense.link),
            );
        } else if pair.offense.status == Status::Closed {
            match closed::when(mirror, &pair)? {
                closed::When::Now => closed::take_over(mirror, &pair),
                closed::When::At(moment) => later.push((pair.offense.id, moment)),
                closed::When::Never(reason) => {
                    mirror.answer.add(
                        mirror.run.host,
                        &subject,
                        Verdict::Skipped,
                        &reason,
                        Some(&pair.offense.link),
                    );
                }
            }
        } else if pair.memory.looks.as_ref() == Some(&pair.memory.digest(&pair.offense)) {
            let reason = "nothing new: what changed was mirrored before, or mirroring itself wrote it";
            mirror.answer.add(
                mirror.run.host,
                &subject,
                Verdict::Skipped,
                reason,
                Some(&pair.offense.link),
            );
        } else {
            changed.push(pair);
        }
    }
    update(mirror, changed);
    Ok(later)
}

/// When something happened to the offense last: a closed one is as old as its closing.
fn happened(offense: &Offense) -> u64 {
    let changed = offense.last_persisted_time.unwrap_or(0).max(offense.last_updated_time);
    offense.close_time.unwrap_or(changed)
}

fn read<H: Host>(mirror: &mut Mirror<'_, H>, ids: &[u64]) -> Result<Vec<Pair>, WorkflowError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let run = &mirror.run;
    let filter = OffenseFilter {
        ids: Some(ids.to_vec()),
        ..OffenseFilter::default()
    };
    let offenses = run.host.list_offenses(&run.console, &filter, None)?.offenses;
    let keys: Vec<AlertKey> = offenses.iter().flat_map(|offense| run.alert_keys(offense.id)).collect();
    let mut alerts: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
    for keys in keys.chunks(LOOKUPS) {
        for alert in run.host.find_alerts(&run.organisation, keys)?.into_iter().flatten() {
            alerts.entry(alert.key.source_ref.clone()).or_default().push(alert);
        }
    }
    let mut pairs = Vec::new();
    for id in ids
        .iter()
        .filter(|id| !offenses.iter().any(|offense| offense.id == **id))
    {
        let reason = "gone: QRadar does not have it any more (purged), or not for this connection";
        mirror
            .answer
            .add(run.host, &format!("offense {id}"), Verdict::Skipped, reason, None);
    }
    for offense in offenses {
        let memory = Memory::read(run.host, &run.source_id, offense.id)?;
        let alerts = alerts.remove(&offense.id.to_string()).unwrap_or_default();
        pairs.push(Pair {
            offense,
            alerts,
            memory,
        });
    }
    Ok(pairs)
}

/// Renders the alerts of changed offenses again. One that fails stops no other.
fn update<H: Host>(mirror: &mut Mirror<'_, H>, pairs: Vec<Pair>) {
    let mut stale = Vec::new();
    let mut memories = Vec::new();
    for Pair {
        offense,
        alerts,
        memory,
    } in pairs
    {
        for alert in alerts {
            match ours(mirror, &alert, &memory) {
                Ok(text) => {
                    stale.push(Stale {
                        offense: offense.clone(),
                        alert,
                        text,
                        remark: None,
                    });
                    memories.push(memory.clone());
                }
                Err(error) => failed(mirror, &offense, &alert, &error),
            }
        }
    }
    if stale.is_empty() {
        return;
    }
    let filled = fill::page(&mut mirror.run, &stale, mirror.config.severity.into());
    for ((stale, filled), mut memory) in stale.iter().zip(filled).zip(memories) {
        let (host, offense) = (mirror.run.host, &stale.offense);
        match &filled.outcome {
            Ok(said) => {
                memory.looks = Some(memory.digest(offense));
                memory.text = filled.text;
                memory.keep(host, &mirror.run.source_id, offense.id);
                let (verdict, message) = if filled.changed {
                    (Verdict::Updated, format!("alert {}: {said}", stale.alert.id))
                } else {
                    (
                        Verdict::Skipped,
                        format!("alert {} is as it should be: {said}", stale.alert.id),
                    )
                };
                let message = message.trim_end_matches(": ");
                let subject = format!("offense {}", offense.id);
                mirror
                    .answer
                    .add(host, &subject, verdict, message, Some(&stale.alert.link));
            }
            Err(error) => failed(mirror, offense, &stale.alert, error),
        }
    }
}

fn failed<H: Host>(mirror: &mut Mirror<'_, H>, offense: &Offense, alert: &Alert, error: &Error) {
    let message = format!("alert {} was not brought up to date: {}", alert.id, explain(error));
    let subject = format!("offense {}", offense.id);
    mirror
        .answer
        .add(mirror.run.host, &subject, Verdict::Failed, &message, Some(&alert.link));
}

/// Digest of the alert's description if it is still what a workflow wrote: as we wrote it last, or never touched, or touched last by the
/// connection's own user and begun as ours are.
fn ours<H: Host>(mirror: &Mirror<'_, H>, alert: &Alert, memory: &Memory) -> Result<Option<String>, Error> {
    if memory.text.is_some() {
        return Ok(memory.text.clone());
    }
    let run = &mirror.run;
    let alert = run.host.get_alert(&run.organisation, &alert.id)?;
    let text = alert.description.unwrap_or_default();
    let is_untouched = match alert.updated_by {
        None => true,
        Some(login) => run.host.current_user(&run.organisation)?.login == login,
    };
    Ok((is_untouched && text.starts_with(OURS)).then(|| text_digest(&text)))
}
