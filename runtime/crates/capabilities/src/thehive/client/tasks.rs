//! How are tasks and their logs asked for, made and changed (contract 2.5)?

use http::Method;
use tokio::time::Instant;

use super::upload::{self, File};
use super::{Client, json, not_sent, unknown};
use crate::bindings::synapse::thehive::tasks::{NewTask, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request};
use crate::gate::Failure;
use crate::thehive::query::{Child, Order, Parent, children};
use crate::thehive::types::{self, LogBody, LogRow, TaskRow};

/// The part with files of a log (contract section 5).
const FILES: &str = "attachments";

impl Client {
    /// All tasks of a case, oldest first.
    pub(in crate::thehive) async fn tasks(&self, case: &str) -> Result<Vec<TaskRow>, Error> {
        let query = |from, to| children(Parent::Case(case), Child::Tasks, Order::OldestFirst, from, to);
        self.all("list-tasks", query).await
    }

    /// The task of a case with this marker.
    pub(in crate::thehive) async fn marked_task(&self, case: &str, marker: &str) -> Result<Option<TaskRow>, Error> {
        let query = |from, to| children(Parent::Case(case), Child::Tasks, Order::NewestFirst, from, to);
        self.first("marked-task", query, |row: &TaskRow| row.carries(marker))
            .await
    }

    /// One task by the server's id.
    pub(in crate::thehive) async fn task(&self, id: &str) -> Result<TaskRow, Error> {
        self.major().await?;
        let row: TaskRow = self.ask(&Request::new(Method::GET, ["api", "v1", "task", id])).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(types::inconsistent("another task than the one asked for"))
        }
    }

    /// Sends a new task with its marker.
    pub(in crate::thehive) async fn create_task(&self, task: &NewTask, marker: &str) -> Result<TaskRow, Failure> {
        let start = Instant::now();
        self.major().await.map_err(not_sent)?;
        let body = json(&types::new_task(task, marker)).map_err(not_sent)?;
        let path = ["api", "v1", "case", task.case_id.as_str(), "task"];
        let row: TaskRow = self.make(Request::new(Method::POST, path).json(body), start).await?;
        if row.carries(marker) {
            Ok(row)
        } else {
            Err(unknown(types::inconsistent("another task than the one sent")))
        }
    }

    /// Sets fields of a task.
    pub(in crate::thehive) async fn update_task(
        &self,
        id: &str,
        patch: &TaskPatch,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&types::task_patch(patch)).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "task", id]).json(body);
        let response = self.change(request, start).await?;
        self.accept(&response)
    }

    /// All log entries of a task, oldest first.
    pub(in crate::thehive) async fn logs(&self, task: &str) -> Result<Vec<LogRow>, Error> {
        let query = |from, to| children(Parent::Task(task), Child::Logs, Order::OldestFirst, from, to);
        self.all("list-logs", query).await
    }

    /// The log entry of a task with this marker.
    pub(in crate::thehive) async fn marked_log(&self, task: &str, marker: &str) -> Result<Option<LogRow>, Error> {
        let query = |from, to| children(Parent::Task(task), Child::Logs, Order::NewestFirst, from, to);
        self.first("marked-log", query, |row: &LogRow| types::carries(&row.message, marker))
            .await
    }

    /// Sends a new log entry, with its files in the same request.
    pub(in crate::thehive) async fn create_log(
        &self,
        task: &str,
        body: &LogBody,
        files: &[File<'_>],
        marker: &str,
    ) -> Result<LogRow, Failure> {
        let start = Instant::now();
        self.major().await.map_err(not_sent)?;
        let mut request = Request::new(Method::POST, ["api", "v1", "task", task, "log"]);
        request.body = if files.is_empty() {
            Body::Json(json(body).map_err(not_sent)?)
        } else {
            let mut parts = vec![upload::json(body).map_err(not_sent)?];
            for file in files {
                parts.push(file.part(FILES).map_err(not_sent)?);
            }
            Body::Multipart(parts)
        };
        let row: LogRow = self.make(request, start).await?;
        if types::carries(&row.message, marker) {
            Ok(row)
        } else {
            Err(unknown(types::inconsistent("another log entry than the one sent")))
        }
    }
}
