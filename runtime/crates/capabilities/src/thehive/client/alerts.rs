//! How are alerts asked for, made and changed (contract 2.3)?

use http::Method;
use tokio::time::Instant;

use super::{Client, MAJOR, asking, json, not_sent, parse, unknown};
use crate::bindings::synapse::thehive::alerts::{Alert, AlertKey, AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::types::{self, AlertRow, NamedValue};
use crate::thehive::{observables, query, refusal};

/// What the server said to a new alert.
pub(in crate::thehive) enum Created {
    /// It made it.
    New(Box<AlertRow>),
    /// It says that there is one with this key.
    Exists(Failure),
}

impl Client {
    /// An alert as guests see it, with its link.
    pub(in crate::thehive) fn shown(&self, row: AlertRow) -> Result<Alert, Error> {
        let link = self.link("alerts", &row.id);
        row.into_alert(link, self.marker_field(), MAJOR)
    }

    /// The alerts with these keys, in their order, by one request.
    pub(in crate::thehive) async fn find(&self, keys: &[AlertKey]) -> Result<Vec<Option<AlertRow>>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.find(keys).await;
        }
        let Some(query) = query::alerts(keys) else {
            return Ok(Vec::new());
        };
        let mut rows: Vec<AlertRow> = self.ask(&asking("find-alerts", &query)?).await?;
        let is = |row: &AlertRow, key: &AlertKey| row.has_key(&key.type_, &key.source, &key.source_ref);
        if rows.iter().any(|row| !keys.iter().any(|key| is(row, key))) {
            return Err(types::inconsistent("alerts that were not asked for"));
        }
        // A hundred descriptions may be more than one answer holds.
        rows.iter_mut().for_each(|row| row.description = None);
        Ok(keys
            .iter()
            .map(|key| rows.iter().find(|row| is(row, key)).cloned())
            .collect())
    }

    /// One alert by the server's id.
    pub(in crate::thehive) async fn by_id(&self, id: &str) -> Result<AlertRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.alert(id).await;
        }
        let row: AlertRow = self.ask(&Request::new(Method::GET, ["api", "v1", "alert", id])).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(types::inconsistent("another alert than the one asked for"))
        }
    }

    /// One alert by its natural key: by path, which sees what was just written, unless the key has characters that a path makes
    /// ambiguous (contract section 11, question 9).
    pub(in crate::thehive) async fn by_key(
        &self,
        kind: &str,
        source: &str,
        reference: &str,
    ) -> Result<AlertRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.by_key(kind, source, reference).await;
        }
        if [kind, source, reference]
            .iter()
            .any(|part| part.contains([';', '/', '\\', '%', '?', '#']))
        {
            let key = AlertKey {
                type_: kind.to_owned(),
                source: source.to_owned(),
                source_ref: reference.to_owned(),
            };
            return self
                .find(std::slice::from_ref(&key))
                .await?
                .pop()
                .flatten()
                .ok_or(Error::NotFound);
        }
        self.major().await?;
        let triple = format!("{kind};{source};{reference}");
        let row: AlertRow = self
            .ask(&Request::new(Method::GET, ["api", "v1", "alert", triple.as_str()]))
            .await?;
        if row.has_key(kind, source, reference) {
            Ok(row)
        } else {
            Err(types::inconsistent("another alert than the one asked for"))
        }
    }

    /// Sends a new alert with its marker. Everything before it counts against the deadline of the request (design G2).
    pub(in crate::thehive) async fn create(
        &self,
        source: &str,
        alert: &NewAlert,
        marker: &str,
    ) -> Result<Created, Failure> {
        let start = Instant::now();
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.create(source, alert, marker, start).await;
        }
        let major = self.major().await.map_err(not_sent)?;
        let mut body = types::new_alert(source, alert, major);
        if !alert.observables.is_empty() {
            let known = self.known_types().await.map_err(not_sent)?;
            body.observables = observables::prepare(&alert.observables, &known, body.tlp, body.pap);
        }
        match self.marker_field() {
            Some(name) => body.custom_fields.push(NamedValue {
                name,
                value: marker.into(),
            }),
            None => body.tags.push(marker),
        }
        let request = Request::new(Method::POST, ["api", "v1", "alert"]).json(json(&body).map_err(not_sent)?);
        let response = self.change(request, start).await?;
        if refusal::says_exists(&response.0) {
            return Ok(Created::Exists(refusal::read(&response.0, &self.egress, response.1)));
        }
        self.accept(&response)?;
        // The server did something, so an answer that cannot be used leaves the outcome unknown.
        let row: AlertRow = parse(&response.0).map_err(unknown)?;
        if row.has_key(&alert.type_, source, &alert.source_ref) {
            return Ok(Created::New(Box::new(row)));
        }
        Err(unknown(types::inconsistent("another alert than the one sent")))
    }

    /// Sets fields of an alert.
    pub(in crate::thehive) async fn update(&self, id: &str, patch: &AlertPatch, start: Instant) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update(id, patch, start).await;
        }
        let major = self.major().await.map_err(not_sent)?;
        let body = json(&types::alert_patch(patch, major)).map_err(not_sent)?;
        let response = self
            .change(
                Request::new(Method::PATCH, ["api", "v1", "alert", id]).json(body),
                start,
            )
            .await?;
        self.accept(&response)
    }
}
