//! Which requests are v0's, and which handler answers them? The table of v0's routes.

use super::{
    Flavour, alerts, bulk,
    call::{Answer, Call, Outcome},
    cases, observables, platform, search, tasks,
};
use crate::{
    control::Received,
    thehive::{app::TheHive, error::ApiError, kind::Kind, session::Session, upload::Form},
};
use axum::{
    Router,
    extract::{FromRequest, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use std::{borrow::Cow, sync::Arc};

/// JSON of one request on a stock 4.1 (contract section 5).
const MAX_JSON_OF_4: u64 = 256 << 10;

/// What the layer needs: the server, and the routes of v1 without the layer.
#[derive(Clone)]
pub struct Front {
    pub app: Arc<TheHive>,
    pub v1: Router,
}

/// Whose request is it?
enum Whose {
    /// The same on every version, or not the product's at all.
    Common,
    /// Of v0: the path after `/api/` or `/api/v0/`.
    V0(String),
    /// This version has no such route.
    Nobody,
}

fn whose(flavour: Flavour, path: &str) -> Whose {
    let common = ["/api/status", "/api/login", "/api/logout"].contains(&path) || path.starts_with("/api/connector/");
    if flavour == Flavour::V5 || common || !path.starts_with("/api/") {
        return Whose::Common;
    }
    if path.starts_with("/api/v1/") {
        let query = flavour == Flavour::V4 && path == "/api/v1/query";
        return if query { Whose::Common } else { Whose::Nobody };
    }
    let rest = path.strip_prefix("/api/").unwrap_or_default();
    match rest.strip_prefix("v0/") {
        Some(_) if flavour == Flavour::V3 => Whose::Nobody,
        Some(rest) => Whose::V0(rest.to_owned()),
        None => Whose::V0(rest.to_owned()),
    }
}

/// The layer before the routes of v1.
pub async fn front(State(front): State<Front>, request: Request, next: Next) -> Response {
    let flavour = front.app.lock().settings.flavour;
    let path = request.uri().path().to_owned();
    match whose(flavour, &path) {
        Whose::Common => next.run(request).await,
        Whose::Nobody => ApiError::not_found(&path).into_response(),
        Whose::V0(rest) if rest == "health" => "Ok".into_response(),
        Whose::V0(rest) => answer(front, flavour, &rest, request).await,
    }
}

async fn answer(front: Front, flavour: Flavour, rest: &str, request: Request) -> Response {
    let method = request.method().clone();
    let query = pairs(request.uri().query().unwrap_or_default());
    let headers = who(flavour, request.headers());
    let session = Session::open(&front.app.lock(), &headers);
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind == "application/json");
    let size = request.extensions().get::<Received>().map_or(0, Received::size);
    if flavour == Flavour::V4 && is_json && size > MAX_JSON_OF_4 {
        return ApiError::too_large().into_response();
    }
    let form = if size == 0 {
        Ok(Form::default())
    } else {
        Form::from_request(request, &front.app).await
    };
    let (session, form) = match (session, form) {
        (Ok(session), Ok(form)) => (session, form),
        (Err(error), _) => {
            // 4 answers a foreign organisation as bad credentials (contract 1.2).
            let Answer(status, _) = Answer::from(error);
            let error = if status == StatusCode::FORBIDDEN && flavour == Flavour::V4 {
                401
            } else {
                status.as_u16()
            };
            return match error {
                401 => ApiError::authentication().into_response(),
                _ => ApiError::authorization("Insufficient rights to perform this action").into_response(),
            };
        }
        (_, Err(error)) => return error.into_response(),
    };
    let call = Call {
        app: front.app,
        v1: front.v1,
        flavour,
        session,
        headers,
        form,
        query,
    };
    let segments: Vec<Cow<'_, str>> = rest.split('/').map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    if segments.first() == Some(&"datastore") && method == Method::GET {
        return platform::download(&call, segments.get(1).copied().unwrap_or_default());
    }
    if let Some(found) = searched(&call, &method, &segments) {
        return found.unwrap_or_else(|error| call.reword(error).into_response());
    }
    match route(&call, method, &segments).await {
        Ok(answer) => answer.into_response(),
        Err(error) => call.reword(error).into_response(),
    }
}

/// Searches, which answer a list and how long it is.
fn searched(call: &Call, method: &Method, segments: &[&str]) -> Option<Result<Response, Answer>> {
    let post = *method == Method::POST;
    let of_3 = call.flavour == Flavour::V3;
    let found = match segments {
        ["alert"] if *method == Method::GET => search::rows(call, Kind::Alert, None),
        ["case"] if *method == Method::GET => search::rows(call, Kind::Case, None),
        ["alert", "_search"] if post => search::rows(call, Kind::Alert, None),
        ["case", "_search"] if post => search::rows(call, Kind::Case, None),
        ["case", "task", "_search"] if post => search::rows(call, Kind::Task, None),
        ["case", "artifact", "_search"] if post => search::rows(call, Kind::Observable, None),
        ["case", "task", "log", "_search"] if post => search::rows(call, Kind::Log, None),
        ["case", "template", "_search"] if post => search::rows(call, Kind::CaseTemplate, None),
        ["user", "_search"] if post => search::rows(call, Kind::User, None),
        ["case", "task", id, "log", "_search"] if post && of_3 => search::rows(call, Kind::Log, Some((Kind::Task, id))),
        ["case", id, "artifact", "_search"] if post && of_3 => {
            search::rows(call, Kind::Observable, Some((Kind::Case, id)))
        }
        ["case", id, "task", "_search"] if post => search::rows(call, Kind::Task, Some((Kind::Case, id))),
        _ => return None,
    };
    Some(found)
}

async fn route(call: &Call, method: Method, segments: &[&str]) -> Outcome {
    let of_4 = call.flavour == Flavour::V4;
    match (method.as_str(), segments) {
        ("POST", ["alert", "_stats"]) => bulk::count(call, Kind::Alert),
        ("POST", ["case", "_stats"]) => bulk::count(call, Kind::Case),
        ("POST", ["case", "task", "_stats"]) => bulk::count(call, Kind::Task),
        ("POST", ["case", "artifact", "_stats"]) => bulk::count(call, Kind::Observable),
        ("POST", ["case", "task", "log", "_stats"]) => bulk::count(call, Kind::Log),
        ("PATCH", ["alert", "_bulk"]) if !of_4 => bulk::update(call, Kind::Alert).await,
        ("PATCH", ["case", "_bulk"]) => bulk::update(call, Kind::Case).await,
        ("PATCH", ["case", "artifact", "_bulk"]) => bulk::update(call, Kind::Observable).await,
        ("POST", ["alert", "merge", "_bulk"]) => bulk::merge(call).await,
        ("POST", ["alert"]) => alerts::create(call).await,
        ("POST", ["alert", "delete", "_bulk"]) => alerts::delete_bulk(call).await,
        ("GET", ["alert", id]) => call.get(Kind::Alert, id),
        ("PATCH", ["alert", id]) => alerts::update(call, id).await,
        ("DELETE", ["alert", id]) => alerts::delete(call, id).await,
        ("POST", ["alert", id, "createCase"]) => alerts::promote(call, id).await,
        ("POST", ["alert", id, "merge", case]) => alerts::merge(call, id, case).await,
        ("POST", ["alert", id, "artifact"]) if of_4 => observables::create(call, "alert", id).await,
        ("POST", ["alert", id, verb]) => alerts::mark(call, id, verb).await,
        ("POST", ["case"]) => cases::create(call).await,
        ("POST", ["case", "template"]) => platform::create_template(call).await,
        ("GET", ["case" | "alert", "artifact", id]) => call.get(Kind::Observable, id),
        ("PATCH", ["case" | "alert", "artifact", id]) => observables::update(call, id).await,
        ("DELETE", ["case" | "alert", "artifact", id]) => observables::delete(call, id).await,
        ("GET", ["case", "task", "log", id]) if !of_4 => call.get(Kind::Log, id),
        ("PATCH", ["case", "task", "log", id]) => tasks::update_log(call, id).await,
        ("DELETE", ["case", "task", "log", id]) => tasks::delete_log(call, id).await,
        ("GET", ["case", "task", id]) => call.get(Kind::Task, id),
        ("PATCH", ["case", "task", id]) => tasks::update(call, id).await,
        ("POST", ["case", "task", id, "log"]) => tasks::create_log(call, id).await,
        ("GET", ["case", id]) => call.get(Kind::Case, id),
        ("PATCH", ["case", id]) => cases::update(call, id).await,
        ("DELETE", ["case", id]) => cases::delete(call, id, of_4).await,
        ("DELETE", ["case", id, "force"]) => cases::delete(call, id, true).await,
        ("POST", ["case", a, "_merge", b]) => cases::merge(call, a, b).await,
        ("POST", ["case", id, "task"]) => tasks::create(call, id).await,
        ("POST", ["case", id, "artifact"]) => observables::create(call, "case", id).await,
        ("GET", ["user", "current"]) => Ok(platform::current_user(call)),
        ("GET", ["list", name]) => platform::list(call, name),
        ("POST", ["list", name]) => platform::add_to_list(call, name).await,
        ("POST", ["list", "custom_fields", "_exists"]) => platform::field_exists(call),
        _ => Err(ApiError::not_found(&format!("/api/{}", segments.join("/"))).into()),
    }
}

/// The headers that say who asks. 3 has no organisations.
fn who(flavour: Flavour, headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in ["authorization", "cookie", "x-organisation"] {
        if let Some(value) = headers.get(name)
            && !(flavour == Flavour::V3 && name == "x-organisation")
            && let Ok(name) = http::HeaderName::try_from(name)
        {
            kept.insert(name, value.clone());
        }
    }
    kept
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // In a query string a plus is a blank; `%2B` is a plus.
        (
            decoded(&name.replace('+', " ")).into_owned(),
            decoded(&value.replace('+', " ")).into_owned(),
        )
    };
    query.split('&').filter(|one| !one.is_empty()).map(pair).collect()
}

fn decoded(text: &str) -> Cow<'static, str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| {
            char::from(byte?)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}
