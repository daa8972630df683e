//! What does the platform's own test target do? It appends every entry it is given: the least idempotent system there is.

use crate::control::{Control, Target};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Entries kept; a test that needs more is not about this target.
const MAX_ENTRIES: usize = 1_000_000;

/// One entry of the list.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Entry {
    id: u64,
    text: String,
    marker: Option<String>,
}

/// The list behind `/entries`.
pub struct Lab {
    control: Control,
    entries: Mutex<Vec<Entry>>,
}

impl Lab {
    /// An empty list and its router (without the control layer; see [`crate::control::wrap`]).
    pub fn build(control: Control) -> (Router, Arc<Self>) {
        let lab = Arc::new(Self {
            control,
            entries: Mutex::new(Vec::new()),
        });
        let router = Router::new()
            .route("/entries", post(append).get(list))
            .with_state(Arc::clone(&lab));
        (router, lab)
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target for Lab {
    /// `{"entries": [{"id", "text", "marker"}]}`.
    fn load(&self, state: Value) -> Result<(), String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Loaded {
            entries: Vec<Entry>,
        }
        let loaded: Loaded = serde_json::from_value(state).map_err(|error| format!("lab state: {error}"))?;
        *self.entries() = loaded.entries;
        Ok(())
    }

    fn reset(&self) {
        self.entries().clear();
    }

    fn dump(&self) -> Value {
        json!({"entries": *self.entries()})
    }
}

#[derive(Deserialize)]
struct Append {
    text: String,
    marker: Option<String>,
}

async fn append(State(lab): State<Arc<Lab>>, body: Bytes) -> Response {
    let Append { text, marker } = match serde_json::from_slice(&body) {
        Ok(append) => append,
        Err(error) => return (StatusCode::BAD_REQUEST, Json(json!({"error": error.to_string()}))).into_response(),
    };
    let mut entries = lab.entries();
    if entries.len() >= MAX_ENTRIES {
        return (
            StatusCode::INSUFFICIENT_STORAGE,
            Json(json!({"error": "the list is full"})),
        )
            .into_response();
    }
    let id = entries.last().map_or(0, |entry| entry.id) + 1;
    // Recorded under the lock: the effects log has the order of the list.
    let body = json!({"text": text, "marker": marker});
    lab.control
        .effect("POST", "/entries", body, marker.clone(), Some(id.to_string()));
    entries.push(Entry { id, text, marker });
    (StatusCode::CREATED, Json(json!({"id": id}))).into_response()
}

#[derive(Deserialize)]
struct Wanted {
    marker: Option<String>,
}

async fn list(State(lab): State<Arc<Lab>>, Query(Wanted { marker }): Query<Wanted>) -> Json<Vec<Entry>> {
    let wanted = |entry: &&Entry| marker.is_none() || entry.marker == marker;
    Json(lab.entries().iter().filter(wanted).cloned().collect())
}
