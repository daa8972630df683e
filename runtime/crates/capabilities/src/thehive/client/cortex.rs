//! How are analyzers and responders asked for and run (schemas `InputJob`, `InputAction`)?

use http::Method;
use tokio::time::Instant;

use super::{Client, json, not_sent};
use crate::bindings::synapse::thehive::cortex::Subject;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{self, List};
use crate::thehive::types::{self, ActionBody, ActionRow, JobBody, JobRow, WorkerRow};

/// Analyzers, jobs and actions of one answer.
const MOST: usize = 100;
/// What the server calls the objects that responders act on, and their ids.
type Named<'a> = (&'static str, &'a str);

impl Client {
    /// The analyzers, or those for one type.
    pub(in crate::thehive) async fn analyzers(&self, data_type: Option<&str>) -> Result<Vec<WorkerRow>, Error> {
        self.major().await?;
        let mut path = vec!["api", "v1", "connector", "cortex", "analyzer"];
        if let Some(data_type) = data_type {
            path.extend(["type", data_type]);
        }
        let mut request = Request::new(Method::GET, path);
        if data_type.is_none() {
            request.query.push(("range".to_owned(), format!("0-{MOST}")));
        }
        let mut rows: Vec<WorkerRow> = self.ask(&request).await?;
        rows.truncate(MOST);
        Ok(rows)
    }

    /// The responders that can act on something.
    pub(in crate::thehive) async fn responders(&self, subject: &Subject) -> Result<Vec<WorkerRow>, Error> {
        self.major().await?;
        let (kind, id) = named(subject);
        let path = ["api", "v1", "connector", "cortex", "responder", kind, id];
        let mut rows: Vec<WorkerRow> = self.ask(&Request::new(Method::GET, path)).await?;
        rows.truncate(MOST);
        Ok(rows)
    }

    /// One job.
    pub(in crate::thehive) async fn job(&self, id: &str) -> Result<JobRow, Error> {
        self.major().await?;
        let path = ["api", "v1", "connector", "cortex", "job", id];
        self.ask(&Request::new(Method::GET, path)).await
    }

    /// The jobs of an observable, newest first. There is no route for them, so all jobs are looked through.
    pub(in crate::thehive) async fn jobs(&self, observable: &str) -> Result<Vec<JobRow>, Error> {
        let rows: Vec<JobRow> = self
            .all("list-jobs", |from, to| query::list(List::Jobs, from, to))
            .await?;
        let of_it = |row: &JobRow| row.observable() == Some(observable);
        Ok(rows.into_iter().filter(of_it).take(MOST).collect())
    }

    /// A job of this analyzer on this observable that began at this moment or later. A server that does not say what a job is about cannot be
    /// asked.
    pub(in crate::thehive) async fn job_since(
        &self,
        observable: &str,
        analyzer: &str,
        since: u64,
    ) -> Result<Option<JobRow>, Error> {
        let recent = |row: &JobRow| row.analyzer_id == analyzer && row.start_date >= since;
        let wanted =
            |row: &JobRow| row.start_date < since || recent(row) && row.observable().is_none_or(|id| id == observable);
        let query = |from, to| query::list(List::Jobs, from, to);
        match self.first("job-since", query, wanted).await? {
            Some(row) if row.start_date < since => Ok(None),
            Some(row) if row.observable().is_none() => {
                Err(types::unreadable("jobs that do not say what they are about"))
            }
            found => Ok(found),
        }
    }

    /// Has an observable analysed.
    pub(in crate::thehive) async fn run_analyzer(&self, body: &JobBody<'_>, start: Instant) -> Result<JobRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let path = ["api", "v1", "connector", "cortex", "job"];
        let request = Request::new(Method::POST, path).json(json(body).map_err(not_sent)?);
        self.make(request, start).await
    }

    /// What responders did, newest first.
    pub(in crate::thehive) async fn actions(&self, subject: &Subject) -> Result<Vec<ActionRow>, Error> {
        let mut rows = self.all_actions(subject).await?;
        rows.truncate(MOST);
        Ok(rows)
    }

    async fn all_actions(&self, subject: &Subject) -> Result<Vec<ActionRow>, Error> {
        self.major().await?;
        let (kind, id) = named(subject);
        let path = ["api", "v1", "connector", "cortex", "action", kind, id];
        let mut rows: Vec<ActionRow> = self.ask(&Request::new(Method::GET, path)).await?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.start_date));
        Ok(rows)
    }

    /// An action of this responder that began at this moment or later.
    pub(in crate::thehive) async fn action_since(
        &self,
        subject: &Subject,
        responder: &str,
        since: u64,
    ) -> Result<Option<ActionRow>, Error> {
        let rows = self.all_actions(subject).await?;
        let wanted = |row: &ActionRow| row.responder_id == responder && row.start_date >= since;
        Ok(rows.into_iter().rev().find(wanted))
    }

    /// Has a responder act.
    pub(in crate::thehive) async fn run_responder(
        &self,
        subject: &Subject,
        responder: &str,
        server: Option<&str>,
        start: Instant,
    ) -> Result<ActionRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let (object_type, object_id) = named(subject);
        let body = ActionBody {
            object_type,
            object_id,
            responder_id: responder,
            cortex_id: server,
        };
        let path = ["api", "v1", "connector", "cortex", "action"];
        let request = Request::new(Method::POST, path).json(json(&body).map_err(not_sent)?);
        self.make(request, start).await
    }
}

/// Objects are named as in 4 here: `case_task`, not `Task`.
fn named(subject: &Subject) -> Named<'_> {
    match subject {
        Subject::Case(id) => ("case", id),
        Subject::Alert(id) => ("alert", id),
        Subject::Task(id) => ("case_task", id),
        Subject::Log(id) => ("case_task_log", id),
        Subject::Observable(id) => ("case_artifact", id),
    }
}
