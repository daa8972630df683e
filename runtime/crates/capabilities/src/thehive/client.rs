//! How is TheHive's v1 API called? Typed requests and answers, no policy.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::observables::{self, KnownTypes};
use super::types::{self, AlertRow, NamedValue, ObservableTypeRow};
use super::{query, refusal};
use crate::bindings::synapse::thehive::alerts::{Alert, AlertKey, AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Egress, Request, Response};
use crate::gate::{Certainty, Failure};

/// How long the organisation's observable types are taken as known: an administrator's new type is used within minutes.
const TYPES_LIFE: Duration = Duration::from_secs(300);

/// What an operator says about an organisation beyond the way to it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The server's major version; none: it is asked.
    pub major: Option<u8>,
    /// A custom field (type string) that carries the marker instead of a tag.
    pub marker_field: Option<String>,
    /// Where analysts open TheHive; none: the connection's URL.
    pub public_url: Option<String>,
}

/// A client of one organisation.
#[derive(Debug)]
pub struct Client {
    egress: Egress,
    options: Options,
    major: OnceCell<u8>,
    types: Mutex<Option<(Instant, Arc<KnownTypes>)>>,
}

/// What the server said to a new alert.
pub(super) enum Created {
    /// It made it.
    New(Box<AlertRow>),
    /// It says that there is one with this key.
    Exists(Failure),
}

impl Client {
    /// A client over this egress.
    pub fn new(egress: Egress, options: Options) -> Self {
        Self {
            egress,
            options,
            major: OnceCell::new(),
            types: Mutex::new(None),
        }
    }

    /// The custom field that carries the marker.
    pub(super) fn marker_field(&self) -> Option<&str> {
        self.options.marker_field.as_deref()
    }

    /// An alert as guests see it, with its link.
    pub(super) fn shown(&self, row: AlertRow) -> Result<Alert, Error> {
        let base = self
            .options
            .public_url
            .as_deref()
            .unwrap_or_else(|| self.egress.base_url());
        let link = format!("{}/alerts/{}/details", base.trim_end_matches('/'), row.id);
        row.into_alert(link)
    }

    /// The server's major version, asked once. Only 5 is spoken here.
    pub(super) async fn major(&self) -> Result<u8, Error> {
        let major = self.major.get_or_try_init(|| async {
            match self.options.major {
                Some(major) => Ok(major),
                None => self.probe().await,
            }
        });
        match *major.await? {
            5 => Ok(5),
            other => Err(Error::Unsupported(format!(
                "TheHive {other}; this connector speaks to TheHive 5"
            ))),
        }
    }

    /// `GET /api/status`, which 3, 4 and 5 have; else 5's own (contract section 0).
    async fn probe(&self) -> Result<u8, Error> {
        let old: Option<serde_json::Value> = match self.ask(&Request::new(Method::GET, ["api", "status"])).await {
            Ok(status) => Some(status),
            Err(Error::NotFound | Error::Other(_) | Error::Unauthenticated) => None,
            Err(error) => return Err(error),
        };
        let version = match old
            .as_ref()
            .and_then(|status| status.pointer("/versions/TheHive")?.as_str())
        {
            Some(version) => version.to_owned(),
            None => {
                let status: serde_json::Value = self
                    .ask(&Request::new(Method::GET, ["api", "v1", "status", "public"]))
                    .await?;
                status
                    .get("version")
                    .and_then(|version| version.as_str())
                    .unwrap_or_default()
                    .to_owned()
            }
        };
        let major = version.split('.').next().and_then(|major| major.parse().ok());
        major.ok_or_else(|| types::unreadable("a status without a version; is the connection's URL that of TheHive?"))
    }

    /// The observable types of the organisation, asked now.
    pub(super) async fn fetch_observable_types(&self) -> Result<Arc<KnownTypes>, Error> {
        let mut kept = self.types.lock().await;
        let known = self.ask_observable_types().await?;
        *kept = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }

    /// The observable types, asked if what is known is old. Others wait for the answer instead of asking as well.
    async fn known_types(&self) -> Result<Arc<KnownTypes>, Error> {
        let mut kept = self.types.lock().await;
        if let Some((at, known)) = &*kept
            && at.elapsed() < TYPES_LIFE
        {
            return Ok(Arc::clone(known));
        }
        let known = self.ask_observable_types().await?;
        *kept = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }

    async fn ask_observable_types(&self) -> Result<Arc<KnownTypes>, Error> {
        self.major().await?;
        let rows: Vec<ObservableTypeRow> = self
            .ask(&asking("observable-types", &query::observable_types())?)
            .await?;
        Ok(Arc::new(KnownTypes::new(rows)))
    }

    /// The alerts with these keys, in their order, by one request.
    pub(super) async fn find(&self, keys: &[AlertKey]) -> Result<Vec<Option<AlertRow>>, Error> {
        self.major().await?;
        let Some(query) = query::alerts(keys) else {
            return Ok(Vec::new());
        };
        let rows: Vec<AlertRow> = self.ask(&asking("find-alerts", &query)?).await?;
        let is = |row: &AlertRow, key: &AlertKey| row.has_key(&key.type_, &key.source, &key.source_ref);
        if rows.iter().any(|row| !keys.iter().any(|key| is(row, key))) {
            return Err(types::inconsistent("alerts that were not asked for"));
        }
        Ok(keys
            .iter()
            .map(|key| rows.iter().find(|row| is(row, key)).cloned())
            .collect())
    }

    /// One alert by the server's id.
    pub(super) async fn by_id(&self, id: &str) -> Result<AlertRow, Error> {
        self.major().await?;
        let row: AlertRow = self.ask(&Request::new(Method::GET, ["api", "v1", "alert", id])).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(types::inconsistent("another alert than the one asked for"))
        }
    }

    /// One alert by its natural key: by path, which sees what was just written, unless the key has characters that a path makes
    /// ambiguous (contract section 11, question 9).
    pub(super) async fn by_key(&self, kind: &str, source: &str, reference: &str) -> Result<AlertRow, Error> {
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
    pub(super) async fn create(&self, source: &str, alert: &NewAlert, marker: &str) -> Result<Created, Failure> {
        let start = Instant::now();
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
    pub(super) async fn update(&self, id: &str, patch: &AlertPatch, start: Instant) -> Result<(), Failure> {
        let major = self.major().await.map_err(not_sent)?;
        let body = json(&types::patch(patch, major)).map_err(not_sent)?;
        let response = self
            .change(
                Request::new(Method::PATCH, ["api", "v1", "alert", id]).json(body),
                start,
            )
            .await?;
        self.accept(&response)
    }

    /// Sends a change with what is left of the request's deadline. The answer comes with the number of bytes sent.
    async fn change(&self, mut request: Request, start: Instant) -> Result<(Response, usize), Failure> {
        let left = self.egress.request_deadline().saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(not_sent(Error::Unavailable(
                "TheHive was too slow to ask before the change could be sent".to_owned(),
            )));
        }
        let bytes = request.body_bytes();
        request.deadline = Some(left);
        request.headers.push((ACCEPT, "application/json".to_owned()));
        Ok((self.egress.write(&request).await?, bytes))
    }

    fn accept(&self, (response, bytes): &(Response, usize)) -> Result<(), Failure> {
        if response.is_success() {
            Ok(())
        } else {
            Err(refusal::read(response, &self.egress, *bytes))
        }
    }

    /// Asks and reads the answer.
    async fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let mut request = request.clone();
        request.headers.push((ACCEPT, "application/json".to_owned()));
        let response = self.egress.read(&request).await.map_err(|failure| failure.error)?;
        if !response.is_success() {
            return Err(refusal::read(&response, &self.egress, request.body_bytes()).error);
        }
        parse(&response)
    }
}

/// `POST /api/v1/query`; the label is for the server's log only.
fn asking<Q: Serialize>(label: &str, query: &Q) -> Result<Request, Error> {
    let mut request = Request::new(Method::POST, ["api", "v1", "query"]).json(json(query)?);
    request.query.push(("name".to_owned(), format!("synapse-{label}")));
    Ok(request)
}

fn json<T: Serialize>(body: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|error| types::unreadable(&format!("a body that is no JSON: {error}")))
}

/// Reads JSON; a proxy's or login page's HTML is named as such.
fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    let kind = response
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("no content type");
    if !kind.to_ascii_lowercase().contains("json") {
        let kind: String = kind.chars().take(64).collect();
        return Err(types::unreadable(&format!(
            "`{kind}` instead of JSON; is the connection's URL that of TheHive?"
        )));
    }
    // The position tells where to look; serde's own text may quote the body.
    let unreadable = |error: serde_json::Error| {
        types::unreadable(&format!(
            "JSON of another shape ({:?}, byte {})",
            error.classify(),
            error.column()
        ))
    };
    serde_json::from_slice(&response.body).map_err(unreadable)
}

pub(super) fn not_sent(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::NotSent,
    }
}

pub(super) fn unknown(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Unknown,
    }
}
