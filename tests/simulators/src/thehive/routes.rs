//! Which URLs does the simulated TheHive answer? The whole table on one page.

use super::{
    action, alert, app::TheHive, attachment, body, case, case_template, comment, custom_field, error::ApiError, log,
    observable, observable_type, organisation, page, procedure, profile, query, status, task, timeline, user,
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
        .merge(platform())
        .merge(alerts())
        .merge(cases())
        .merge(below())
        .route("/api/v1/query", post(query::handler))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(body::check_content_type))
        .with_state(app)
}

/// Who uses the server and what it is configured with.
fn platform() -> Router<Arc<TheHive>> {
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
        .route("/api/v1/user/{id}/password/set", post(user::set_password))
        .route("/api/v1/user/{id}/password/change", post(user::change_password))
        .route("/api/v1/user/{id}/key", get(user::get_key).delete(user::delete_key))
        .route("/api/v1/user/{id}/key/renew", post(user::renew_key))
        .route("/api/v1/profile", post(profile::post))
        .route(
            "/api/v1/profile/{id}",
            get(profile::get).patch(profile::patch).delete(profile::delete),
        )
        .route("/api/v1/attachment", post(attachment::post_to_organisation))
        .route("/api/v1/attachment/{id}", delete(attachment::delete_of_organisation))
        .route("/api/v1/attachment/{id}/download", get(attachment::download_any))
        .route("/api/v1/organisation", post(organisation::post))
        .route("/api/v1/organisation/{id}", get(organisation::get))
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
        .route("/api/v1/caseTemplate", post(case_template::post))
        .route(
            "/api/v1/caseTemplate/{id}",
            get(case_template::get)
                .patch(case_template::patch)
                .delete(case_template::delete),
        )
        .route(
            "/api/v1/caseTemplate/{id}/pageTemplate/link",
            put(case_template::link_page_templates),
        )
        .route("/api/v1/pageTemplate", post(page::post_template))
        .route(
            "/api/v1/pageTemplate/{id}",
            patch(page::patch_template).delete(page::delete_template),
        )
}

fn alerts() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/alert", post(alert::post))
        .route("/api/v1/alert/_bulk", patch(alert::patch_bulk))
        .route("/api/v1/alert/delete/_bulk", post(alert::delete_bulk))
        .route("/api/v1/alert/merge/_bulk", post(alert::bulk_merge))
        .route(
            "/api/v1/alert/{id}",
            get(alert::get).patch(alert::patch).delete(alert::delete),
        )
        .route("/api/v1/alert/{id}/follow", post(alert::follow))
        .route("/api/v1/alert/{id}/unfollow", post(alert::unfollow))
        .route("/api/v1/alert/{id}/case", post(alert::promote))
        .route("/api/v1/alert/{id}/merge/{case}", post(alert::merge))
        .route("/api/v1/alert/{id}/import/{case}", post(alert::import))
        .route("/api/v1/alert/{id}/observable", post(observable::post_to_alert))
        .route("/api/v1/alert/{id}/comment", post(comment::post_to_alert))
        .route("/api/v1/alert/{id}/procedure", post(procedure::post_to_alert))
        .route("/api/v1/alert/{id}/procedures", post(procedure::post_many_to_alert))
}

fn cases() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/case", post(case::post))
        .route("/api/v1/case/_bulk", patch(case::patch_bulk))
        .route("/api/v1/case/_bulk/caseTemplate", post(case_template::apply))
        .route("/api/v1/case/_merge/{ids}", post(case::merge))
        .route(
            "/api/v1/case/{id}",
            get(case::get).patch(case::patch).delete(case::delete),
        )
        .route("/api/v1/case/{id}/alert/{alert}", delete(alert::unlink))
        .route("/api/v1/case/{id}/observable", post(observable::post_to_case))
        .route("/api/v1/case/{id}/observable/_merge", post(case::merge_observables))
        .route("/api/v1/case/{id}/task", post(task::post))
        .route("/api/v1/case/{id}/comment", post(comment::post_to_case))
        .route("/api/v1/case/{id}/procedure", post(procedure::post_to_case))
        .route("/api/v1/case/{id}/procedures", post(procedure::post_many_to_case))
        .route("/api/v1/case/{id}/timeline", get(timeline::get))
        .route("/api/v1/case/{id}/customEvent", post(timeline::post))
        .route("/api/v1/case/{id}/page", post(page::post))
        .route("/api/v1/case/{id}/page/{page}", patch(page::patch).delete(page::delete))
        .route("/api/v1/case/{id}/links", get(case::get_links))
        .route("/api/v1/case/link/types", get(case::link_types))
        .route("/api/v1/case/{id}/link/case/add", post(case::link_case))
        .route("/api/v1/case/{id}/link/case/remove", post(case::unlink_case))
        .route("/api/v1/case/{id}/link/external/add", post(case::link_url))
        .route("/api/v1/case/{id}/link/external/remove", post(case::unlink_url))
        .route("/api/v1/case/{id}/owner", post(case::change_owner))
        .route("/api/v1/case/{id}/access", post(case::change_access))
        .route("/api/v1/case/{id}/shares", get(case::shares))
}

/// What hangs below alerts and cases.
fn below() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/observable/_bulk", patch(observable::patch_bulk))
        .route(
            "/api/v1/observable/{id}",
            get(observable::get).patch(observable::patch).delete(observable::delete),
        )
        .route("/api/v1/task/_bulk", patch(task::patch_bulk))
        .route(
            "/api/v1/task/{id}",
            get(task::get).patch(task::patch).delete(task::delete),
        )
        .route("/api/v1/task/{id}/actionRequired", get(action::get))
        .route("/api/v1/task/{id}/actionRequired/{organisation}", put(action::require))
        .route("/api/v1/task/{id}/actionDone/{organisation}", put(action::done))
        .route("/api/v1/task/{id}/shares", get(case::shares).post(case::share))
        .route("/api/v1/observable/{id}/shares", get(case::shares).post(case::share))
        .route("/api/v1/procedure/delete/_bulk", post(procedure::delete_bulk))
        .route(
            "/api/v1/procedure/{id}",
            patch(procedure::patch).delete(procedure::delete),
        )
        .route(
            "/api/v1/customEvent/{id}",
            patch(timeline::patch).delete(timeline::delete),
        )
        .route("/api/v1/task/{id}/log", post(log::post))
        .route("/api/v1/log/{id}", patch(log::patch).delete(log::delete))
        .route("/api/v1/log/{id}/attachments", post(log::add_attachments))
        .route(
            "/api/v1/log/{id}/attachments/{attachment}",
            delete(log::delete_attachment),
        )
        .route("/api/v1/comment/{id}", patch(comment::patch).delete(comment::delete))
        // The first segment is case, alert, log or observable.
        .route("/api/v1/{owner}/{id}/attachments", post(attachment::post))
        .route(
            "/api/v1/{owner}/{id}/attachment/{attachment}",
            get(attachment::download).delete(attachment::delete),
        )
        .route(
            "/api/v1/{owner}/{id}/attachment/{attachment}/download",
            get(attachment::download),
        )
        .route(
            "/api/v1/{owner}/{id}/similar/{other}/observables",
            get(case::similar_observables),
        )
}

/// Play knows no 405: a wrong method is a route that does not exist.
async fn unknown(uri: Uri) -> ApiError {
    ApiError::not_found(uri.path())
}
