//! Which server is this? The status calls that version detection and set-up scripts use (contract 1.3, 9.1).

use super::{app::TheHive, session::Session};
use axum::{Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

/// How long the simulated licence lasts; the official suite destroys servers whose licence has run out.
const LICENCE_MS: i64 = 14 * 24 * 3_600_000;

/// `GET /api/status`, anonymous: the form 3, 4 and 5 share.
pub async fn v0(State(app): State<Arc<TheHive>>) -> Json<Value> {
    let version = app.lock().settings.version.clone();
    Json(json!({
        "versions": {"Scalligraph": "5", "TheHive": version, "Play": "2.9"},
        "connectors": {},
        "config": {
            "protectDownloadsWith": "malware", "authType": ["session", "basic", "local", "key"], "capabilities": [],
            "ssoAutoLogin": false, "pollingDuration": 1000,
        },
        "schemaStatus": [],
    }))
}

/// `GET /api/v1/status/public`, anonymous.
pub async fn public(State(app): State<Arc<TheHive>>) -> Json<Value> {
    let version = app.lock().settings.version.clone();
    Json(json!({"version": version, "sso": false, "ssoProviders": [], "imports": {"mitreCatalog": null}}))
}

/// `GET /api/v1/status`.
pub async fn full(State(app): State<Arc<TheHive>>, _session: Session) -> Json<Value> {
    let version = app.lock().settings.version.clone();
    Json(json!({
        "version": version, "gitDescription": "", "connectors": {}, "config": {}, "features": [],
        "license": {"isValid": true, "expiresAt": app.control.now_ms() + LICENCE_MS},
    }))
}

/// `GET /api/v1/license/current`.
pub async fn licence(State(app): State<Arc<TheHive>>, _session: Session) -> Json<Value> {
    Json(json!({"fallback": {"expiresAt": app.control.now_ms() + LICENCE_MS}}))
}
