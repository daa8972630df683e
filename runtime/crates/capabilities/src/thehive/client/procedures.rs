//! How are techniques asked for, added and changed (contract 2.9)?

use http::Method;
use tokio::time::Instant;

use super::{Client, asking, json, not_sent};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::procedures::NewProcedure;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::owner::{parent, path};
use crate::thehive::query::{self, Child, Order, children};
use crate::thehive::types::{self, ProcedureBody, ProcedureRow};

impl Client {
    /// The techniques of a case or alert, oldest first.
    pub(in crate::thehive) async fn procedures(&self, owner: &Owner) -> Result<Vec<ProcedureRow>, Error> {
        let query = |from, to| children(parent(owner), Child::Procedures, Order::OldestFirst, from, to);
        self.all("list-procedures", query).await
    }

    /// The technique with this marker.
    pub(in crate::thehive) async fn marked_procedure(
        &self,
        owner: &Owner,
        new: &NewProcedure,
        marker: &str,
    ) -> Result<Option<ProcedureRow>, Error> {
        let query = |from, to| children(parent(owner), Child::Procedures, Order::NewestFirst, from, to);
        let wanted = |row: &ProcedureRow| row.was_made(&new.pattern_id, new.occurred_at, marker);
        self.first("marked-procedure", query, wanted).await
    }

    /// One technique: there is no route for it.
    pub(in crate::thehive) async fn procedure(&self, id: &str) -> Result<ProcedureRow, Error> {
        self.major().await?;
        let query = query::linked("getProcedure", id, None, None);
        let rows: Vec<ProcedureRow> = self.ask(&asking("get-procedure", &query)?).await?;
        rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
    }

    /// Adds a technique with its marker.
    pub(in crate::thehive) async fn create_procedure(
        &self,
        owner: &Owner,
        new: &NewProcedure,
        marker: &str,
        start: Instant,
    ) -> Result<ProcedureRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = ProcedureBody {
            pattern_id: Some(&new.pattern_id),
            occur_date: Some(new.occurred_at),
            tactic: new.tactic.as_deref(),
            description: Some(types::mark(new.description.as_deref().unwrap_or_default(), marker)),
        };
        let request = Request::new(Method::POST, path(owner, "procedure")).json(json(&body).map_err(not_sent)?);
        let row: ProcedureRow = self.make(request, start).await?;
        if row.was_made(&new.pattern_id, new.occurred_at, marker) {
            Ok(row)
        } else {
            Err(super::unknown(types::inconsistent(
                "another technique than the one sent",
            )))
        }
    }

    /// Sets fields of a technique.
    pub(in crate::thehive) async fn update_procedure(
        &self,
        id: &str,
        body: &ProcedureBody<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(body).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "procedure", id]).json(body);
        self.tell(request, start).await
    }
}
