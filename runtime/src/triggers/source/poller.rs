//! When is a source looked at, and what if it does not answer? Not at all while its connection is under maintenance.

use std::sync::Arc;
use std::time::Duration;

use synapse_capabilities::connection::Connection;
use synapse_capabilities::gate::Authority as _;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::ConnectionName;
use synapse_domain::permission::{Decision, Grant, Request, Scopes, decide};
use synapse_domain::trigger::{Source, Watch};
use synapse_store::StoreError;
use synapse_store::sources::{Advance, Cursor, Looked, SourceId};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::look::{Look, Trouble};
use super::supervise::Shared;
use super::{folder, offenses};

/// How often runs that ended are settled and backlog is released, while there is any.
const BETWEEN: Duration = Duration::from_secs(2);
/// Rest when the store fails or another node looks.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Longest pause between two looks at a source that does not answer.
const LONGEST_PAUSE_MS: u64 = 15 * 60 * 1_000;
/// Longest time by which a first look is put off, so that a start does not ask all sources at once.
const SPREAD_MS: u64 = 10_000;
/// A look that lost its cursor to somebody else's change starts again so often.
const AGAIN: u32 = 3;

/// What one poller watches.
pub struct Watched {
    /// Which trigger.
    pub id: SourceId,
    /// As the deployment says.
    pub source: Source,
    /// What its runs say started them.
    pub label: String,
    /// The connection's name.
    pub connection: ConnectionName,
    /// The connection.
    pub upstream: Arc<Connection>,
    /// What the manifest asks for.
    pub asked: Vec<Grant>,
    /// From when on the trigger acts: go-live, or when it was added.
    pub start: Timestamp,
    /// What is watched, as text.
    pub watches: String,
}

impl Watched {
    /// What the deployment may see there, now: a poller sees no more than its workflow could.
    ///
    /// # Errors
    /// Why it may not, for an operator.
    pub async fn scopes(&self, shared: &Shared) -> Result<Scopes, String> {
        let (tenant, deployment) = (&self.id.tenant, &self.id.deployment);
        let grants = shared.grants.grants(tenant, deployment).await;
        let grants = grants.map_err(|_| "the deployment's grants cannot be read".to_owned())?;
        let request = Request {
            binding: &self.source.binding,
            operation: match self.source.watch {
                Watch::Offenses { .. } => "qradar/offenses.list-offenses",
                Watch::Folder { .. } => "ews/messages.list-messages",
            },
            arguments: Vec::new(),
        };
        match decide(&request, &self.asked, &grants, &shared.grants.ceiling(tenant)) {
            Decision::Allowed(scopes) => Ok(scopes),
            Decision::Denied(why) => Err(format!("denied: {why}")),
        }
    }

    /// The position of a cursor that starts at this moment.
    pub fn start_at(&self, moment: Timestamp) -> String {
        match self.source.watch {
            Watch::Offenses { .. } => offenses::Position::start(moment).text(),
            Watch::Folder { .. } => folder::Position::start(moment).text(),
        }
    }
}

/// Somebody waits for a look: answered when it has ended.
pub type Asked = oneshot::Sender<()>;

/// Looks again and again, until it is stopped.
pub async fn poll(watched: Watched, shared: Arc<Shared>, mut asked: mpsc::Receiver<Asked>, stop: CancellationToken) {
    let mut waiting: Vec<Asked> = Vec::new();
    // A first look is put off by a time of its own; a look that somebody asks for is not.
    let mut not_before = shared.clock.now().saturating_add(spread(&watched));
    loop {
        let rest = match own(&watched, &shared).await {
            Ok(mut cursor) => loop {
                let now = shared.clock.now();
                let due = cursor.next_at.max(not_before);
                // Whoever asks for a look meanwhile is told that there is none.
                let alone = watched.upstream.is_left_alone();
                if alone {
                    waiting.clear();
                }
                if !alone && (!waiting.is_empty() || due <= now) {
                    // A look that is dropped leaves nothing half done: what it had read is read again.
                    let looked = tokio::select! {
                        () = stop.cancelled() => return,
                        looked = look(&watched, &shared, cursor) => looked,
                    };
                    cursor = match looked {
                        Ok(cursor) => cursor,
                        Err(rest) => break rest,
                    };
                    not_before = 0;
                    waiting.drain(..).for_each(|asker| {
                        // Who went away needs no answer.
                        asker.send(()).ok();
                    });
                    continue;
                }
                let rest = if alone {
                    BETWEEN
                } else {
                    Duration::from_millis(due - now).min(BETWEEN)
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    Some(asker) = asked.recv() => waiting.push(asker),
                    () = tokio::time::sleep(rest) => {}
                }
                if waiting.is_empty() {
                    cursor = match between(&watched, &shared, cursor).await {
                        Ok(cursor) => cursor,
                        Err(rest) => break rest,
                    };
                }
            },
            Err(error) => {
                tracing::warn!(tenant.id = %watched.id.tenant, deployment = %watched.id.deployment, trigger = %watched.id.trigger,
                    %error, "the source is not looked at");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Takes the cursor for this node.
///
/// # Errors
/// Another node that is alive has it.
pub async fn own(watched: &Watched, shared: &Shared) -> Result<Cursor, StoreError> {
    let position = watched.start_at(watched.start);
    let now = shared.clock.now();
    shared
        .store
        .own_cursor(
            &watched.id,
            &shared.node,
            &watched.watches,
            &position,
            watched.start,
            now,
        )
        .await
}

/// The cursor as it is now, if it is still this node's.
async fn read(watched: &Watched, shared: &Shared) -> Result<Cursor, Duration> {
    match shared.store.cursor(&watched.id).await {
        Ok(cursor) if cursor.node.as_deref() == Some(shared.node.as_str()) => Ok(cursor),
        Ok(_) | Err(StoreError::NotFound) => Err(Duration::ZERO),
        Err(_) => Err(AFTER_FAILURE),
    }
}

/// One look with its record: how it ended, and when the next one is due. An error says how long to rest.
async fn look(watched: &Watched, shared: &Shared, cursor: Cursor) -> Result<Cursor, Duration> {
    let mut cursor = cursor;
    for _ in 0..AGAIN {
        let at = shared.clock.now();
        let mut look = Look {
            watched,
            shared,
            cursor,
            more: false,
            unsaved: None,
        };
        let ended = match look.all().await {
            Ok(()) => Ok(()),
            Err(Trouble::Source(why)) => Err(watched.upstream.redactor.clean(&why)),
            Err(Trouble::Lost(_)) => {
                cursor = read(watched, shared).await?;
                continue;
            }
            Err(Trouble::Store(error)) => {
                tracing::error!(%error, trigger = %watched.id.trigger, "a look could not be recorded");
                return Err(AFTER_FAILURE);
            }
        };
        let next_at = next(watched, &look.cursor, at, look.more, ended.is_err());
        tell(watched, &look.cursor, &ended, next_at.saturating_sub(at));
        let recorded = look
            .commit(Advance {
                looked: Some((Looked { at, next_at }, ended)),
                now: at,
                ..Advance::default()
            })
            .await;
        match recorded {
            Ok(()) => return Ok(look.cursor),
            Err(Trouble::Lost(_)) => cursor = read(watched, shared).await?,
            Err(_) => return Err(AFTER_FAILURE),
        }
    }
    Ok(cursor)
}

async fn between(watched: &Watched, shared: &Shared, cursor: Cursor) -> Result<Cursor, Duration> {
    let current = read(watched, shared).await?;
    let mut look = Look {
        watched,
        shared,
        cursor: current,
        more: false,
        unsaved: None,
    };
    match look.between().await {
        Ok(()) => Ok(look.cursor),
        Err(Trouble::Lost(_)) => Ok(cursor),
        Err(_) => Err(AFTER_FAILURE),
    }
}

/// When the next look is due: after the period; later and later while the source does not answer; at once where there is more to read.
fn next(watched: &Watched, cursor: &Cursor, at: Timestamp, more: bool, failed: bool) -> Timestamp {
    let period = u64::from(watched.source.every_seconds) * 1_000;
    let pause = match (failed, more) {
        (false, true) => 1_000,
        (false, false) => period,
        (true, _) => patience(period, cursor.failures),
    };
    at.saturating_add(jittered(pause))
}

/// The pause after a look that failed, as `failures` before it did: twice as long each time.
fn patience(period: u64, failures: u32) -> u64 {
    period
        .saturating_mul(1 << failures.min(6))
        .min(LONGEST_PAUSE_MS.max(period))
}

/// Up to a tenth more or less, so that pollers do not meet again and again.
fn jittered(pause: u64) -> u64 {
    let mut random = [0; 2];
    if getrandom::fill(&mut random).is_err() {
        return pause;
    }
    let part = u64::from(u16::from_le_bytes(random)) * (pause / 5) / u64::from(u16::MAX);
    pause - pause / 10 + part
}

fn spread(watched: &Watched) -> u64 {
    let id = &watched.id;
    let digest = Digest::of_parts(&[
        id.tenant.as_str().as_bytes(),
        id.deployment.as_str().as_bytes(),
        id.trigger.as_str().as_bytes(),
    ]);
    let number = u64::from(u16::from_le_bytes([digest.as_bytes()[0], digest.as_bytes()[1]]));
    let most = (u64::from(watched.source.every_seconds) * 1_000 / 4).min(SPREAD_MS);
    number * most / u64::from(u16::MAX)
}

/// A source that falls silent, and one that speaks again, is said once each; between that only how long it is left alone.
fn tell(watched: &Watched, cursor: &Cursor, ended: &Result<(), String>, pause_ms: u64) {
    let id = &watched.id;
    match ended {
        Err(why) => tracing::warn!(tenant.id = %id.tenant, deployment = %id.deployment, trigger = %id.trigger,
            connection = %watched.connection, failures = cursor.failures + 1, pause_ms, "a source cannot be read: {why}"),
        Ok(()) if cursor.failures > 0 => tracing::info!(tenant.id = %id.tenant, deployment = %id.deployment,
            trigger = %id.trigger, connection = %watched.connection, failures = cursor.failures, "a source can be read again"),
        Ok(()) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_does_not_answer_is_asked_less_and_less_often_up_to_a_bound() {
        let pauses = [0, 1, 2, 3, 4, 60].map(|failures| patience(60_000, failures));
        assert_eq!(pauses, [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
        assert_eq!(
            patience(3_600_000, 5),
            3_600_000,
            "a period that is longer than the bound stays"
        );
    }
}
