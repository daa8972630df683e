//! How do axum requests reach the console? One fallback handler: the route table of the product decides, not axum's.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::dispatch::{Incoming, dispatch};
use super::error::ApiError;
use super::generate::{self, Generate};
use super::reply::Reply;
use super::simulator::Simulator;
use crate::control::Control;

/// Largest body of an API call: forms and small JSON only.
const MAX_BODY: usize = 1 << 20;

/// How often a long poll (`Prefer: wait`) looks again.
const LONG_POLL_STEP: Duration = Duration::from_millis(20);

/// The QRadar API as a router, and its state for the control API. `/_sim/qradar/generate` fills the state quickly.
pub fn router(control: Control) -> (Router, Arc<Simulator>) {
    let simulator = Arc::new(Simulator::new(control));
    let router = Router::new()
        .route("/_sim/qradar/generate", post(generate_offenses))
        .fallback(answer)
        .with_state(Arc::clone(&simulator));
    (router, simulator)
}

async fn answer(State(simulator): State<Arc<Simulator>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return respond(ApiError::page(413).into());
    };
    let arrived_ms = simulator.control().now_ms();
    let mut again = false;
    loop {
        let reply = {
            let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
            let incoming = Incoming {
                method: head.method.as_str(),
                path: head.uri.path(),
                query: head.uri.query().unwrap_or_default(),
                body: &body,
                header: &header,
                arrived_ms,
                again,
            };
            dispatch(&mut simulator.console(), simulator.control(), &incoming)
        };
        match reply.again_until {
            Some(until_ms) if simulator.control().now_ms() < until_ms => {
                again = true;
                tokio::time::sleep(LONG_POLL_STEP).await;
            }
            _ => return respond(reply),
        }
    }
}

fn respond(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

async fn generate_offenses(State(simulator): State<Arc<Simulator>>, body: Bytes) -> (StatusCode, Json<Value>) {
    let now_ms = simulator.control().now_ms();
    let made = serde_json::from_slice::<Generate>(&body)
        .map_err(|error| format!("generate: {error}"))
        .and_then(|wanted| generate::generate(&mut simulator.console(), &wanted, now_ms));
    match made {
        Ok(ids) => (
            StatusCode::OK,
            Json(json!({ "first_id": ids.start, "last_id": ids.end - 1 })),
        ),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))),
    }
}
