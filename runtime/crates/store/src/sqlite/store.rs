//! What is the store as a whole, and is it well?

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use sqlx::sqlite::SqlitePool;
use synapse_domain::run::RunState;

use super::claim::Turn;
use super::columns::Columns as _;
use super::committer::Committer;
use super::grants::Cache;
use crate::error::StoreError;
use crate::records::StoreCounters;
use crate::traits::{Result, Store};

/// A store in one SQLite file. Dropping it ends the writer after what it has in hand; [`Store::close`] waits for that.
pub struct SqliteStore {
    committer: Committer,
    readers: SqlitePool,
    turn: Turn,
    grants: Cache,
}

impl SqliteStore {
    pub(super) fn new(committer: Committer, readers: SqlitePool) -> Self {
        Self {
            committer,
            readers,
            turn: Turn::default(),
            grants: Cache::default(),
        }
    }

    /// The way to the writer.
    pub(super) fn writer(&self) -> &Committer {
        &self.committer
    }

    /// The connections that read.
    pub(super) fn reader(&self) -> &SqlitePool {
        &self.readers
    }

    /// Whose turn it was.
    pub(super) fn turn(&self) -> Turn {
        Turn::clone(&self.turn)
    }

    /// Grants that were read.
    pub(super) fn grants_cache(&self) -> &Cache {
        &self.grants
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").fetch_one(&self.readers).await?;
        if self.committer.is_open() {
            Ok(())
        } else {
            Err(StoreError::Failed("the writer has ended".into()))
        }
    }

    async fn counters(&self) -> Result<StoreCounters> {
        let sql = "SELECT sum(queued), sum(running), sum(waiting), sum(in_doubt), sum(succeeded), sum(partial), sum(failed), \
            sum(cancelled), sum(diverged) FROM deployments";
        let row = sqlx::query(sql).fetch_one(&self.readers).await?;
        let mut counters = StoreCounters {
            commits: self.committer.counts().commits.load(Ordering::Relaxed),
            requests: self.committer.counts().requests.load(Ordering::Relaxed),
            ..StoreCounters::default()
        };
        // `ALL` has the order of the columns above.
        for (column, state) in RunState::ALL.into_iter().enumerate() {
            counters
                .runs
                .insert(state.as_str().to_owned(), row.optional_number(column)?.unwrap_or(0));
        }
        Ok(counters)
    }

    async fn close(&self) {
        self.readers.close().await;
        self.committer.close().await;
    }
}
