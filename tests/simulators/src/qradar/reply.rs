//! What does a handler hand back?

use serde::Serialize;

use super::error::ApiError;
use super::list::fields::json;

/// A finished HTTP answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: &'static str,
    /// Further headers, lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body bytes.
    pub body: Vec<u8>,
    /// Long poll (`Prefer: wait`): ask the handler again until this time (epoch ms), unless it answers without it.
    pub again_until: Option<i64>,
}

impl Reply {
    /// JSON that is already serialised.
    pub fn json_bytes(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: "application/json;charset=UTF-8",
            headers: Vec::new(),
            body,
            again_until: None,
        }
    }

    /// Any serialisable value.
    pub fn json(status: u16, value: &(impl Serialize + ?Sized)) -> Self {
        let mut body = Vec::new();
        json(&mut body, value);
        Self::json_bytes(status, body)
    }

    /// The same reply with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        if error.html {
            let body = format!(
                "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>",
                error.status
            );
            let page = Self::json_bytes(error.status, body.into_bytes());
            return Self {
                content_type: "text/html;charset=ISO-8859-1",
                ..page
            };
        }
        Self::json(error.status, &error.body())
    }
}
