//! What is the life of an Ariel search? `WAIT → EXECUTE → SORTING → COMPLETED | ERROR | CANCELED` (contract 3.4)

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::aql::ast::Query;
use super::list::table::Row;
use super::settings::{Ariel, End};

/// Searches kept at a time; the oldest ended one makes room.
const MAX_SEARCHES: usize = 5000;

/// `desired_retention_time_msec`: searches are gone after a day.
pub const RETENTION_MS: i64 = 86_400_000;

/// State of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Accepted.
    Wait,
    /// Running.
    Execute,
    /// Almost done.
    Sorting,
    /// Ended with results.
    Completed,
    /// Ended with an error.
    Error,
    /// Ended by cancel; partial results stay.
    Canceled,
}

impl Status {
    /// Word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wait => "WAIT",
            Self::Execute => "EXECUTE",
            Self::Sorting => "SORTING",
            Self::Completed => "COMPLETED",
            Self::Error => "ERROR",
            Self::Canceled => "CANCELED",
        }
    }

    /// Will it change no more?
    pub fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Error | Self::Canceled)
    }
}

/// One search.
#[derive(Debug, Clone)]
pub struct Search {
    /// `search_id` and `cursor_id`.
    pub id: String,
    /// Token that created it (labels may repeat): other services do not see it.
    pub owner: String,
    /// Query as sent.
    pub text: String,
    /// Query as understood.
    pub query: Query,
    /// Epoch milliseconds.
    pub created_ms: i64,
    /// Now in this state.
    pub status: Status,
    /// 0 to 100.
    pub progress: u8,
    /// Status requests so far.
    polls: u32,
    /// Kept after retention.
    pub save_results: bool,
    /// Result rows once ended.
    pub rows: Vec<Row>,
    /// Events looked at.
    pub processed: usize,
    /// End of the search, epoch milliseconds.
    pub ended_ms: i64,
}

impl Search {
    /// A search that was just accepted.
    pub fn new(id: String, owner: String, text: String, query: Query, created_ms: i64) -> Self {
        Self {
            id,
            owner,
            text,
            query,
            created_ms,
            status: Status::Wait,
            progress: 0,
            polls: 0,
            save_results: false,
            rows: Vec::new(),
            processed: 0,
            ended_ms: created_ms,
        }
    }

    /// Moves on by one status request (`polled`) or by time; true when it ends now and needs its results.
    pub fn advance(&mut self, ariel: &Ariel, now_ms: i64, polled: bool) -> bool {
        if self.status.ended() {
            return false;
        }
        self.polls += u32::from(polled);
        let (done, all) = match ariel.done_after_ms {
            Some(after_ms) => ((now_ms - self.created_ms).max(0), after_ms),
            None => (i64::from(self.polls), i64::from(ariel.polls_until_done)),
        };
        if done < all {
            self.progress = u8::try_from((done * 100 / all).min(99)).unwrap_or(99);
            self.status = match done {
                0 => Status::Wait,
                _ if all - done == 1 && all > 2 => Status::Sorting,
                _ => Status::Execute,
            };
            return false;
        }
        self.status = match ariel.end {
            End::Completed => Status::Completed,
            End::Error => Status::Error,
            End::Canceled => Status::Canceled,
        };
        if self.status == Status::Completed {
            self.progress = 100;
        }
        self.ended_ms = now_ms;
        true
    }

    /// Ends it on request.
    pub fn cancel(&mut self, now_ms: i64) {
        if !self.status.ended() {
            self.status = Status::Canceled;
            self.ended_ms = now_ms;
        }
    }

    /// The API object, fields in recorded order.
    pub fn row(&self) -> Row {
        let bytes: usize = self.rows.len() * 512;
        let object = json!({
            "cursor_id": self.id,
            "status": self.status.word(),
            "compressed_data_file_count": 0,
            "compressed_data_total_size": 0,
            "data_file_count": usize::from(self.processed > 0),
            "data_total_size": self.processed * 512,
            "index_file_count": 0,
            "index_total_size": 0,
            "processed_record_count": self.processed,
            "desired_retention_time_msec": RETENTION_MS,
            "progress": self.progress,
            "progress_details": [],
            "query_execution_time": self.ended_ms - self.created_ms,
            "query_string": self.text,
            "record_count": self.rows.len(),
            "size_on_disk": bytes,
            "save_results": self.save_results,
            "completed": self.status == Status::Completed,
            "subsearch_ids": [],
            "snapshot": null,
            "search_id": self.id,
        });
        let mut row = if let Value::Object(row) = object {
            row
        } else {
            Map::new()
        };
        if self.status == Status::Error {
            let message = json!([{
                "code": "com.q1labs.ariel.query.failed",
                "contexts": [],
                "message": "Query execution failed: the query was terminated by the server",
                "severity": "ERROR",
            }]);
            row.insert("error_messages".to_owned(), message);
        }
        row
    }
}

/// All searches of a console, in order of creation.
#[derive(Debug, Clone, Default)]
pub struct Searches {
    /// What searches do.
    pub ariel: Ariel,
    by_number: BTreeMap<u64, Search>,
    numbers: HashMap<String, u64>,
    next: u64,
}

impl Searches {
    /// Forgets expired searches.
    pub fn expire(&mut self, now_ms: i64) {
        while let Some((_, oldest)) = self.by_number.first_key_value() {
            if oldest.save_results || now_ms - oldest.created_ms < RETENTION_MS {
                return;
            }
            let id = oldest.id.clone();
            self.remove(&id);
        }
    }

    /// Adds a search; `None` when there is no room.
    pub fn add(&mut self, search: Search) -> Option<&mut Search> {
        if self.by_number.len() >= MAX_SEARCHES {
            let ended = self
                .by_number
                .values()
                .find(|old| old.status.ended())
                .map(|old| old.id.clone())?;
            self.remove(&ended);
        }
        self.next += 1;
        self.numbers.insert(search.id.clone(), self.next);
        Some(self.by_number.entry(self.next).or_insert(search))
    }

    /// One search.
    pub fn get(&self, id: &str) -> Option<&Search> {
        self.by_number.get(self.numbers.get(id)?)
    }

    /// One search, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Search> {
        self.by_number.get_mut(self.numbers.get(id)?)
    }

    /// Removes one.
    pub fn remove(&mut self, id: &str) -> Option<Search> {
        self.by_number.remove(&self.numbers.remove(id)?)
    }

    /// A recent search with exactly this text that did not fail.
    pub fn identical(&self, owner: &str, text: &str, now_ms: i64) -> Option<&Search> {
        self.by_number
            .values()
            .rev()
            .take_while(|search| now_ms - search.created_ms < self.ariel.reuse_identical_ms)
            .find(|search| {
                search.text == text
                    && search.owner == owner
                    && !matches!(search.status, Status::Error | Status::Canceled)
            })
    }

    /// All of them, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Search> {
        self.by_number.values()
    }

    /// Ids, oldest first.
    pub fn ids(&self) -> Vec<String> {
        self.all().map(|search| search.id.clone()).collect()
    }

    /// An id that looks like the console's own (UUID form), unique in this console.
    pub fn fresh_id(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}
