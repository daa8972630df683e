//! Was there an offense like this before, and what came of it?
//!
//! "Like this" is: the same source, and a rule in common. The ledger keeps the newest ones of each source. It is a table of a fixed number of
//! buckets of a fixed size, so it never grows beyond that, whatever attackers write into sources (case D43).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::Offense;
use synapse_guest::text;
use synapse_guest::thehive::{Alert, AlertKey};
use synapse_guest::workflow::{Change, Level};

use crate::Host;
use crate::digest;
use crate::run::Run;

/// Buckets of the table.
const BUCKETS: u64 = 1_024;
/// Offenses of one bucket; the oldest fall out. At most 400 bytes each, so a bucket fits a value of `state`.
const BUCKET_ITEMS: usize = 100;
/// Rules remembered of one offense.
const RULES: usize = 16;
/// Alerts asked for their outcome, for one page: one call.
const OUTCOMES: usize = 100;
/// Cases asked for their outcome, for one page: one call each.
const CASES: usize = 20;
/// Characters of an outcome.
const OUTCOME_CHARS: usize = 80;

/// An earlier offense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The offense.
    #[serde(rename = "o")]
    pub offense: u64,
    /// Digest of its source.
    #[serde(rename = "s")]
    source: String,
    /// Its rules.
    #[serde(rename = "r")]
    rules: Vec<u64>,
    /// Its first event, milliseconds.
    #[serde(rename = "t")]
    pub start: u64,
    /// Its alert's type and source.
    #[serde(rename = "a")]
    alert: (String, String),
    /// What came of it, once that is certain.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// The earlier offenses that an alert names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earlier {
    /// The newest ones: id, first event, what came of it.
    pub shown: Vec<(u64, u64, String)>,
    /// How many are remembered.
    pub total: usize,
}

fn source(offense: &Offense) -> Option<String> {
    let value = offense.offense_source.as_deref()?.trim();
    (!value.is_empty() && value != "null").then(|| digest::short(&[&offense.offense_type.to_string(), value]))
}

fn bucket(source_id: &str, source: &str) -> String {
    format!("seen/{source_id}/{:04}", digest::number(&[source]) % BUCKETS)
}

type Table = BTreeMap<String, (Vec<Seen>, Option<u64>)>;

fn read<H: Host>(run: &Run<'_, H>, offenses: &[&Offense]) -> Result<Table, Error> {
    let keys: BTreeSet<String> = offenses
        .iter()
        .filter_map(|offense| source(offense))
        .map(|source| bucket(&run.source_id, &source))
        .collect();
    let keys: Vec<String> = keys.into_iter().collect();
    if keys.is_empty() {
        return Ok(Table::new());
    }
    let stored = run.host.state_get(&keys)?;
    let parsed = keys.into_iter().zip(stored).map(|(key, stored)| {
        let revision = stored.as_ref().map(|stored| stored.revision);
        // An unreadable bucket is an empty one: it is a help, not a promise.
        let seen = stored.and_then(|stored| serde_json::from_str(&stored.value).ok());
        (key, (seen.unwrap_or_default(), revision))
    });
    Ok(parsed.collect())
}

/// The earlier offenses like these; one answer each, in order. A ledger that cannot be asked only leaves a note.
pub fn look_up<H: Host>(run: &mut Run<'_, H>, offenses: &[&Offense]) -> Result<Vec<Earlier>, Error> {
    let most = run.config.seen_before_max;
    if most == 0 {
        return Ok(vec![Earlier::default(); offenses.len()]);
    }
    let table = read(run, offenses)?;
    let mut found: Vec<Vec<Seen>> = offenses.iter().map(|offense| like(&table, run, offense)).collect();
    let totals: Vec<usize> = found.iter().map(Vec::len).collect();
    found.iter_mut().for_each(|found| found.truncate(most));
    let open: BTreeMap<u64, AlertKey> = found
        .iter()
        .flatten()
        .filter(|seen| seen.outcome.is_none())
        .map(|seen| (seen.offense, key(seen)))
        .take(OUTCOMES)
        .collect();
    let outcomes = outcomes(run, &open);
    let shown = |seen: Seen| {
        let outcome = seen
            .outcome
            .or_else(|| outcomes.get(&seen.offense).map(|(text, _)| text.clone()));
        let outcome = outcome.unwrap_or_else(|| "not known".to_owned());
        (seen.offense, seen.start, outcome)
    };
    let earlier = found.into_iter().zip(totals).map(|(found, total)| Earlier {
        shown: found.into_iter().map(shown).collect(),
        total,
    });
    let earlier = earlier.collect();
    keep_outcomes(run, table, &outcomes);
    Ok(earlier)
}

/// Newest first.
fn like<H: Host>(table: &Table, run: &Run<'_, H>, offense: &Offense) -> Vec<Seen> {
    let Some(source) = source(offense) else {
        return Vec::new();
    };
    let seen = table
        .get(&bucket(&run.source_id, &source))
        .map(|(seen, _)| seen.as_slice());
    let is_like = |seen: &&Seen| {
        seen.source == source
            && seen.offense != offense.id
            && seen.rules.iter().any(|rule| offense.rule_ids.contains(rule))
    };
    let mut like: Vec<Seen> = seen.unwrap_or_default().iter().filter(is_like).cloned().collect();
    like.sort_by_key(|seen| std::cmp::Reverse((seen.start, seen.offense)));
    like
}

fn key(seen: &Seen) -> AlertKey {
    let (type_, source) = seen.alert.clone();
    AlertKey {
        type_,
        source,
        source_ref: seen.offense.to_string(),
    }
}

/// What came of them so far, and whether that is final. What cannot be asked is not known.
fn outcomes<H: Host>(run: &Run<'_, H>, open: &BTreeMap<u64, AlertKey>) -> BTreeMap<u64, (String, bool)> {
    let keys: Vec<AlertKey> = open.values().cloned().collect();
    if keys.is_empty() {
        return BTreeMap::new();
    }
    let alerts = match run.host.find_alerts(&run.organisation, &keys) {
        Ok(alerts) => alerts,
        Err(error) => {
            run.host.log(
                Level::Warn,
                "outcomes of earlier offenses",
                &[("error", &explain(&error))],
            );
            return BTreeMap::new();
        }
    };
    let mut cases: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let mut known = BTreeMap::new();
    for (offense, alert) in open.keys().zip(alerts) {
        let outcome = match alert {
            None => ("alert deleted".to_owned(), true),
            Some(Alert {
                case_id: Some(case), ..
            }) => {
                if !cases.contains_key(&case) && cases.len() < CASES {
                    cases.insert(case.clone(), of_case(run, &case));
                }
                let unasked = || ("became a case".to_owned(), false);
                cases.get(&case).cloned().unwrap_or_else(unasked)
            }
            Some(alert) => (format!("alert {}", alert.status), alert.stage == "Closed"),
        };
        known.insert(*offense, outcome);
    }
    known
}

fn of_case<H: Host>(run: &Run<'_, H>, id: &str) -> (String, bool) {
    match run.host.get_case(&run.organisation, id) {
        Ok(case) => (format!("case #{} {}", case.number, case.status), case.stage == "Closed"),
        Err(Error::NotFound) => ("case deleted or merged".to_owned(), false),
        Err(_) => ("became a case".to_owned(), false),
    }
}

/// What is final is not asked again.
fn keep_outcomes<H: Host>(run: &Run<'_, H>, table: Table, outcomes: &BTreeMap<u64, (String, bool)>) {
    let mut changes = Vec::new();
    for (key, (mut seen, expected)) in table {
        let mut changed = false;
        for seen in seen.iter_mut().filter(|seen| seen.outcome.is_none()) {
            if let Some((outcome, true)) = outcomes.get(&seen.offense) {
                seen.outcome = Some(text::cut(outcome, OUTCOME_CHARS));
                changed = true;
            }
        }
        if changed && let Ok(value) = serde_json::to_string(&seen) {
            changes.push(Change {
                key,
                value: Some(value),
                expected,
            });
        }
    }
    if !changes.is_empty() {
        // Lost or raced: they are asked again.
        let _ = run.host.state_apply(&changes);
    }
}

/// Remembers these offenses. Once more if another run was faster; what is lost then is only a line in a later alert.
pub fn remember<H: Host>(run: &Run<'_, H>, imported: &[(&Offense, &AlertKey)]) {
    if run.config.seen_before_max == 0 {
        return;
    }
    for _ in 0..2 {
        match put(run, imported) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                run.host.log(
                    Level::Warn,
                    "not remembered for later offenses",
                    &[("error", &explain(&error))],
                );
                return;
            }
        }
    }
}

fn put<H: Host>(run: &Run<'_, H>, imported: &[(&Offense, &AlertKey)]) -> Result<bool, Error> {
    let offenses: Vec<&Offense> = imported.iter().map(|(offense, _)| *offense).collect();
    let mut table = read(run, &offenses)?;
    let mut touched = BTreeSet::new();
    for (offense, alert) in imported {
        let Some(source) = source(offense) else { continue };
        let key = bucket(&run.source_id, &source);
        let Some((bucket, _)) = table.get_mut(&key) else {
            continue;
        };
        if bucket.iter().any(|seen| seen.offense == offense.id) {
            continue;
        }
        bucket.push(Seen {
            offense: offense.id,
            source,
            rules: offense.rule_ids.iter().copied().take(RULES).collect(),
            start: offense.start_time,
            alert: (alert.type_.clone(), alert.source.clone()),
            outcome: None,
        });
        let over = bucket.len().saturating_sub(BUCKET_ITEMS);
        bucket.drain(..over);
        touched.insert(key);
    }
    let change = |(key, (seen, expected)): (String, (Vec<Seen>, Option<u64>))| {
        Some(Change {
            value: Some(serde_json::to_string(&seen).ok()?),
            key,
            expected,
        })
    };
    let changes: Vec<Change> = table
        .into_iter()
        .filter(|(key, _)| touched.contains(key))
        .filter_map(change)
        .collect();
    if changes.is_empty() {
        return Ok(true);
    }
    Ok(run.host.state_apply(&changes)?.iter().all(Result::is_ok))
}
