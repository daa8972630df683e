//! How does a test talk to a simulator? The routes under `/_sim`.

use super::{Control, Target, fault::Spec};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Longest long-poll of `/_sim/held`.
const MAX_WAIT_MS: u64 = 60_000;

#[derive(Clone)]
struct Sim {
    control: Control,
    target: Arc<dyn Target>,
}

/// The control API for one product.
pub(super) fn router(control: Control, target: Arc<dyn Target>) -> Router {
    Router::new()
        .route("/_sim", get(about))
        .route("/_sim/state", put(load).get(dump))
        .route("/_sim/effects", get(effects))
        .route("/_sim/requests", get(requests))
        .route("/_sim/faults", post(add_faults).get(list_faults).delete(clear_faults))
        .route("/_sim/record", post(record))
        .route("/_sim/recorded", get(recorded))
        .route("/_sim/held", get(held))
        .route("/_sim/release", post(release))
        .route("/_sim/clock", put(clock))
        .route("/_sim/reset", post(reset))
        .with_state(Sim { control, target })
}

fn refuse(message: impl Into<String>) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message.into()}))).into_response()
}

/// Bodies are parsed by hand: a test may forget the content type, and a wrong field must be named in the answer.
fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(body).map_err(|error| Box::new(refuse(format!("body: {error}"))))
}

async fn about(State(sim): State<Sim>) -> Json<Value> {
    let (requests, effects) = sim.control.dropped();
    let counts = json!({"requests_dropped": requests, "effects_dropped": effects});
    Json(json!({"simulator": sim.control.name(), "now_ms": sim.control.now_ms(), "limits": counts}))
}

async fn load(State(sim): State<Sim>, body: Bytes) -> Response {
    match parse(&body) {
        Ok(state) => match sim.target.load(state) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(message) => refuse(message),
        },
        Err(response) => *response,
    }
}

async fn dump(State(sim): State<Sim>) -> Json<Value> {
    Json(sim.target.dump())
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn effects(State(sim): State<Sim>, Query(Since { since }): Query<Since>) -> Response {
    Json(sim.control.effects(since)).into_response()
}

async fn requests(State(sim): State<Sim>, Query(Since { since }): Query<Since>) -> Response {
    Json(json!({
        "in_flight_max": sim.control.in_flight_max(),
        "dropped": sim.control.dropped().0,
        "requests": sim.control.requests(since),
    }))
    .into_response()
}

async fn record(State(sim): State<Sim>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    struct Record {
        bytes: usize,
    }
    match parse::<Record>(&body) {
        Ok(Record { bytes }) => {
            sim.control.recording().begin(bytes);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => *response,
    }
}

async fn recorded(State(sim): State<Sim>) -> Json<Value> {
    Json(sim.control.recording().show())
}

async fn add_faults(State(sim): State<Sim>, body: Bytes) -> Response {
    let specs: Vec<Spec> = match parse::<Value>(&body) {
        Ok(Value::Array(list)) => match list.into_iter().map(serde_json::from_value).collect() {
            Ok(specs) => specs,
            Err(error) => return refuse(format!("fault: {error}")),
        },
        Ok(one) => match serde_json::from_value(one) {
            Ok(spec) => vec![spec],
            Err(error) => return refuse(format!("fault: {error}")),
        },
        Err(response) => return *response,
    };
    let mut ids = Vec::new();
    for spec in specs {
        let hold = spec.action.hold.clone();
        match sim.control.faults().add(spec) {
            Ok(id) => ids.push(id),
            Err(message) => return refuse(message),
        }
        if let Some(name) = hold {
            sim.control.holds().rearm(&name);
        }
    }
    Json(json!({"ids": ids})).into_response()
}

async fn list_faults(State(sim): State<Sim>) -> Response {
    Json(sim.control.faults().list()).into_response()
}

async fn clear_faults(State(sim): State<Sim>) -> StatusCode {
    sim.control.faults().clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Held {
    name: String,
    #[serde(default)]
    wait_ms: u64,
}

async fn held(State(sim): State<Sim>, Query(Held { name, wait_ms }): Query<Held>) -> Json<Value> {
    let wait = Duration::from_millis(wait_ms.min(MAX_WAIT_MS));
    let held = match tokio::time::timeout(wait, sim.control.holds().held(&name)).await {
        Ok(held) => held,
        Err(_) => sim.control.holds().held_now(&name),
    };
    Json(json!({"name": name, "held": held}))
}

async fn release(State(sim): State<Sim>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    struct Name {
        name: String,
    }
    match parse::<Name>(&body) {
        Ok(Name { name }) => {
            sim.control.holds().release(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => *response,
    }
}

async fn clock(State(sim): State<Sim>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    struct Clock {
        offset_ms: i64,
    }
    match parse::<Clock>(&body) {
        Ok(Clock { offset_ms }) => {
            sim.control.set_clock_offset_ms(offset_ms);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => *response,
    }
}

async fn reset(State(sim): State<Sim>) -> StatusCode {
    sim.target.reset();
    sim.control.reset();
    StatusCode::NO_CONTENT
}
