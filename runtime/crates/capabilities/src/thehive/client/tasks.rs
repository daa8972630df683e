//! How are tasks and their logs asked for, made and changed (contract 2.5)?

use http::Method;
use tokio::time::Instant;

use super::upload::{self, File};
use super::{Client, asking, json, not_sent, unknown};
use crate::bindings::synapse::thehive::tasks::{Action, NewTask, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request};
use crate::gate::Failure;
use crate::thehive::query::{self, Child, Order, Parent, children};
use crate::thehive::types::{self, LogBody, LogRow, TaskRow};
use std::collections::BTreeMap;

/// The part with files of a log (contract section 5).
const FILES: &str = "attachments";

impl Client {
    /// All tasks of a case, oldest first.
    pub(in crate::thehive) async fn tasks(&self, case: &str) -> Result<Vec<TaskRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.tasks(case).await;
        }
        let query = |from, to| children(Parent::Case(case), Child::Tasks, Order::OldestFirst, from, to);
        self.all("list-tasks", query).await
    }

    /// The task of a case with this marker.
    pub(in crate::thehive) async fn marked_task(&self, case: &str, marker: &str) -> Result<Option<TaskRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.marked_task(case, marker).await;
        }
        let query = |from, to| children(Parent::Case(case), Child::Tasks, Order::NewestFirst, from, to);
        self.first("marked-task", query, |row: &TaskRow| row.carries(marker))
            .await
    }

    /// One task by the server's id.
    pub(in crate::thehive) async fn task(&self, id: &str) -> Result<TaskRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.task(id).await;
        }
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
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.create_task(task, marker, start).await;
        }
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
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update_task(id, patch, start).await;
        }
        let body = json(&types::task_patch(patch)).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "task", id]).json(body);
        let response = self.change(request, start).await?;
        self.accept(&response)
    }

    /// All log entries of a task, oldest first.
    pub(in crate::thehive) async fn logs(&self, task: &str) -> Result<Vec<LogRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.logs(task).await;
        }
        let query = |from, to| children(Parent::Task(task), Child::Logs, Order::OldestFirst, from, to);
        self.all("list-logs", query).await
    }

    /// The log entry of a task with this marker.
    pub(in crate::thehive) async fn marked_log(&self, task: &str, marker: &str) -> Result<Option<LogRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.marked_log(task, marker).await;
        }
        let query = |from, to| children(Parent::Task(task), Child::Logs, Order::NewestFirst, from, to);
        self.first("marked-log", query, |row: &LogRow| types::carries(&row.message, marker))
            .await
    }

    /// Who is asked to act on a task.
    pub(in crate::thehive) async fn task_actions(&self, task: &str) -> Result<Vec<Action>, Error> {
        self.major().await?;
        let path = ["api", "v1", "task", task, "actionRequired"];
        let map: BTreeMap<String, bool> = self.ask(&Request::new(Method::GET, path)).await?;
        let action = |(organisation, required)| Action { organisation, required };
        Ok(map.into_iter().map(action).collect())
    }

    /// Asks an organisation to act on a task, or says that it has.
    pub(in crate::thehive) async fn set_action(
        &self,
        task: &str,
        action: &Action,
        start: Instant,
    ) -> Result<(), Failure> {
        let what = if action.required {
            "actionRequired"
        } else {
            "actionDone"
        };
        let path = ["api", "v1", "task", task, what, action.organisation.as_str()];
        self.poke(Method::PUT, path, start).await
    }

    /// One log entry: there is no route for it (contract 2.5).
    pub(in crate::thehive) async fn log(&self, id: &str) -> Result<LogRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.log(id).await;
        }
        let rows: Vec<LogRow> = self
            .ask(&asking("get-log", &query::linked("getLog", id, None, None))?)
            .await?;
        rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
    }

    /// Replaces the text of a log entry.
    pub(in crate::thehive) async fn update_log(&self, id: &str, message: &str, start: Instant) -> Result<(), Failure> {
        let body = LogBody {
            message: message.to_owned(),
            start_date: None,
        };
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update_log(id, &body, start).await;
        }
        let request = Request::new(Method::PATCH, ["api", "v1", "log", id]).json(json(&body).map_err(not_sent)?);
        self.tell(request, start).await
    }

    /// Adds a file to a log entry.
    pub(in crate::thehive) async fn attach_to_log(
        &self,
        log: &str,
        file: File<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        let mut request = Request::new(Method::POST, ["api", "v1", "log", log, "attachments"]);
        request.body = Body::Multipart(vec![file.part(FILES).map_err(not_sent)?]);
        self.tell(request, start).await
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
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.create_log(task, body, files, marker, start).await;
        }
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
