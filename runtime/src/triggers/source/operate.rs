//! What can an operator do about a watched source: set it, replay an item, import older ones, stop that?

use synapse_domain::clock::Timestamp;
use synapse_store::sources::{Advance, Cursor, ItemFilter, ItemState, Lane, SourceId, SourceItem};
use synapse_store::{Store, StoreError};

use super::backfill::State;
use super::item::{self, Detail};
use super::poller::Watched;
use super::supervise::Shared;

/// A change that meets a look's is made again so often.
const TRIES: u32 = 20;
/// Items that are set aside in one step.
const STEP: u32 = 1_000;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A field is wrong.
    #[error("`{0}`: {1}")]
    Wrong(&'static str, String),
    /// Not in this state.
    #[error("{0}")]
    Conflict(String),
    /// The source did not answer as it should.
    #[error("the source cannot be asked: {0}")]
    Source(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a cursor is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetTo {
    /// Everything until now is left out.
    Now,
    /// Read again from this moment on; what was handed over in the same version is not handed over again.
    Moment(Timestamp),
}

/// Changes a cursor as it is now; again if a look was faster.
async fn change(
    store: &dyn Store,
    id: &SourceId,
    make: impl Fn(&Cursor) -> Result<Advance, Refusal>,
) -> Result<Cursor, Refusal> {
    for _ in 0..TRIES {
        let cursor = store.cursor(id).await?;
        match store.advance(id, cursor.revision, None, make(&cursor)?).await {
            Ok(advanced) => return Ok(advanced.cursor),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Conflict(
        "the cursor changes all the time; try again in a moment".to_owned(),
    ))
}

/// Sets a cursor.
///
/// # Errors
/// The moment is before the point from which the trigger acts, or in the future.
pub async fn reset(watched: &Watched, shared: &Shared, to: ResetTo, by: &str) -> Result<Cursor, Refusal> {
    let (store, now) = (shared.store.as_ref(), shared.clock.now());
    let moment = match to {
        ResetTo::Now => now,
        ResetTo::Moment(moment) => moment,
    };
    let set = change(store, &watched.id, |cursor| {
        if moment < cursor.floor || moment > now {
            let why = format!(
                "{moment} is outside {} to {now}: what is older is imported with a backfill only",
                cursor.floor
            );
            return Err(Refusal::Wrong("to", why));
        }
        Ok(Advance {
            position: Some(watched.start_at(moment)),
            floor: (to == ResetTo::Now).then_some(now),
            now,
            ..Advance::default()
        })
    })
    .await?;
    if to == ResetTo::Now {
        let reason = format!("left out: {by} set the cursor to {now}");
        return set_aside(store, &watched.id, &reason, now, |item| !item.backfill).await;
    }
    Ok(set)
}

/// Leaves out what waits.
async fn set_aside(
    store: &dyn Store,
    id: &SourceId,
    reason: &str,
    now: Timestamp,
    which: impl Fn(&SourceItem) -> bool,
) -> Result<Cursor, Refusal> {
    loop {
        let cursor = store.cursor(id).await?;
        let filter = ItemFilter {
            state: Some(ItemState::New),
            limit: STEP,
            ..ItemFilter::default()
        };
        let waiting = store.source_items(id, filter).await?;
        let items: Vec<SourceItem> = waiting
            .into_iter()
            .filter(&which)
            .map(|mut waiting| {
                waiting.changed_at = now;
                item::left_out(waiting, ItemState::Skipped, reason)
            })
            .collect();
        if items.is_empty() {
            return Ok(cursor);
        }
        let change = Advance {
            items,
            now,
            ..Advance::default()
        };
        match store.advance(id, cursor.revision, None, change).await {
            Ok(_) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Hands an item over again, whatever its age.
///
/// # Errors
/// It waits or is in a run already, or is none that a workflow could read.
pub async fn replay(shared: &Shared, id: &SourceId, wanted: &str) -> Result<SourceItem, Refusal> {
    let store = shared.store.as_ref();
    for _ in 0..TRIES {
        let cursor = store.cursor(id).await?;
        let mut item = store.source_item(id, wanted).await?;
        match item.state {
            ItemState::New => return Err(Refusal::Conflict("the item waits for a run already".to_owned())),
            ItemState::Handed => return Err(Refusal::Conflict("the item is in a run that has not ended".to_owned())),
            ItemState::Done | ItemState::Skipped | ItemState::Poison => {}
        }
        if item.key.starts_with("unreadable:") {
            return Err(Refusal::Conflict(
                "the item has no id by which a workflow could read it".to_owned(),
            ));
        }
        let now = shared.clock.now();
        let mut detail = Detail::of(&item);
        // Somebody says so: its age does not matter any more.
        detail.since = Some(detail.since.unwrap_or(0));
        (item.detail, item.backfill) = (detail.text(), true);
        (item.state, item.lane, item.tries, item.not_before) = (ItemState::New, Lane::Live, 0, 0);
        (item.reason, item.changed_at) = (None, now);
        let change = Advance {
            items: vec![item.clone()],
            now,
            ..Advance::default()
        };
        match store.advance(id, cursor.revision, None, change).await {
            Ok(_) => return Ok(item),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Conflict(
        "the cursor changes all the time; try again in a moment".to_owned(),
    ))
}

/// Begins a backfill that was shown and confirmed.
///
/// # Errors
/// Another one is under way.
pub async fn begin(shared: &Shared, id: &SourceId, state: &State) -> Result<Cursor, Refusal> {
    change(shared.store.as_ref(), id, |cursor| {
        if State::of(cursor).is_some_and(|state| state.ended.is_none()) {
            let why = "a backfill is under way: wait for its end, or stop it first";
            return Err(Refusal::Conflict(why.to_owned()));
        }
        Ok(Advance {
            backfill: Some(Some(state.text())),
            now: shared.clock.now(),
            ..Advance::default()
        })
    })
    .await
}

/// Stops a backfill: what of it waits is left out, its runs go on.
///
/// # Errors
/// There is none.
pub async fn stop(shared: &Shared, id: &SourceId, by: &str) -> Result<Cursor, Refusal> {
    let (store, now) = (shared.store.as_ref(), shared.clock.now());
    change(store, id, |cursor| {
        let state = State::of(cursor).filter(|state| state.ended.is_none());
        let mut state = state.ok_or_else(|| Refusal::Conflict("no backfill is under way".to_owned()))?;
        state.ended = Some("stopped".to_owned());
        Ok(Advance {
            backfill: Some(Some(state.text())),
            now,
            ..Advance::default()
        })
    })
    .await?;
    let reason = format!("left out: {by} stopped the backfill");
    set_aside(store, id, &reason, now, |item| {
        item.backfill && item.lane == Lane::Backlog
    })
    .await
}
