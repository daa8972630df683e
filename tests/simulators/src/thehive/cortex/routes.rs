//! Which URLs belong to Cortex? The same below the old prefix and below `/api/v1`.

use super::{action, job, worker};
use crate::thehive::app::TheHive;
use axum::{
    Router,
    routing::{get, post, put},
};
use std::sync::Arc;

/// All of them, with the control route.
pub fn routes() -> Router<Arc<TheHive>> {
    Router::new()
        .nest("/api/connector/cortex", product())
        .nest("/api/v1/connector/cortex", product())
        .route("/_sim/thehive/workers", put(worker::put))
}

fn product() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/analyzer", get(worker::analyzers))
        .route("/analyzer/type/{dataType}", get(worker::analyzers_of_type))
        .route("/analyzer/{id}", get(worker::analyzer))
        .route("/job", post(job::post))
        .route("/job/_bulk", post(job::post_many))
        .route("/job/{id}", get(job::get))
        .route("/action", post(action::post))
        .route("/actions", post(action::post_many))
        .route("/action/{entity}/{id}", get(action::of_entity))
        .route("/responder/{entity}/{id}", get(worker::responders))
        .route("/responders/{entity}", get(worker::responders_of_type))
}
