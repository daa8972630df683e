//! What happens in one look at a source?

use std::collections::HashMap;

use synapse_capabilities::bindings::synapse::workflow::types::Error;
use synapse_capabilities::checkup::said;
use synapse_capabilities::connection::Client;
use synapse_capabilities::qradar::client::{ChangePage, Changes, Client as Console, OffenseChange};
use synapse_domain::clock::Timestamp;
use synapse_domain::failpoint;
use synapse_domain::permission::Scopes;
use synapse_domain::trigger::Watch;
use synapse_store::StoreError;
use synapse_store::sources::{Advance, Advanced, Cursor, ItemFilter, ItemState, Lane, SourceItem};

use super::poller::Watched;
use super::runs::Places;
use super::supervise::Shared;
use super::{backfill, folder, offenses, runs, settle};

/// Offenses of one page (contract 5).
pub const PAGE: u64 = 50;
/// Items of one transaction: bounds it, and what a crash makes be read again.
const CHUNK: usize = 500;
/// Pages of one look; the next look goes on.
const PAGES: u32 = 200;
/// Items that wait or whose run has not ended, at most: the source keeps the rest until there is room (D43).
const WAITING: u64 = 2_000;
/// Handled items that are remembered, at most.
const REMEMBERED: u64 = 50_000;
/// Items that are settled, or handed over, in one step.
const STEP: u32 = 1_000;

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Somebody else changed the cursor, or owns it: read it again.
    #[error("{0}")]
    Lost(String),
    /// The source did not answer as it should.
    #[error("{0}")]
    Source(String),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(why) => Self::Lost(why),
            other => Self::Store(other),
        }
    }
}

/// One look, or a part of one.
pub struct Look<'a> {
    /// What is watched.
    pub watched: &'a Watched,
    /// The node's parts.
    pub shared: &'a Shared,
    /// The cursor as it is now.
    pub cursor: Cursor,
    /// Is there more to read at once?
    pub more: bool,
    /// A position up to which everything is recorded; it goes with the next commit.
    pub unsaved: Option<String>,
}

impl Look<'_> {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Commits a change made from the cursor as it is here.
    pub async fn commit(&mut self, mut change: Advance) -> Result<(), Trouble> {
        let unsaved = self.unsaved.take();
        change.position = change.position.or(unsaved);
        let carries = !change.items.is_empty() || !change.runs.is_empty();
        if carries {
            failpoint::hit("source.after-fetch");
        }
        let node = Some(self.shared.node.as_str());
        let advanced = self
            .shared
            .store
            .advance(&self.watched.id, self.cursor.revision, node, change)
            .await?;
        let Advanced { cursor, runs } = advanced;
        self.cursor = cursor;
        if carries {
            failpoint::hit("source.after-commit");
        }
        if runs.iter().any(Option::is_some) {
            self.shared.queue.wake();
        }
        if runs.iter().any(Option::is_none) {
            tracing::warn!(tenant.id = %self.watched.id.tenant, "the tenant's queue is full; what was found waits");
        }
        Ok(())
    }

    /// All of it: settles, reads, hands over.
    pub async fn all(&mut self) -> Result<(), Trouble> {
        self.settle().await?;
        self.hand_over().await?;
        let scopes = self.watched.scopes(self.shared).await.map_err(Trouble::Source)?;
        match (&self.watched.source.watch, &self.watched.upstream.client) {
            (Watch::Offenses { changes }, Client::QRadar(console)) => {
                let changes = changes.clone();
                self.console(console, &changes, &scopes).await?;
            }
            (Watch::Folder { folder }, Client::Ews(mailbox)) => self.folder(mailbox, folder, &scopes).await?,
            _ => {
                return Err(Trouble::Source(
                    "the connection is of another kind than what is watched".to_owned(),
                ));
            }
        }
        backfill::step(self, &scopes).await?;
        self.hand_over().await?;
        let keep_ms = u64::from(self.watched.source.keep_days) * 24 * 60 * 60 * 1_000;
        let before = self.now().saturating_sub(keep_ms);
        self.shared
            .store
            .forget_items(&self.watched.id, before, REMEMBERED)
            .await?;
        Ok(())
    }

    /// What can be done without asking the source: runs that ended, items that wait.
    pub async fn between(&mut self) -> Result<(), Trouble> {
        self.settle().await?;
        self.hand_over().await
    }

    async fn settle(&mut self) -> Result<(), Trouble> {
        loop {
            let ended = self.shared.store.ended_items(&self.watched.id, STEP).await?;
            let full = ended.len() == STEP as usize;
            if ended.is_empty() {
                return Ok(());
            }
            let (store, tenant) = (self.shared.store.as_ref(), &self.watched.id.tenant);
            let items = settle::settle(store, tenant, ended, self.watched.source.tries, self.now()).await?;
            for item in items.iter().filter(|item| item.state == ItemState::Poison) {
                let reason = item.reason.as_deref().unwrap_or_default();
                tracing::warn!(tenant.id = %tenant, deployment = %self.watched.id.deployment, trigger = %self.watched.id.trigger,
                    item = item.id, "an item is given up: {reason}");
            }
            let now = self.now();
            self.commit(Advance {
                items,
                now,
                ..Advance::default()
            })
            .await?;
            if !full {
                return Ok(());
            }
        }
    }

    /// Runs for what waits: all of the live lane, of the backlog lane as many as may be unfinished.
    async fn hand_over(&mut self) -> Result<(), Trouble> {
        let (id, now) = (&self.watched.id, self.now());
        let waiting = |lane| ItemFilter {
            state: Some(ItemState::New),
            lane: Some(lane),
            due: Some(now),
            limit: STEP,
        };
        let live = self.shared.store.source_items(id, waiting(Lane::Live)).await?;
        let all = Places {
            most: runs::RUNS,
            before: 0,
        };
        let mut runs = runs::plan(self.watched, &live, all, now)?;
        let stale = self.shared.store.source_items(id, waiting(Lane::Backlog)).await?;
        let mut progress = None;
        if !stale.is_empty() {
            let load = self.shared.store.source_load(id).await?;
            let free = u64::from(self.watched.source.backlog_runs).saturating_sub(load.backlog_runs);
            let free = usize::try_from(free).unwrap_or(usize::MAX).min(runs::RUNS - runs.len());
            let (past, stale): (Vec<SourceItem>, Vec<SourceItem>) = stale.into_iter().partition(|item| item.backfill);
            let mut places = Places {
                most: free,
                before: runs.len(),
            };
            let more = runs::plan(self.watched, &stale, places, now)?;
            places.before += more.len();
            places.most -= more.len();
            runs.extend(more);
            if let Some((due, mut state)) = backfill::due(&self.cursor, now).filter(|_| places.most > 0) {
                places.most = places.most.min(due);
                let past = runs::plan(self.watched, &past, places, now)?;
                if !past.is_empty() {
                    state.last_run_at = now;
                    progress = Some(Some(state.text()));
                }
                runs.extend(past);
            }
        }
        if runs.is_empty() {
            return Ok(());
        }
        self.commit(Advance {
            runs,
            backfill: progress,
            now,
            ..Advance::default()
        })
        .await
    }

    /// Is as much under way as may be? Then the source keeps the rest: what is held by a pause must not grow without end (D43).
    async fn is_full(&self) -> Result<bool, Trouble> {
        let load = self.shared.store.source_load(&self.watched.id).await?;
        Ok(load.live + load.handed >= WAITING)
    }

    /// May the source be asked on? A window that opens in the middle of a look ends it; what was read and not kept is read again.
    fn is_left_alone(&self) -> bool {
        self.watched.upstream.is_left_alone()
    }

    async fn console(&mut self, console: &Console, changes: &[String], scopes: &Scopes) -> Result<(), Trouble> {
        let mut position: offenses::Position = serde_json::from_str(&self.cursor.position)
            .unwrap_or_else(|_| offenses::Position::start(self.cursor.floor));
        let started = self.now();
        position.open_gap(started, &self.watched.source);
        let mut wanted = position.fresh();
        let mut found = Vec::new();
        for page in 0..PAGES {
            if self.is_left_alone() || (found.is_empty() && self.is_full().await?) {
                return Ok(());
            }
            let read = self.page(console, &wanted, scopes).await?;
            position.pass(&read.offenses);
            let last = last(&read.offenses);
            let end = !read.more || last.is_none();
            found.extend(read.offenses);
            if end {
                position.read_at = started;
            }
            if end || found.len() >= CHUNK || page + 1 == PAGES {
                self.keep(std::mem::take(&mut found), &position, changes).await?;
            }
            if end {
                break;
            }
            self.more = page + 1 == PAGES;
            wanted.after = last;
        }
        self.gap(console, position, changes, scopes).await
    }

    /// What an outage left open, after everything that is fresh: as much of it as may wait.
    async fn gap(
        &mut self,
        console: &Console,
        mut position: offenses::Position,
        changes: &[String],
        scopes: &Scopes,
    ) -> Result<(), Trouble> {
        for _ in 0..PAGES {
            let Some(gap) = position.gap.clone() else { return Ok(()) };
            let load = self.shared.store.source_load(&self.watched.id).await?;
            if load.backlog >= WAITING || self.is_left_alone() {
                return Ok(());
            }
            let wanted = offenses::Position::of_gap(&gap, &self.watched.source);
            let read = self.page(console, &wanted, scopes).await?;
            position.pass_gap(&read.offenses, read.more);
            self.keep(read.offenses, &position, changes).await?;
        }
        self.more = true;
        Ok(())
    }

    async fn page(&mut self, console: &Console, wanted: &Changes, scopes: &Scopes) -> Result<ChangePage, Trouble> {
        let read = console.offense_changes(wanted, PAGE, scopes).await;
        let page = read.map_err(|error| Trouble::Source(said(&error)))?;
        if !page.unreadable.is_empty() {
            let now = self.now();
            let items = page
                .unreadable
                .iter()
                .map(|text| offenses::unreadable(text, now))
                .collect();
            self.new_only(items).await?;
        }
        Ok(page)
    }

    /// Records what is not known yet.
    async fn new_only(&mut self, mut items: Vec<SourceItem>) -> Result<(), Trouble> {
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        let known = self.shared.store.known_items(&self.watched.id, &ids, &[]).await?;
        items.retain(|item| known.iter().all(|known| known.id != item.id));
        if items.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.commit(Advance {
            items,
            now,
            ..Advance::default()
        })
        .await
    }

    /// What was read, the position behind it, and runs for what goes first: one transaction.
    async fn keep(
        &mut self,
        read: Vec<OffenseChange>,
        position: &offenses::Position,
        changes: &[String],
    ) -> Result<(), Trouble> {
        let ids: Vec<String> = read
            .iter()
            .map(|offense| super::item::id(&offense.id.to_string()))
            .collect();
        let known = self.shared.store.known_items(&self.watched.id, &ids, &[]).await?;
        let known: HashMap<&str, &SourceItem> = known.iter().map(|item| (item.id.as_str(), item)).collect();
        let (floor, source, now) = (self.cursor.floor, &self.watched.source, self.now());
        let mut items: HashMap<String, SourceItem> = HashMap::new();
        for (offense, id) in read.iter().zip(&ids) {
            let known = known.get(id.as_str()).copied();
            items.extend(offenses::news(offense, known, floor, source, changes, now).map(|item| (id.clone(), item)));
        }
        let items = items.into_values().collect();
        self.keep_items(items, position.text()).await
    }

    async fn keep_items(&mut self, items: Vec<SourceItem>, position: String) -> Result<(), Trouble> {
        if items.is_empty() {
            self.unsaved = Some(position);
            return Ok(());
        }
        let now = self.now();
        let mut first: Vec<SourceItem> = items
            .iter()
            .filter(|item| item.state == ItemState::New && item.lane == Lane::Live)
            .cloned()
            .collect();
        first.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.id.cmp(&b.id)));
        let places = Places {
            most: runs::RUNS,
            before: 0,
        };
        let runs = runs::plan(self.watched, &first, places, now)?;
        self.commit(Advance {
            items,
            runs,
            position: Some(position),
            now,
            ..Advance::default()
        })
        .await
    }

    async fn folder(
        &mut self,
        mailbox: &synapse_capabilities::ews::client::Client,
        name: &str,
        scopes: &Scopes,
    ) -> Result<(), Trouble> {
        let asked = |error: Error| Trouble::Source(format!("folder `{name}`: {}", said(&error)));
        let mut position: folder::Position =
            serde_json::from_str(&self.cursor.position).unwrap_or_else(|_| folder::Position::start(self.cursor.floor));
        let id = mailbox.watched_folder(name, scopes).await.map_err(asked)?;
        if position.folder_id.as_deref() != Some(id.as_str()) {
            position.anew(Some(id.clone()));
        }
        let mut resynced = false;
        for _ in 0..PAGES {
            let load = self.shared.store.source_load(&self.watched.id).await?;
            if load.live + load.backlog + load.handed >= WAITING || self.is_left_alone() {
                return Ok(());
            }
            let read = match mailbox.folder_changes(&id, position.state.as_deref()).await {
                Err(Error::ResyncRequired) if !resynced => {
                    tracing::info!(tenant.id = %self.watched.id.tenant, trigger = %self.watched.id.trigger,
                        "the mailbox's sync state is of no use any more; the folder is read as a whole");
                    resynced = true;
                    position.anew(Some(id.clone()));
                    continue;
                }
                other => other.map_err(asked)?,
            };
            let before = position.clone();
            position.state = Some(read.state);
            position.whole = before.whole && read.more;
            let ids: Vec<String> = read.mails.iter().map(|mail| super::item::id(&mail.id)).collect();
            let aliases: Vec<String> = if before.whole {
                read.mails.iter().filter_map(folder::alias).collect()
            } else {
                Vec::new()
            };
            let known = self.shared.store.known_items(&self.watched.id, &ids, &aliases).await?;
            let (source, now) = (&self.watched.source, self.now());
            let news = read.mails.iter().zip(&ids).filter_map(|(mail, id)| {
                let same = known.iter().find(|item| item.id == *id);
                let alias = folder::alias(mail);
                let moved = known
                    .iter()
                    .find(|item| item.id != *id && alias.is_some() && item.alias == alias);
                folder::news(mail, same, moved, &before, source, now)
            });
            let items = news.collect();
            self.keep_items(items, position.text()).await?;
            if !read.more {
                return Ok(());
            }
        }
        self.more = true;
        Ok(())
    }
}

/// The place of a page's last offense in the order.
fn last(offenses: &[OffenseChange]) -> Option<(Timestamp, u64)> {
    offenses.last().map(|offense| (offense.persisted, offense.id))
}
