//! Which URLs does the simulated TheHive answer? The whole table on one page.

use super::{
    action,
    alert::{self, Alert},
    app::TheHive,
    archive, attachment, body,
    case::{self, Case},
    case_template::{self, CaseTemplate},
    comment::{self, Comment},
    cortex,
    custom_field::{self, CustomField},
    error::ApiError,
    kind::Kind,
    log::{self, Log},
    misp,
    observable::{self, Observable},
    observable_type::{self, ObservableType},
    organisation::{self, Organisation},
    organisation_link,
    page::{self, Page, PageTemplate},
    procedure::{self, Procedure},
    profile::{self, Profile},
    query,
    resource::{self as by_id, Resource},
    session::Session,
    share::{self, Share},
    status,
    status_value::{self, AlertStatus, CaseStatus},
    tags::Tag,
    task::{self, Task},
    timeline::{self, CustomEvent},
    user, v0, webhook,
};
use axum::{
    Router,
    extract::{Path, State},
    middleware,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use http::{StatusCode, Uri};
use serde_json::Value;
use std::sync::Arc;

/// An entity that is read, changed and deleted by its id.
fn whole<R: Resource>() -> MethodRouter<Arc<TheHive>> {
    changeable::<R>().get(by_id::get::<R>)
}

/// An entity that only queries read.
fn changeable<R: Resource>() -> MethodRouter<Arc<TheHive>> {
    patch(by_id::patch::<R>).delete(by_id::delete::<R>)
}

/// What is made below a case or an alert with this id.
type Add = fn(&TheHive, &Session, Kind, &str, Value) -> Result<(StatusCode, axum::Json<Value>), ApiError>;

/// Makes something below an object of this kind.
fn add_to(owner: Kind, add: Add) -> MethodRouter<Arc<TheHive>> {
    post(
        move |State(app): State<Arc<TheHive>>,
              session: Session,
              Path(id): Path<String>,
              body::Json(input): body::Json| async move { add(&app, &session, owner, &id, input) },
    )
}

/// The product's routes.
pub fn router(app: Arc<TheHive>) -> Router {
    let v1 = v1(Arc::clone(&app));
    let before = v0::Front { app, v1: v1.clone() };
    v1.layer(middleware::from_fn_with_state(before, v0::front))
}

fn v1(app: Arc<TheHive>) -> Router {
    Router::new()
        .merge(platform())
        .merge(alerts())
        .merge(cases())
        .merge(below())
        .merge(cortex::routes())
        .merge(webhook::routes())
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
        .route(
            "/api/v1/user/{id}",
            get(user::get).patch(user::patch).delete(user::lock),
        )
        .route("/api/v1/user/{id}/force", delete(user::delete))
        .route("/api/v1/user/{id}/organisations", put(user::put_organisations))
        .route("/api/v1/user/{id}/password/set", post(user::set_password))
        .route("/api/v1/user/{id}/password/change", post(user::change_password))
        .route("/api/v1/user/{id}/key", get(user::get_key).delete(user::delete_key))
        .route("/api/v1/user/{id}/key/renew", post(user::renew_key))
        .route("/api/v1/profile", post(profile::post))
        .route("/api/v1/profile/{id}", whole::<Profile>())
        .route("/api/v1/attachment", post(attachment::post_to_organisation))
        .route("/api/v1/attachment/{id}", delete(attachment::delete_of_organisation))
        .route("/api/v1/attachment/{id}/download", get(attachment::download_any))
        .route("/api/v1/organisation", post(organisation::post))
        .route(
            "/api/v1/organisation/{id}",
            get(by_id::get::<Organisation>).patch(by_id::patch::<Organisation>),
        )
        .route(
            "/api/v1/organisation/{id}/link/{other}",
            put(organisation_link::put).delete(organisation_link::delete),
        )
        .route(
            "/api/v1/organisation/{id}/links",
            get(organisation_link::list).put(organisation_link::put_all),
        )
        .route("/api/v1/sharingProfile", get(organisation_link::profiles))
        .route("/api/v1/observable/type", post(observable_type::post))
        .route("/api/v1/observable/type/{id}", whole::<ObservableType>())
        .route("/api/v1/customField", get(custom_field::list).post(custom_field::post))
        .route("/api/v1/customField/{id}", changeable::<CustomField>())
        .route("/api/v1/caseStatus", post(status_value::post_case))
        .route("/api/v1/caseStatus/{id}", changeable::<CaseStatus>())
        .route("/api/v1/alertStatus", post(status_value::post_alert))
        .route("/api/v1/alertStatus/{id}", changeable::<AlertStatus>())
        .route("/api/v1/tag/{id}", whole::<Tag>())
        .route("/api/v1/connector/misp/status", get(misp::status))
        .route("/api/v1/connector/misp/_syncAlerts", get(misp::sync))
        .route("/api/v1/connector/misp/export/{case}/{misp}", post(misp::export))
        .route("/api/v1/connector/misp/case/import", post(misp::import))
        .route("/api/v1/caseTemplate", post(case_template::post))
        .route("/api/v1/caseTemplate/{id}", whole::<CaseTemplate>())
        .route(
            "/api/v1/caseTemplate/{id}/pageTemplate/link",
            put(case_template::link_page_templates),
        )
        .route("/api/v1/pageTemplate", post(page::post_template))
        .route("/api/v1/pageTemplate/{id}", changeable::<PageTemplate>())
}

fn alerts() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/alert", post(alert::post))
        .route("/api/v1/alert/_bulk", patch(by_id::patch_bulk::<Alert>))
        .route("/api/v1/alert/delete/_bulk", post(by_id::delete_bulk::<Alert>))
        .route("/api/v1/alert/merge/_bulk", post(alert::bulk_merge))
        .route("/api/v1/alert/{id}", whole::<Alert>())
        .route("/api/v1/alert/{id}/follow", post(alert::follow))
        .route("/api/v1/alert/{id}/unfollow", post(alert::unfollow))
        .route("/api/v1/alert/{id}/case", post(alert::promote))
        .route("/api/v1/alert/{id}/merge/{case}", post(alert::merge))
        .route("/api/v1/alert/{id}/import/{case}", post(alert::import))
        .route("/api/v1/alert/{id}/observable", post(observable::post_to_alert))
        .route("/api/v1/alert/{id}/comment", add_to(Kind::Alert, comment::post))
        .route("/api/v1/alert/{id}/procedure", add_to(Kind::Alert, procedure::post))
        .route("/api/v1/alert/{id}/procedures", add_to(Kind::Alert, procedure::post))
}

fn cases() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/case", post(case::post))
        .route("/api/v1/case/_bulk", patch(by_id::patch_bulk::<Case>))
        .route("/api/v1/case/_bulk/access", post(case::change_access_of_many))
        .route("/api/v1/case/_bulk/caseTemplate", post(case_template::apply))
        .route("/api/v1/case/_merge/{ids}", post(case::merge))
        .route("/api/v1/case/{id}", whole::<Case>())
        .route("/api/v1/case/import", post(archive::import))
        .route("/api/v1/case/{id}/export", get(archive::export))
        .route("/api/v1/case/{id}/alert/{alert}", delete(alert::unlink))
        .route("/api/v1/case/{id}/observable", post(observable::post_to_case))
        .route("/api/v1/case/{id}/observable/_merge", post(case::merge_observables))
        .route("/api/v1/case/{id}/task", post(task::post))
        .route("/api/v1/case/{id}/comment", add_to(Kind::Case, comment::post))
        .route("/api/v1/case/{id}/procedure", add_to(Kind::Case, procedure::post))
        .route("/api/v1/case/{id}/procedures", add_to(Kind::Case, procedure::post))
        .route("/api/v1/case/{id}/timeline", get(timeline::get))
        .route("/api/v1/case/{id}/customEvent", post(timeline::post))
        .route("/api/v1/case/{id}/page", post(page::post))
        .route("/api/v1/case/{case}/page/{id}", changeable::<Page>())
        .route("/api/v1/case/{id}/links", get(case::get_links))
        .route("/api/v1/case/link/types", get(case::link_types))
        .route(
            "/api/v1/case/{id}/link/case/add",
            case::change_links("case/add", case::link_case),
        )
        .route(
            "/api/v1/case/{id}/link/case/remove",
            case::change_links("case/remove", case::unlink_case),
        )
        .route(
            "/api/v1/case/{id}/link/external/add",
            case::change_links("external/add", case::link_url),
        )
        .route(
            "/api/v1/case/{id}/link/external/remove",
            case::change_links("external/remove", case::unlink_url),
        )
        .route("/api/v1/case/{id}/owner", post(case::change_owner))
        .route("/api/v1/case/{id}/access", post(case::change_access))
        .route(
            "/api/v1/case/{id}/shares",
            get(share::list).post(share::post).put(share::put).delete(share::remove),
        )
        .route("/api/v1/case/shares", delete(share::remove_many))
        .route("/api/v1/case/share/{id}", changeable::<Share>())
}

/// What hangs below alerts and cases.
fn below() -> Router<Arc<TheHive>> {
    Router::new()
        .route("/api/v1/observable/_bulk", patch(by_id::patch_bulk::<Observable>))
        .route("/api/v1/observable/{id}", whole::<Observable>())
        .route("/api/v1/task/_bulk", patch(by_id::patch_bulk::<Task>))
        .route("/api/v1/task/{id}", whole::<Task>())
        .route("/api/v1/task/{id}/actionRequired", get(action::get))
        .route("/api/v1/task/{id}/actionRequired/{organisation}", put(action::require))
        .route("/api/v1/task/{id}/actionDone/{organisation}", put(action::done))
        .route(
            "/api/v1/task/{id}/shares",
            get(share::list).post(share::post_task).delete(share::remove_task),
        )
        .route(
            "/api/v1/observable/{id}/shares",
            get(share::list)
                .post(share::post_observable)
                .delete(share::remove_observable),
        )
        .route("/api/v1/procedure/delete/_bulk", post(by_id::delete_bulk::<Procedure>))
        .route("/api/v1/procedure/{id}", changeable::<Procedure>())
        .route("/api/v1/customEvent/{id}", changeable::<CustomEvent>())
        .route("/api/v1/task/{id}/log", post(log::post))
        .route("/api/v1/log/{id}", changeable::<Log>())
        .route("/api/v1/log/{id}/attachments", post(log::add_attachments))
        .route(
            "/api/v1/log/{id}/attachments/{attachment}",
            delete(log::delete_attachment),
        )
        .route("/api/v1/comment/{id}", changeable::<Comment>())
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
