//! What is remembered of a watched source: its cursor, its items, and which runs they are in?
//!
//! A cursor has one owner (a node) and a revision: every change names the revision it was made from, so that two loops can never both
//! believe theirs (D42). What was found, the new cursor and the runs for it are one transaction.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{DeploymentName, RunId, TenantId, TriggerName};
use synapse_domain::run::RunState;

use crate::records::NewRun;
use crate::traits::Result;

/// Which trigger of which deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId {
    /// Whose.
    pub tenant: TenantId,
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// Which trigger.
    pub trigger: TriggerName,
}

/// How far a source was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Whose.
    pub id: SourceId,
    /// What is watched, as text: connection and object. Another one begins anew.
    pub watches: String,
    /// Where the next look starts: JSON of the poller.
    pub position: String,
    /// Grows with every change.
    pub revision: u64,
    /// The node that looks.
    pub node: Option<String>,
    /// When the next look is due.
    pub next_at: Timestamp,
    /// When somebody looked last.
    pub looked_at: Option<Timestamp>,
    /// When a look succeeded last.
    pub ok_at: Option<Timestamp>,
    /// Looks in a row that failed.
    pub failures: u32,
    /// Why the last one failed.
    pub problem: Option<String>,
    /// A backfill under way: JSON of the poller.
    pub backfill: Option<String>,
    /// What happened before this moment is not remembered: it is not told as new.
    pub floor: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

/// Which runs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// What is fresh or grave.
    Live,
    /// What waits anyway: after an outage, in a backfill.
    Backlog,
}

impl Lane {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Backlog => "backlog",
        }
    }

    /// The lane of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Live, Self::Backlog]
            .into_iter()
            .find(|lane| lane.as_str() == text)
    }
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemState {
    /// Waits for a run.
    New,
    /// In a run that has not ended.
    Handed,
    /// Its run ended well.
    Done,
    /// Left out, with a reason.
    Skipped,
    /// Given up after its runs failed, or unreadable: with a reason, until somebody replays it.
    Poison,
}

impl ItemState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Handed, Self::Done, Self::Skipped, Self::Poison];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Handed => "handed",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Poison => "poison",
        }
    }

    /// The state of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One thing at the source, in the version that was seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceItem {
    /// Names it in URLs and within its trigger: a digest of its key.
    pub id: String,
    /// The source's own key, opaque.
    pub key: String,
    /// Digest of what stays when the key changes (a mail's `Message-ID` and more).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Digest of the version: the same one is never handed over twice.
    pub version: String,
    /// What its event says and what people are shown: JSON of the poller.
    pub detail: String,
    /// Which lane.
    pub lane: Lane,
    /// Higher goes first within a lane.
    pub rank: i64,
    /// How it stands.
    pub state: ItemState,
    /// Why, for `skipped` and `poison`; for `new` why the last run failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The run it was handed to last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Runs that failed since it was found or replayed.
    pub tries: u32,
    /// Runs it was ever handed to.
    pub times: u32,
    /// From a backfill: it may be older than the go-live point.
    pub backfill: bool,
    /// Not handed over before.
    pub not_before: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// Which items to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// Only in this state.
    pub state: Option<ItemState>,
    /// Only in this lane.
    pub lane: Option<Lane>,
    /// Only those that may be handed over at this moment.
    pub due: Option<Timestamp>,
    /// At most this many, 1 to 1,000.
    pub limit: u32,
}

/// How many items are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// Wait in the live lane.
    pub live: u64,
    /// Wait in the backlog lane.
    pub backlog: u64,
    /// In unfinished runs.
    pub handed: u64,
    /// Done.
    pub done: u64,
    /// Left out.
    pub skipped: u64,
    /// Given up.
    pub poison: u64,
}

/// How much of a source waits or is under way. Cheap to ask for, however much is remembered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceLoad {
    /// Wait in the live lane.
    pub live: u64,
    /// Wait in the backlog lane.
    pub backlog: u64,
    /// Are in a run that has not been settled.
    pub handed: u64,
    /// Runs of the backlog lane that are queued or running. One that waits holds no place, and keeps no other back.
    pub backlog_runs: u64,
}

/// A run for some items.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRun {
    /// The run.
    pub run: NewRun,
    /// Ids of its items.
    pub items: Vec<String>,
}

/// What a look leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// When.
    pub at: Timestamp,
    /// When the next one is due.
    pub next_at: Timestamp,
}

/// A change of a cursor, all of it or nothing. Items are inserted, or replaced by id; runs are accepted in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advance {
    /// The new position.
    pub position: Option<String>,
    /// The new state of the backfill; `Some(None)` ends it.
    pub backfill: Option<Option<String>>,
    /// The look ended: well, or with this problem.
    pub looked: Option<(Looked, std::result::Result<(), String>)>,
    /// Raises the floor.
    pub floor: Option<Timestamp>,
    /// What was found, or stands otherwise now.
    pub items: Vec<SourceItem>,
    /// Runs for items that wait.
    pub runs: Vec<SourceRun>,
    /// Now.
    pub now: Timestamp,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Advanced {
    /// The cursor as it is now.
    pub cursor: Cursor,
    /// Each run's id; none where the tenant's queue was full: its items wait on.
    pub runs: Vec<Option<RunId>>,
}

/// A handed item whose run has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedItem {
    /// The item.
    pub item: SourceItem,
    /// How its run ended; none: the run is not there any more.
    pub state: Option<RunState>,
}

/// Cursors: how far sources were read, and what was found there.
#[async_trait]
pub trait Cursors: Send + Sync {
    /// Takes a cursor for this node; makes it if it is missing, or anew (items and backfill are dropped) if it watches something else.
    ///
    /// # Errors
    /// `Conflict`: another node that is alive has it. `NotFound`: no such deployment.
    async fn own_cursor(
        &self,
        id: &SourceId,
        node: &str,
        watches: &str,
        position: &str,
        floor: Timestamp,
        now: Timestamp,
    ) -> Result<Cursor>;

    /// Changes a cursor that still has this revision; with `node`, only if that is its owner. Runs are accepted as
    /// [`crate::traits::Runs::submit`] does; a full queue keeps their items waiting and fails nothing.
    ///
    /// # Errors
    /// `Conflict`: it was changed meanwhile, or has another owner: read it again. `NotFound`.
    async fn advance(&self, id: &SourceId, revision: u64, node: Option<&str>, change: Advance) -> Result<Advanced>;

    /// One cursor.
    async fn cursor(&self, id: &SourceId) -> Result<Cursor>;

    /// Cursors of a tenant, or of one of its deployments, by name.
    async fn cursors(&self, tenant: &TenantId, deployment: Option<&DeploymentName>) -> Result<Vec<Cursor>>;

    /// Items of a trigger: what waits in the order in which it goes, everything else newest first.
    async fn source_items(&self, id: &SourceId, filter: ItemFilter) -> Result<Vec<SourceItem>>;

    /// One item.
    async fn source_item(&self, id: &SourceId, item: &str) -> Result<SourceItem>;

    /// Those items that have one of these ids or aliases.
    async fn known_items(&self, id: &SourceId, ids: &[String], aliases: &[String]) -> Result<Vec<SourceItem>>;

    /// Handed items whose run is final, at most `limit`.
    async fn ended_items(&self, id: &SourceId, limit: u32) -> Result<Vec<EndedItem>>;

    /// How many items are in which state.
    async fn source_counts(&self, id: &SourceId) -> Result<SourceCounts>;

    /// How much waits, and how many backlog runs are unfinished.
    async fn source_load(&self, id: &SourceId) -> Result<SourceLoad>;

    /// Forgets handled items that were changed before a moment, and the oldest beyond `most`; those that wait or are in a run stay.
    /// Raises the cursor's floor to what was forgotten. Answers how many.
    async fn forget_items(&self, id: &SourceId, before: Timestamp, most: u64) -> Result<u64>;

    /// Forgets a cursor with its items: the deployment has no such trigger any more.
    async fn drop_cursor(&self, id: &SourceId) -> Result<()>;
}
