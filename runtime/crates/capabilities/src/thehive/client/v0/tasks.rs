//! How are tasks and logs of 3 and 4 asked for, made and changed (contract 2.5)?

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::upload::{self, File};
use super::super::{not_sent, unknown};
use super::search::Search;
use super::{V0, body};
use crate::bindings::synapse::thehive::tasks::{NewTask, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Body;
use crate::gate::Failure;
use crate::thehive::query::v0 as filter;
use crate::thehive::types::v0::{self as types, Kind, read};
use crate::thehive::types::{self as v1, LogBody, LogRow, TaskRow};

/// The part with the file of a log: one, and not called as on 5 (contract section 5).
const FILE: &str = "attachment";
/// Where log entries are searched.
const LOGS: &[&str] = &["case", "task", "log"];
/// Longest list that guests get (`wit/thehive/tasks.wit`).
const LIST: usize = 1_000;

impl V0<'_> {
    /// All tasks of a case, oldest first.
    pub async fn tasks(self, case: &str) -> Result<Vec<TaskRow>, Error> {
        let path = ["case", case, "task"];
        self.list(&tasks(&path, "createdAt"), LIST).await
    }

    /// The task of a case with this marker.
    pub async fn marked_task(self, case: &str, marker: &str) -> Result<Option<TaskRow>, Error> {
        let path = ["case", case, "task"];
        let wanted = |row: &TaskRow| row.carries(marker);
        self.first(&tasks(&path, "-createdAt"), wanted).await
    }

    /// One task by the server's id.
    pub async fn task(self, id: &str) -> Result<TaskRow, Error> {
        let row: TaskRow = self.get(Kind::Task, &["case", "task", id]).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(v1::inconsistent("another task than the one asked for"))
        }
    }

    /// Sends a new task with its marker.
    pub async fn create_task(self, task: &NewTask, marker: &str, start: Instant) -> Result<TaskRow, Failure> {
        let sent = types::new_task(self.major, task, marker).map_err(not_sent)?;
        let path = ["case", task.case_id.as_str(), "task"];
        let row = self.make(Method::POST, &path, body(&sent)?, start).await?;
        let row: TaskRow = read(Kind::Task, row).map_err(unknown)?;
        if row.carries(marker) {
            Ok(row)
        } else {
            Err(unknown(v1::inconsistent("another task than the one sent")))
        }
    }

    /// Sets fields of a task.
    pub async fn update_task(self, id: &str, patch: &TaskPatch, start: Instant) -> Result<(), Failure> {
        let sent = types::task_patch(self.major, patch).map_err(not_sent)?;
        self.set(Method::PATCH, &["case", "task", id], sent, start).await
    }

    /// All log entries of a task, oldest first.
    pub async fn logs(self, task: &str) -> Result<Vec<LogRow>, Error> {
        self.list(&logs(task, "createdAt"), LIST).await
    }

    /// The log entry of a task with this marker.
    pub async fn marked_log(self, task: &str, marker: &str) -> Result<Option<LogRow>, Error> {
        let wanted = |row: &LogRow| v1::carries(&row.message, marker);
        self.first(&logs(task, "-createdAt"), wanted).await
    }

    /// One log entry: 4 has no route for it, so it is searched for by its id.
    pub async fn log(self, id: &str) -> Result<LogRow, Error> {
        let search = Search {
            path: LOGS,
            kind: Kind::Log,
            filter: filter::one_of_ids(&[id.to_owned()]),
            sort: "createdAt",
        };
        let found: Option<LogRow> = self.first(&search, |row: &LogRow| row.id == id).await?;
        found.ok_or(Error::NotFound)
    }

    /// Replaces the text of a log entry.
    pub async fn update_log(self, id: &str, log: &LogBody, start: Instant) -> Result<(), Failure> {
        let path = ["case", "task", "log", id];
        self.set(Method::PATCH, &path, types::log_body(log), start).await
    }

    /// Sends a new log entry with its file. An entry holds one, so the others go before it, each in an entry of its own with a mark of
    /// its own; the entry with the text comes last, so that its being there says that all are. A repeat sends what is missing.
    pub async fn create_log(
        self,
        task: &str,
        log: &LogBody,
        files: &[File<'_>],
        marker: &str,
        start: Instant,
    ) -> Result<LogRow, Failure> {
        let (first, others) = match files.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, files),
        };
        let of = files.len();
        let mut sent_some = false;
        for (n, file) in (2_usize..).zip(others) {
            // Whatever stops a later one leaves an earlier one behind.
            let open = |failure: Failure| if sent_some { unknown(failure.error) } else { failure };
            let mark = format!("{marker}/{n}");
            let there = self.marked_log(task, &mark).await.map_err(not_sent).map_err(open)?;
            if there.is_none() {
                let text = format!("File {n} of {of} of the next entry: `{}`", v1::ascii(&file.kept.name));
                let beside = LogBody {
                    message: v1::mark(&text, &mark),
                    start_date: log.start_date,
                };
                self.send_log(task, &beside, Some(file), &mark, start)
                    .await
                    .map_err(open)?;
            }
            sent_some = true;
        }
        let last = self.send_log(task, log, first, marker, start).await;
        last.map_err(|failure| if sent_some { unknown(failure.error) } else { failure })
    }

    async fn send_log(
        self,
        task: &str,
        log: &LogBody,
        file: Option<&File<'_>>,
        marker: &str,
        start: Instant,
    ) -> Result<LogRow, Failure> {
        let sent = types::log_body(log);
        let sent = match file {
            None => body(&sent)?,
            Some(file) => {
                let text = upload::json(&sent).map_err(not_sent)?;
                Body::Multipart(vec![text, file.part(FILE).map_err(not_sent)?])
            }
        };
        let path = ["case", "task", task, "log"];
        let row = self.make(Method::POST, &path, sent, start).await?;
        let row: LogRow = read(Kind::Log, row).map_err(unknown)?;
        if v1::carries(&row.message, marker) {
            Ok(row)
        } else {
            Err(unknown(v1::inconsistent("another log entry than the one sent")))
        }
    }
}

fn tasks<'a>(path: &'a [&'a str], sort: &'static str) -> Search<'a> {
    Search {
        path,
        kind: Kind::Task,
        filter: json!({}),
        sort,
    }
}

fn logs(task: &str, sort: &'static str) -> Search<'static> {
    let filter: Value = filter::below("case_task", task);
    Search {
        path: LOGS,
        kind: Kind::Log,
        filter,
        sort,
    }
}
