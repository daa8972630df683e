//! How does a test register and steer webhooks? The table is in [`super`].

use super::endpoint::{Endpoint, Knobs};
use crate::thehive::app::TheHive;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, patch},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Longest long-poll for deliveries.
const MAX_WAIT_MS: u64 = 60_000;

/// The control routes of webhooks.
pub fn routes() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/_sim/thehive/webhooks", get(list).post(add).delete(clear))
        .route("/_sim/thehive/webhooks/{id}", patch(turn).delete(remove))
        .route("/_sim/thehive/deliveries", get(deliveries))
}

fn refuse(message: impl std::fmt::Display) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message.to_string()}))).into_response()
}

async fn add(State(app): State<Arc<TheHive>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Endpoint>(&body) {
        Ok(endpoint) => match app.hub.add(endpoint) {
            Ok(id) => (StatusCode::CREATED, Json(json!({"id": id}))).into_response(),
            Err(message) => refuse(message),
        },
        Err(error) => refuse(format!("webhook: {error}")),
    }
}

async fn list(State(app): State<Arc<TheHive>>) -> Json<Value> {
    Json(app.hub.show())
}

async fn turn(State(app): State<Arc<TheHive>>, Path(id): Path<u64>, body: Bytes) -> Response {
    match serde_json::from_slice::<Knobs>(&body) {
        Ok(knobs) => match app.hub.turn(id, knobs) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(message) => refuse(message),
        },
        Err(error) => refuse(format!("knobs: {error}")),
    }
}

async fn remove(State(app): State<Arc<TheHive>>, Path(id): Path<u64>) -> StatusCode {
    if app.hub.remove(id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn clear(State(app): State<Arc<TheHive>>) -> StatusCode {
    app.hub.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    since: u64,
    #[serde(default)]
    idle: bool,
    #[serde(default)]
    wait_ms: u64,
}

async fn deliveries(State(app): State<Arc<TheHive>>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let wait = Duration::from_millis(wanted.wait_ms.min(MAX_WAIT_MS));
    let answer = tokio::time::timeout(wait, app.hub.deliveries(wanted.since, wanted.idle)).await;
    Json(answer.unwrap_or_else(|_| app.hub.look(wanted.since, wanted.idle).1))
}
