//! How are cases asked for, made, changed and made of alerts (contract 2.2, 2.3)?

use http::Method;
use tokio::time::Instant;

use super::{Client, MAJOR, asking, json, not_sent, unknown};
use crate::bindings::synapse::thehive::cases::{Case, CaseFilter, CasePatch, NewCase};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::cursor::Place;
use crate::thehive::types::{self, CaseRow, NamedValue, PromotionBody};
use crate::thehive::{calls::PromoteAlert, query};

impl Client {
    /// A case as guests see it, with its link.
    pub(in crate::thehive) fn shown_case(&self, row: CaseRow) -> Result<Case, Error> {
        let link = self.link("cases", &row.id);
        row.into_case(link, self.marker_field(), MAJOR)
    }

    /// One case by the server's id or by its number.
    pub(in crate::thehive) async fn case(&self, id: &str) -> Result<CaseRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.case(id).await;
        }
        let row: CaseRow = self.ask(&Request::new(Method::GET, ["api", "v1", "case", id])).await?;
        if row.id == id || row.number.to_string() == id {
            Ok(row)
        } else {
            Err(types::inconsistent("another case than the one asked for"))
        }
    }

    /// At most `rows` cases that fit, newest first, from this place on, and whether there are more.
    pub(in crate::thehive) async fn cases(
        &self,
        filter: &CaseFilter,
        place: Option<&Place>,
        rows: usize,
    ) -> Result<(Vec<CaseRow>, bool), Error> {
        if let Some(v0) = self.v0().await? {
            return v0.cases(filter, place, rows).await;
        }
        self.some("find-cases", rows, |rows| query::cases(filter, place, rows))
            .await
    }

    /// The oldest case with this marker.
    pub(in crate::thehive) async fn marked_case(&self, marker: &str) -> Result<Option<CaseRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.marked_case(marker).await;
        }
        let query = query::marked_case(marker, self.marker_field());
        let rows: Vec<CaseRow> = self.ask(&asking("marked-case", &query)?).await?;
        if rows.iter().all(|row| row.carries(marker, self.marker_field())) {
            Ok(rows.into_iter().next())
        } else {
            Err(types::inconsistent("a case that was not asked for"))
        }
    }

    /// Sends a new case with its marker.
    pub(in crate::thehive) async fn create_case(&self, case: &NewCase, marker: &str) -> Result<CaseRow, Failure> {
        let start = Instant::now();
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.create_case(case, marker, start).await;
        }
        let major = self.major().await.map_err(not_sent)?;
        let mut body = types::new_case(case, major);
        match self.marker_field() {
            Some(name) => body.custom_fields.push(NamedValue {
                name,
                value: marker.into(),
            }),
            None => body.tags.push(marker),
        }
        let request = Request::new(Method::POST, ["api", "v1", "case"]).json(json(&body).map_err(not_sent)?);
        let row: CaseRow = self.make(request, start).await?;
        if row.carries(marker, self.marker_field()) {
            Ok(row)
        } else {
            Err(unknown(types::inconsistent("another case than the one sent")))
        }
    }

    /// Sets fields of a case.
    pub(in crate::thehive) async fn update_case(
        &self,
        id: &str,
        patch: &CasePatch,
        start: Instant,
    ) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update_case(id, patch, start).await;
        }
        let major = self.major().await.map_err(not_sent)?;
        let body = json(&types::case_patch(patch, major)).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "case", id]).json(body);
        let response = self.change(request, start).await?;
        self.accept(&response)
    }

    /// Makes a case out of an alert.
    pub(in crate::thehive) async fn promote(&self, call: &PromoteAlert, start: Instant) -> Result<CaseRow, Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.promote(call, start).await;
        }
        let body = PromotionBody {
            assignee: call.assignee.as_deref(),
            case_template: call.case_template.as_deref(),
        };
        let path = ["api", "v1", "alert", call.alert_id.as_str(), "case"];
        let request = Request::new(Method::POST, path).json(json(&body).map_err(not_sent)?);
        self.make(request, start).await
    }
}
