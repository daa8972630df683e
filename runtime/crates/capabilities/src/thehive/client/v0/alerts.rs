//! How are alerts of 3 and 4 asked for, made, changed and put into cases (contract 2.3)?

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::alerts::Created;
use super::super::{not_sent, unknown};
use super::search::Search;
use super::{V0, body};
use crate::bindings::synapse::thehive::alerts::{AlertKey, AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::gate::Failure;
use crate::thehive::calls::PromoteAlert;
use crate::thehive::query::v0 as filter;
use crate::thehive::types::v0::{self as types, Kind, read};
use crate::thehive::types::{self as v1, AlertRow, CaseRow};
use crate::thehive::{observables, refusal};

/// Rows asked for per key: natural keys are unique, but two creators can race (contract section 7), and then the oldest counts.
const ROWS_PER_KEY: usize = 2;

impl V0<'_> {
    /// The alerts with these keys, in their order.
    pub async fn find(self, keys: &[AlertKey]) -> Result<Vec<Option<AlertRow>>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let search = Search {
            path: &["alert"],
            kind: Kind::Alert,
            filter: filter::keys(keys),
            sort: "createdAt",
        };
        let is = |row: &AlertRow, key: &AlertKey| row.has_key(&key.type_, &key.source, &key.source_ref);
        let most = keys.len().saturating_mul(ROWS_PER_KEY);
        let mut rows: Vec<AlertRow> = self.list(&search, most).await?;
        if rows.iter().any(|row| !keys.iter().any(|key| is(row, key))) {
            return Err(v1::inconsistent("alerts that were not asked for"));
        }
        rows.iter_mut().for_each(|row| row.description = None);
        Ok(keys
            .iter()
            .map(|key| rows.iter().find(|row| is(row, key)).cloned())
            .collect())
    }

    /// One alert by the server's id.
    pub async fn alert(self, id: &str) -> Result<AlertRow, Error> {
        let row: AlertRow = self.get(Kind::Alert, &["alert", id]).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(v1::inconsistent("another alert than the one asked for"))
        }
    }

    /// One alert by its natural key. The list without descriptions will not do.
    pub async fn by_key(self, kind: &str, source: &str, reference: &str) -> Result<AlertRow, Error> {
        let key = AlertKey {
            type_: kind.to_owned(),
            source: source.to_owned(),
            source_ref: reference.to_owned(),
        };
        let found = self.find(std::slice::from_ref(&key)).await?.pop().flatten();
        self.alert(&found.ok_or(Error::NotFound)?.id).await
    }

    /// Sends a new alert with its marker and its observables.
    pub async fn create(
        self,
        source: &str,
        alert: &NewAlert,
        marker: &str,
        start: Instant,
    ) -> Result<Created, Failure> {
        let mut bodies = Vec::new();
        if !alert.observables.is_empty() {
            let known = self.client.known_types().await.map_err(not_sent)?;
            let tlp = v1::tlp(alert.tlp, super::MAJOR);
            bodies = observables::prepare(&alert.observables, &known, tlp, v1::labels::pap(alert.pap));
        }
        let sent =
            types::new_alert(self.major, source, alert, &bodies, marker, self.marker_field()).map_err(not_sent)?;
        let response = self.send(Method::POST, &["alert"], body(&sent)?, start).await?;
        // By type on 3 and 4, with an object or an empty one (D13); who is there is asked by the key.
        if refusal::says_exists(&response.0) {
            let refusal = refusal::read(&response.0, &self.client.egress, response.1);
            return Ok(Created::Exists(refusal));
        }
        self.client.accept(&response)?;
        let row: Value = super::parse(&response.0).map_err(unknown)?;
        let row: AlertRow = read(Kind::Alert, row).map_err(unknown)?;
        if row.has_key(&alert.type_, source, &alert.source_ref) {
            return Ok(Created::New(Box::new(row)));
        }
        Err(unknown(v1::inconsistent("another alert than the one sent")))
    }

    /// Sets fields of an alert, or its read flag.
    pub async fn update(self, id: &str, patch: &AlertPatch, start: Instant) -> Result<(), Failure> {
        let mut others = types::patch_of_alert(self.major, patch, None).map_err(not_sent)?;
        let sets_others = others.as_object().is_some_and(|others| !others.is_empty());
        if let Some(status) = &patch.status {
            let verb = types::status_of_alert(self.major, status).map_err(not_sent)?;
            if sets_others {
                // Two requests could end half done, and nobody could tell which half.
                let reason = format!(
                    "TheHive {} sets the read flag by a request of its own; set the status in a call of its own",
                    self.major
                );
                return Err(not_sent(Error::Invalid(InvalidArgument {
                    field: "patch.status".to_owned(),
                    reason,
                })));
            }
            return self.set(Method::POST, &["alert", id, verb], json!({}), start).await;
        }
        let path = ["alert", id];
        if self.reads_first(&patch.add_tags, &patch.remove_tags, patch.custom_fields.len()) {
            let row = self.raw(&path).await.map_err(not_sent)?;
            others = types::patch_of_alert(self.major, patch, Some(&row)).map_err(not_sent)?;
        }
        self.set(Method::PATCH, &path, others, start).await?;
        self.settle_tags(&path, &patch.add_tags, &patch.remove_tags, start)
            .await
    }

    /// Makes a case out of an alert. An alert that has one answers it (contract section 7).
    pub async fn promote(self, call: &PromoteAlert, start: Instant) -> Result<CaseRow, Failure> {
        if call.assignee.is_some() {
            return Err(not_sent(Error::Invalid(InvalidArgument {
                field: "assignee".to_owned(),
                reason: format!(
                    "TheHive {} promotes to the connection's own user; set another with update-case",
                    self.major
                ),
            })));
        }
        let sent = match &call.case_template {
            Some(name) => json!({"caseTemplate": name}),
            None => json!({}),
        };
        let path = ["alert", call.alert_id.as_str(), "createCase"];
        let row = self.make(Method::POST, &path, body(&sent)?, start).await?;
        read(Kind::Case, row).map_err(unknown)
    }

    /// Puts an alert into a case. That it is in it already is looked at by the caller: 3 answers the case, 4 refuses (D25).
    pub async fn merge(self, alert: &str, case: &str, start: Instant) -> Result<CaseRow, Failure> {
        let path = ["alert", alert, "merge", case];
        let row = self.make(Method::POST, &path, body(&json!({}))?, start).await?;
        read(Kind::Case, row).map_err(unknown)
    }

    /// Puts many alerts into a case by one request.
    pub async fn merge_many(self, alerts: &[&str], case: &str, start: Instant) -> Result<CaseRow, Failure> {
        let sent = json!({"caseId": case, "alertIds": alerts});
        let row = self
            .make(Method::POST, &["alert", "merge", "_bulk"], body(&sent)?, start)
            .await?;
        read(Kind::Case, row).map_err(unknown)
    }

    /// Sets or clears the follow flag.
    pub async fn follow(self, alert: &str, follow: bool, start: Instant) -> Result<(), Failure> {
        let verb = if follow { "follow" } else { "unfollow" };
        self.set(Method::POST, &["alert", alert, verb], json!({}), start).await
    }
}
