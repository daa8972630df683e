//! What is one call of v0, and how is a route of v1 used for it?

use super::{Flavour, ids, show};
use crate::thehive::{
    app::{Hive, TheHive},
    error::ApiError,
    kind::Kind,
    session::Session,
    upload::Form,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;

/// Largest answer of a v1 route that is read back.
const MAX_ANSWER: usize = 64 << 20;

/// A status and a body.
#[derive(Debug)]
pub struct Answer(pub StatusCode, pub Value);

/// What a handler answers; an error in the words of v1 is put into those of the flavour on the way out.
pub type Outcome = Result<Answer, Answer>;

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        let (status, body) = error.into_parts();
        Self(status, body)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self(StatusCode::NO_CONTENT, _) => StatusCode::NO_CONTENT.into_response(),
            Self(status, body) => (status, axum::Json(body)).into_response(),
        }
    }
}

/// One request, read and authenticated.
pub struct Call {
    pub app: Arc<TheHive>,
    pub v1: Router,
    pub flavour: Flavour,
    pub session: Session,
    /// Those that say who asks.
    pub headers: HeaderMap,
    pub form: Form,
    pub query: Vec<(String, String)>,
}

impl Call {
    /// The same call with another body.
    pub fn with(&self, json: Value) -> Self {
        Self {
            app: Arc::clone(&self.app),
            v1: self.v1.clone(),
            flavour: self.flavour,
            session: self.session.clone(),
            headers: self.headers.clone(),
            form: Form {
                json,
                ..Form::default()
            },
            query: self.query.clone(),
        }
    }

    /// Lets a route of v1 do the work. `form` carries the body.
    pub async fn ask(&self, method: Method, path: &str, form: Form) -> Outcome {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.headers.clone());
            if !form.json.is_null() {
                headers.insert(
                    header::CONTENT_TYPE,
                    header::HeaderValue::from_static("application/json"),
                );
            }
        }
        let body = if form.json.is_null() {
            Body::empty()
        } else {
            Body::from(form.json.to_string())
        };
        if !form.files.is_empty() {
            request = request.extension(form);
        }
        let request = request
            .body(body)
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        let Ok(response) = self.v1.clone().oneshot(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), MAX_ANSWER)
            .await
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        let answer = Answer(status, serde_json::from_slice(&bytes).unwrap_or(Value::Null));
        if status.is_success() { Ok(answer) } else { Err(answer) }
    }

    /// The same with a JSON body.
    pub async fn tell(&self, method: Method, path: &str, json: Value) -> Outcome {
        let form = Form {
            json,
            ..Form::default()
        };
        self.ask(method, path, form).await
    }

    /// The entity that the session sees under this id; the error is 404.
    pub fn find(&self, hive: &Hive, kind: Kind, id: &str) -> Result<u64, Answer> {
        Ok(hive.find(kind, &self.session, &ids::v1(self.flavour, id))?)
    }

    /// The path of v1 to what this id names, with what comes after it.
    pub fn path(&self, kind: &str, id: &str, rest: &str) -> String {
        format!("/api/v1/{kind}/{}{rest}", ids::v1(self.flavour, id))
    }

    /// An entity as v0 shows it, with this status.
    pub fn shown(&self, status: StatusCode, id: u64) -> Answer {
        Answer(status, show::entity(&self.app.lock(), self.flavour, id))
    }

    /// The entity that an answer of v1 holds, as v0 shows it.
    pub fn shown_of(&self, status: StatusCode, answer: &Answer) -> Answer {
        let id = id_of(&answer.1);
        self.shown(status, id)
    }

    /// Reads an entity.
    pub fn get(&self, kind: Kind, id: &str) -> Outcome {
        let found = self.find(&self.app.lock(), kind, id)?;
        Ok(self.shown(StatusCode::OK, found))
    }

    /// An error as the flavour words it: on 3 something that exists is a conflict, with an empty object (D13).
    pub fn reword(&self, answer: Answer) -> Answer {
        let Answer(status, mut body) = answer;
        if self.flavour == Flavour::V3 && body["type"] == "CreateError" && status == StatusCode::BAD_REQUEST {
            let digest = "0123456789abcdef0123456789abcdef";
            let message = format!("[doc][{digest}]: version conflict, document already exists (current version [2])");
            body = json!({"type": "ConflictError", "message": message, "object": {}});
        }
        Answer(status, body)
    }
}

/// The number of the entity in an answer of v1; 0, which no entity has, for another body.
pub fn id_of(body: &Value) -> u64 {
    let text = body["_id"].as_str().unwrap_or_default();
    crate::thehive::store::parse_id(text).unwrap_or_default()
}
