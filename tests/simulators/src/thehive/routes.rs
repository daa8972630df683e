//! Which URLs does the simulated TheHive answer? The whole table on one page.

use super::{
    alert, app::TheHive, body, comment, custom_field, error::ApiError, observable, observable_type, organisation,
    query, status, user,
};
use axum::{
    Router, middleware,
    routing::{delete, get, patch, post, put},
};
use http::Uri;
use std::sync::Arc;

/// The product's routes.
pub fn router(app: Arc<TheHive>) -> Router {
    Router::new()
        .route("/api/status", get(status::v0))
        .route("/api/v1/status/public", get(status::public))
        .route("/api/v1/status", get(status::full))
        .route("/api/v1/license/current", get(status::licence))
        .route("/api/login", post(user::login))
        .route("/api/v1/login", post(user::login))
        .route("/api/v1/user", post(user::post))
        .route("/api/v1/user/current", get(user::current))
        .route("/api/v1/user/{id}", get(user::get).patch(user::patch))
        .route("/api/v1/user/{id}/force", delete(user::delete))
        .route("/api/v1/user/{id}/organisations", put(user::put_organisations))
        .route("/api/v1/user/{id}/key", get(user::get_key))
        .route("/api/v1/user/{id}/key/renew", post(user::renew_key))
        .route("/api/v1/organisation", post(organisation::post))
        .route("/api/v1/organisation/{id}", get(organisation::get))
        .route("/api/v1/alert", post(alert::post))
        .route("/api/v1/alert/_bulk", patch(alert::patch_bulk))
        .route("/api/v1/alert/delete/_bulk", post(alert::delete_bulk))
        .route(
            "/api/v1/alert/{id}",
            get(alert::get).patch(alert::patch).delete(alert::delete),
        )
        .route("/api/v1/alert/{id}/follow", post(alert::follow))
        .route("/api/v1/alert/{id}/unfollow", post(alert::unfollow))
        .route("/api/v1/alert/{id}/observable", post(observable::post_to_alert))
        .route("/api/v1/alert/{id}/comment", post(comment::post_to_alert))
        .route("/api/v1/comment/{id}", patch(comment::patch).delete(comment::delete))
        .route(
            "/api/v1/observable/{id}",
            get(observable::get).patch(observable::patch).delete(observable::delete),
        )
        .route("/api/v1/observable/type", post(observable_type::post))
        .route(
            "/api/v1/observable/type/{id}",
            get(observable_type::get).delete(observable_type::delete),
        )
        .route("/api/v1/customField", get(custom_field::list).post(custom_field::post))
        .route(
            "/api/v1/customField/{id}",
            patch(custom_field::patch).delete(custom_field::delete),
        )
        .route("/api/v1/query", post(query::handler))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(body::check_content_type))
        .with_state(app)
}

/// Play knows no 405: a wrong method is a route that does not exist.
async fn unknown(uri: Uri) -> ApiError {
    ApiError::not_found(uri.path())
}
