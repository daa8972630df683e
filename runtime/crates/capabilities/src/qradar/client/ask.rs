//! How does one question travel? Version header, JSON, `Range`, and what of the answer counts (contract 1.3, 2.4).

use http::header::{ACCEPT, CONTENT_RANGE, HeaderName, RANGE};
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;

use super::super::types::plain;
use super::Client;
use super::fault::{Fault, is_page};
use crate::egress::{Body, Request, Response};

const VERSION: HeaderName = HeaderName::from_static("version");
const DEPRECATED: HeaderName = HeaderName::from_static("deprecated");

/// A question.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which call, for people: `the list of offenses`.
    pub what: &'static str,
    /// The method.
    pub method: Method,
    /// Segments below `/api`.
    pub path: Vec<String>,
    /// Query parameters.
    pub query: Vec<(&'static str, String)>,
    /// Form parameters: texts without bound go here, a request line longer than 8,190 bytes is refused (D44).
    pub form: Vec<(&'static str, String)>,
    /// A JSON body, where an endpoint takes one.
    pub body: Option<serde_json::Value>,
}

impl Ask {
    /// A GET of this path below `/api`.
    pub fn get(what: &'static str, path: &[&str]) -> Self {
        let path = path.iter().map(|segment| (*segment).to_owned()).collect();
        Self {
            what,
            method: Method::GET,
            path,
            query: Vec::new(),
            form: Vec::new(),
            body: None,
        }
    }

    /// A POST to this path.
    pub fn post(what: &'static str, path: &[&str]) -> Self {
        Self::get(what, path).method(Method::POST)
    }

    /// The same with another method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The same with a query parameter.
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// The same with a form parameter.
    pub fn form(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.form.push((name, value.into()));
        self
    }

    /// The same with a JSON body.
    pub fn body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The request of this question.
    pub(super) fn request(&self, items: Option<Items>, version: Option<&str>) -> Request {
        let mut request = Request::new(
            self.method.clone(),
            std::iter::once("api").chain(self.path.iter().map(String::as_str)),
        );
        let pairs = |pairs: &[(&str, String)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect()
        };
        request.query = pairs(&self.query);
        if let Some(body) = &self.body {
            // No line end behind it: bulk loads break on one (contract 3.5).
            request.body = Body::Json(body.to_string().into_bytes());
        } else if !self.form.is_empty() {
            request.body = Body::Form(pairs(&self.form));
        }
        request.headers.push((ACCEPT, "application/json".to_owned()));
        request
            .headers
            .extend(version.map(|version| (VERSION, version.to_owned())));
        request.headers.extend(items.map(|items| (RANGE, items.header())));
        request
    }
}

/// Which elements of a list, zero-based and inclusive (D39).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Items {
    /// The first.
    pub first: u64,
    /// How many; at least one.
    pub count: u64,
}

impl Items {
    fn header(self) -> String {
        format!(
            "items={}-{}",
            self.first,
            self.first.saturating_add(self.count).saturating_sub(1)
        )
    }
}

impl Client {
    /// Asks in the pinned version. Everything that is asked may be repeated: a POST creates a search under a name of ours, a
    /// DELETE of a search that is gone changes nothing. So all of it is a read to the egress; changes go through `change`.
    pub async fn ask(&self, ask: &Ask, items: Option<Items>) -> Result<Response, Fault> {
        let version = self.version().await?;
        let response = self.send(ask, items, Some(&version)).await;
        if let Err(fault) = &response
            && fault.is_version()
        {
            // The console was upgraded and no longer speaks it: the next call discovers again.
            self.version.forget(&version).await;
        }
        let response = response?;
        self.note_deprecation(ask, &response, &version);
        Ok(response)
    }

    /// Asks, and reads the answer as JSON.
    pub async fn json<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, Fault> {
        parse(&self.ask(ask, None).await?)
    }

    /// Sends one question; without a version only to find one out.
    pub(super) async fn send(&self, ask: &Ask, items: Option<Items>, version: Option<&str>) -> Result<Response, Fault> {
        let request = ask.request(items, version);
        let response = self
            .egress
            .read(&request)
            .await
            .map_err(|failure| Fault::Transport(failure.error))?;
        match response.status {
            200..=299 if response.body.is_empty() || !is_page(&response) => Ok(response),
            200..=299 => Err(Fault::Page(response.status)),
            _ => Err(Fault::of(&response, |text| self.egress.scrub(text))),
        }
    }

    /// Says once for each call that the console calls it deprecated.
    pub(super) fn note_deprecation(&self, ask: &Ask, response: &Response, version: &str) {
        let Some(text) = response.headers.get(DEPRECATED).and_then(|text| text.to_str().ok()) else {
            return;
        };
        let what = ask.what;
        let first = self.deprecated.lock().is_ok_and(|mut said| said.insert(what));
        if first {
            let (connection, text) = (&self.options.source_id, self.egress.scrub(&plain(text)));
            tracing::info!(connection, call = what, version, "QRadar calls this deprecated: {text}");
        }
    }
}

/// A body as JSON. Broken UTF-8 in one text must not hide the rest (D40).
pub fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Fault> {
    serde_json::from_str(&String::from_utf8_lossy(&response.body)).map_err(|error| Fault::Cut(error.to_string()))
}

/// How many elements a list has in all, if the console says so.
pub fn total(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    text.trim()
        .strip_prefix("items")?
        .rsplit_once('/')?
        .1
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d39_a_range_is_zero_based_and_inclusive() {
        assert_eq!(Items { first: 0, count: 50 }.header(), "items=0-49");
        assert_eq!(Items { first: 50, count: 50 }.header(), "items=50-99");
        assert_eq!(Items { first: 7, count: 1 }.header(), "items=7-7");
    }

    #[test]
    fn the_total_is_read_where_there_is_one() {
        let read = |text: &str| total(&[(CONTENT_RANGE, text.parse().unwrap())].into_iter().collect());
        assert_eq!(read("items 0-49/1234"), Some(1234));
        assert_eq!(read("items */3"), Some(3));
        for text in ["items 0-49/*", "bytes 0-1/2", "0-49/50", ""] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(total(&HeaderMap::new()), None);
    }
}
