//! How are older items imported when an operator asks for it? First counted and shown, then confirmed, then a few runs a minute.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use synapse_capabilities::bindings::synapse::workflow::types::Error;
use synapse_capabilities::checkup::said;
use synapse_capabilities::connection::Client;
use synapse_capabilities::qradar::client::{OffenseChange, Past};
use synapse_domain::clock::Timestamp;
use synapse_domain::permission::Scopes;
use synapse_domain::trigger::Watch;
use synapse_store::sources::{Advance, Cursor, ItemState, Lane, SourceItem};

use super::look::{Look, PAGE, Trouble};
use super::operate::Refusal;
use super::poller::Watched;
use super::supervise::Shared;
use super::{folder, item, offenses};

/// Items of one backfill, at most.
const MOST: u32 = 10_000;
/// Runs a minute, at most.
const MOST_RATE: u32 = 600;
/// Items that are shown before anything is done.
const SAMPLES: u64 = 3;
/// Items of a backfill that wait; more are read when these were handed over.
const WAITING: u64 = 200;
/// Mails that are looked at in one step.
const MAILS: usize = 1_000;
const MINUTE_MS: u64 = 60_000;

/// What an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Items since this moment.
    pub since: Timestamp,
    /// At most so many, the newest ones.
    pub max: u32,
    /// Runs a minute.
    pub rate: u32,
}

/// A backfill as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Items since this moment.
    pub since: Timestamp,
    /// At most so many.
    pub max: u64,
    /// Runs a minute.
    pub rate: u32,
    /// Behind this id, or from this moment on.
    pub after: u64,
    /// Up to this id, or before this moment.
    pub up_to: u64,
    /// Items that were to be expected.
    pub total: u64,
    /// Items that were found and put into the backlog so far.
    pub found: u64,
    /// Is everything read?
    pub read: bool,
    /// Who asked for it.
    pub by: String,
    /// When it was confirmed.
    pub started_at: Timestamp,
    /// When its last run was accepted.
    pub last_run_at: Timestamp,
    /// How it ended: `done` or `stopped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

impl State {
    /// The backfill of a cursor.
    pub fn of(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(cursor.backfill.as_deref()?).ok()
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How many runs of the backfill are due by its rate; none without a backfill under way.
pub fn due(cursor: &Cursor, now: Timestamp) -> Option<(usize, State)> {
    let state = State::of(cursor).filter(|state| state.ended.is_none())?;
    let interval = MINUTE_MS / u64::from(state.rate.max(1));
    let due = now.saturating_sub(state.last_run_at) / interval.max(1);
    Some((usize::try_from(due).unwrap_or(usize::MAX), state)).filter(|(due, _)| *due > 0)
}

/// Counts, and shows a few: what an operator sees before anything is done.
///
/// # Errors
/// What cannot be accepted, or the source's answer.
pub async fn preview(watched: &Watched, shared: &Shared, wanted: Wanted, by: &str) -> Result<(State, Value), Refusal> {
    check(wanted, shared.clock.now())?;
    let scopes = watched.scopes(shared).await.map_err(Refusal::Source)?;
    let asked = |error: Error| Refusal::Source(watched.upstream.redactor.clean(&said(&error)));
    let now = shared.clock.now();
    let mut state = State {
        since: wanted.since,
        max: u64::from(wanted.max),
        rate: wanted.rate,
        after: 0,
        up_to: 0,
        total: 0,
        found: 0,
        read: false,
        by: by.to_owned(),
        started_at: now,
        last_run_at: 0,
        ended: None,
    };
    let samples: Vec<Value> = match (&watched.source.watch, &watched.upstream.client) {
        (Watch::Offenses { .. }, Client::QRadar(console)) => {
            let all = Past {
                since: wanted.since,
                after: 0,
                up_to: u64::try_from(i64::MAX).unwrap_or(u64::MAX),
            };
            let (count, newest) = console
                .newest_past_offenses(&all, 0, SAMPLES, &scopes)
                .await
                .map_err(asked)?;
            state.total = count;
            state.up_to = newest.first().map_or(0, |offense| offense.id);
            if count > state.max {
                let last = console
                    .newest_past_offenses(&all, state.max - 1, 1, &scopes)
                    .await
                    .map_err(asked)?;
                state.after = last.1.first().map_or(0, |offense| offense.id.saturating_sub(1));
            }
            newest.iter().map(shown).collect()
        }
        (Watch::Folder { folder }, Client::Ews(mailbox)) => {
            let id = mailbox.watched_folder(folder, &scopes).await.map_err(asked)?;
            let (mails, more) = mailbox
                .past_mails(&id, wanted.since, now, MOST as usize)
                .await
                .map_err(asked)?;
            if more {
                let why = format!("there are more than {MOST} mails since then: begin later");
                return Err(Refusal::Wrong("since", why));
            }
            state.total = mails.len() as u64;
            let skipped = mails.len().saturating_sub(wanted.max as usize);
            state.after = mails
                .get(skipped)
                .and_then(|mail| mail.received)
                .unwrap_or(wanted.since);
            state.up_to = now;
            let newest: Vec<_> = mails.into_iter().rev().take(SAMPLES as usize).collect();
            let samples = mailbox.samples(&newest).await.map_err(asked)?;
            samples
                .iter()
                .map(|sample| {
                    json!({ "received": sample.mail.received, "subject": sample.mail.subject, "sender": sample.sender })
                })
                .collect()
        }
        _ => {
            return Err(Refusal::Source(
                "the connection is of another kind than what is watched".to_owned(),
            ));
        }
    };
    let taken = state.total.min(state.max);
    let batch = u64::from(watched.source.batch.max(1));
    let minutes = taken.div_ceil(batch).div_ceil(u64::from(wanted.rate.max(1)));
    let told = json!({
        "count": state.total, "taken": taken, "samples": samples, "since": state.since, "max": state.max, "rate": state.rate,
        "minutes": minutes,
    });
    Ok((state, told))
}

fn check(wanted: Wanted, now: Timestamp) -> Result<(), Refusal> {
    if wanted.since > now {
        return Err(Refusal::Wrong("since", "in the future; nothing is older".to_owned()));
    }
    for (field, number, most) in [("max", wanted.max, MOST), ("rate", wanted.rate, MOST_RATE)] {
        if !(1..=most).contains(&number) {
            return Err(Refusal::Wrong(field, format!("{number}; use 1 to {most}")));
        }
    }
    Ok(())
}

fn shown(offense: &OffenseChange) -> Value {
    json!({
        "id": offense.id, "description": offense.description, "magnitude": offense.magnitude, "status": offense.status,
        "last_updated_time": offense.updated,
    })
}

/// Reads on, as long as few items of it wait.
///
/// # Errors
/// As a look.
pub async fn step(look: &mut Look<'_>, scopes: &Scopes) -> Result<(), Trouble> {
    let Some(mut state) = State::of(&look.cursor).filter(|state| state.ended.is_none()) else {
        return Ok(());
    };
    let load = look.shared.store.source_load(&look.watched.id).await?;
    if state.read {
        if load.backlog == 0 {
            state.ended = Some("done".to_owned());
            return keep(look, Vec::new(), &state).await;
        }
        return Ok(());
    }
    if load.backlog >= WAITING || look.watched.upstream.is_left_alone() {
        return Ok(());
    }
    let asked = |error: Error| Trouble::Source(format!("the backfill: {}", said(&error)));
    let candidates: Vec<SourceItem> = match (&look.watched.source.watch, &look.watched.upstream.client) {
        (Watch::Offenses { changes }, Client::QRadar(console)) => {
            let wanted = Past {
                since: state.since,
                after: state.after,
                up_to: state.up_to,
            };
            let page = console.past_offenses(&wanted, PAGE, scopes).await.map_err(asked)?;
            state.after = page.offenses.last().map_or(state.after, |offense| offense.id);
            state.read = !page.more || page.offenses.is_empty();
            let now = look.now();
            page.offenses
                .iter()
                .filter_map(|offense| Some(past_offense(offense, offenses::past(offense, changes)?, look, now)))
                .collect()
        }
        (Watch::Folder { folder: name }, Client::Ews(mailbox)) => {
            let id = mailbox.watched_folder(name, scopes).await.map_err(asked)?;
            let (mails, more) = mailbox
                .past_mails(&id, state.after, state.up_to, MAILS)
                .await
                .map_err(asked)?;
            let last = mails.last().and_then(|mail| mail.received).unwrap_or(state.after);
            // Mails of the last second come again and are known then; a second that fills a whole step is passed.
            state.after = if last > state.after {
                last
            } else {
                state.after.saturating_add(1_000)
            };
            state.read = !more;
            let now = look.now();
            mails
                .iter()
                .map(|mail| folder::found(mail, &look.watched.source, now))
                .collect()
        }
        _ => return Ok(()),
    };
    let ids: Vec<String> = candidates.iter().map(|item| item.id.clone()).collect();
    let known = look.shared.store.known_items(&look.watched.id, &ids, &[]).await?;
    let mut items = Vec::new();
    for mut found in candidates {
        let before = known.iter().find(|known| known.id == found.id);
        if before.is_some_and(|known| known.state != ItemState::Skipped) {
            continue;
        }
        if state.found >= state.max {
            state.read = true;
            break;
        }
        let mut detail = item::Detail::of(&found);
        detail.since = Some(state.since);
        (found.detail, found.backfill, found.lane) = (detail.text(), true, Lane::Backlog);
        found.times = before.map_or(0, |known| known.times);
        state.found += 1;
        items.push(found);
    }
    look.more |= !state.read;
    keep(look, items, &state).await
}

fn past_offense(offense: &OffenseChange, change: &str, look: &Look<'_>, now: Timestamp) -> SourceItem {
    let place = item::place(
        offense.persisted,
        Some(offense.magnitude),
        now,
        look.watched.source.live_magnitude,
    );
    let version = offenses::version(offense);
    item::fresh(
        offense.id.to_string(),
        version,
        &offenses::detail(offense, change),
        place,
        now,
    )
}

async fn keep(look: &mut Look<'_>, items: Vec<SourceItem>, state: &State) -> Result<(), Trouble> {
    let now = look.now();
    look.commit(Advance {
        items,
        backfill: Some(Some(state.text())),
        now,
        ..Advance::default()
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backfill_has_bounds_and_a_rate() {
        let wanted = Wanted {
            since: 5,
            max: 10,
            rate: 6,
        };
        assert!(check(wanted, 10).is_ok());
        for wrong in [
            Wanted { since: 11, ..wanted },
            Wanted { max: 0, ..wanted },
            Wanted { max: 10_001, ..wanted },
            Wanted { rate: 0, ..wanted },
            Wanted { rate: 601, ..wanted },
        ] {
            assert!(matches!(check(wrong, 10), Err(Refusal::Wrong(..))), "{wrong:?}");
        }
    }

    #[test]
    fn runs_of_a_backfill_are_due_by_its_rate_and_none_when_it_has_ended() {
        let mut state = State {
            since: 0,
            max: 10,
            rate: 6,
            after: 0,
            up_to: 9,
            total: 9,
            found: 0,
            read: false,
            by: "op".to_owned(),
            started_at: 0,
            last_run_at: 100_000,
            ended: None,
        };
        let mut cursor = Cursor {
            id: synapse_store::sources::SourceId {
                tenant: "acme".parse().unwrap(),
                deployment: "d".parse().unwrap(),
                trigger: "t".parse().unwrap(),
            },
            watches: String::new(),
            position: String::new(),
            revision: 0,
            node: None,
            next_at: 0,
            looked_at: None,
            ok_at: None,
            failures: 0,
            problem: None,
            backfill: Some(state.text()),
            floor: 0,
            created_at: 0,
        };
        assert!(due(&cursor, 109_999).is_none());
        assert_eq!(due(&cursor, 110_000).map(|(runs, _)| runs), Some(1));
        assert_eq!(due(&cursor, 135_000).map(|(runs, _)| runs), Some(3));
        state.ended = Some("stopped".to_owned());
        cursor.backfill = Some(state.text());
        assert!(due(&cursor, 200_000).is_none());
    }
}
