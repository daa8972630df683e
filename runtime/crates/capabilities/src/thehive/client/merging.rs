//! How are alerts and cases brought together, or apart (contract 2.2, 2.3)?

use http::Method;
use serde::Serialize;
use serde_json::json as body;
use tokio::time::Instant;

use super::{Client, json, not_sent};
use crate::bindings::synapse::thehive::cases::{MergedObservables, TemplateParts};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{self, List};
use crate::thehive::types::{self, AlertRow, CaseRow};

/// How an alert goes into a case that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in crate::thehive) enum Into {
    /// With its text.
    Merge,
    /// Observables and techniques only; on 3 and 4, which cannot, with its text as well.
    Import,
}

/// `OutputMergeCases`: what became of observables.
#[derive(serde::Deserialize)]
struct Counted {
    untouched: u32,
    updated: u32,
    deleted: u32,
}

impl Client {
    /// Brings an alert into a case.
    pub(in crate::thehive) async fn bring(
        &self,
        how: Into,
        alert: &str,
        case: &str,
        start: Instant,
    ) -> Result<CaseRow, Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.merge(alert, case, start).await;
        }
        let verb = match how {
            Into::Merge => "merge",
            Into::Import => "import",
        };
        let path = ["api", "v1", "alert", alert, verb, case];
        self.make(Request::new(Method::POST, path), start).await
    }

    /// Brings many alerts into a case; all or none.
    pub(in crate::thehive) async fn bring_many(
        &self,
        alerts: &[&str],
        case: &str,
        start: Instant,
    ) -> Result<CaseRow, Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.merge_many(alerts, case, start).await;
        }
        let body = json(&body!({"caseId": case, "alertIds": alerts})).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "alert", "merge", "_bulk"]).json(body);
        self.make(request, start).await
    }

    /// Makes one case of several.
    pub(in crate::thehive) async fn merge_cases(&self, ids: &[String], start: Instant) -> Result<CaseRow, Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.merge_cases(ids, start).await;
        }
        let path = ["api", "v1", "case", "_merge", &ids.join(",")];
        self.make(Request::new(Method::POST, path), start).await
    }

    /// The newest case that is wanted, of those that are newer than this number.
    pub(in crate::thehive) async fn case_after(
        &self,
        number: u64,
        wanted: impl Fn(&CaseRow) -> bool,
    ) -> Result<Option<CaseRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.case_after(number, wanted).await;
        }
        let query = |from, to| query::list(List::Cases, from, to);
        // Newest first: the walk ends where cases are older than the parts.
        let found = self
            .first("merged-case", query, |row: &CaseRow| {
                row.number <= number || wanted(row)
            })
            .await?;
        Ok(found.filter(|row| row.number > number))
    }

    /// Those of these alerts that exist, each read by id, which sees what was just written.
    pub(in crate::thehive) async fn each_alert(&self, ids: &[String]) -> Result<Vec<AlertRow>, Error> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.push(self.by_id(id).await?);
        }
        Ok(rows)
    }

    /// Follows an alert's source, or not any more.
    pub(in crate::thehive) async fn follow(&self, alert: &str, follow: bool, start: Instant) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.follow(alert, follow, start).await;
        }
        let verb = if follow { "follow" } else { "unfollow" };
        self.poke(Method::POST, ["api", "v1", "alert", alert, verb], start)
            .await
    }

    /// Makes one of a case's observables that are the same.
    pub(in crate::thehive) async fn merge_observables(
        &self,
        case: &str,
        start: Instant,
    ) -> Result<MergedObservables, Failure> {
        self.major().await.map_err(not_sent)?;
        let path = ["api", "v1", "case", case, "observable", "_merge"];
        let counted: Counted = self.make(Request::new(Method::POST, path), start).await?;
        Ok(MergedObservables {
            untouched: counted.untouched,
            updated: counted.updated,
            deleted: counted.deleted,
        })
    }

    /// Applies a template to cases.
    pub(in crate::thehive) async fn apply_template(
        &self,
        cases: &[String],
        template: &str,
        parts: &TemplateParts,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&types::apply(cases, template, parts)).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "case", "_bulk", "caseTemplate"]).json(body);
        self.tell(request, start).await
    }
}
