//! How does a request over HTTP become an operation? Login, envelope, impersonation, quirk, operation: in this order.

use super::{
    PATH,
    app::Exchange,
    envelope, login,
    operations::{self, Call},
    refusal::Refusal,
    store::{Message, Quirk, Site},
    xml::{self, Xml},
};
use crate::{ntlm::Guard, serve::ConnectionId};
use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Exchange reads 64 MiB of a request (contract section 4, sizes).
const MAX_REQUEST: usize = 64 << 20;

/// The product's routes, and two for tests.
pub fn router(app: Arc<Exchange>) -> Router {
    Router::new()
        .route(PATH, post(endpoint))
        // IIS does not look at the case of a path.
        .route("/ews/exchange.asmx", post(endpoint))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .route("/_sim/ews/messages", post(deliver))
        .route(
            "/_sim/ews/quirks",
            post(add_quirks).get(list_quirks).delete(clear_quirks),
        )
        .route("/_sim/ews/connections", get(connections))
        .with_state(app)
}

async fn endpoint(
    State(app): State<Arc<Exchange>>,
    connection: Option<Extension<ConnectionId>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut site = app.lock();
    let user = match login::check(&site, connection.map(|Extension(id)| id), &headers) {
        Ok(user) => user,
        Err(answer) => return *answer,
    };
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("text/xml") {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected text/xml; charset=utf-8\n").into_response();
    }
    match run(&app, &mut site, user, &body) {
        Ok(xml) => soap(StatusCode::OK, xml),
        Err((status, refusal)) => soap(status, envelope::fault(&refusal)),
    }
}

fn run(app: &Exchange, site: &mut Site, user: String, body: &[u8]) -> Result<Xml, (StatusCode, Refusal)> {
    let fault = |refusal: Refusal| (StatusCode::INTERNAL_SERVER_ERROR, refusal);
    let root = xml::parse(body).map_err(|error| fault(Refusal::schema(&error)))?;
    let asked = envelope::open(&root, &site.settings).map_err(fault)?;
    let operation = asked.operation;
    let (acting, impersonating) = match asked.impersonate {
        None => (site.owned_by(&user), false),
        Some(address) => (
            Some(impersonate(site, &user, address.map_err(fault)?).map_err(fault)?),
            true,
        ),
    };
    if let Some(quirk) = site.quirks.fire(&operation.name) {
        return go_wrong(&quirk, operation, site);
    }
    let mut call = Call {
        control: &app.control,
        user,
        acting,
        impersonating,
        version: asked.version.to_owned(),
        site,
    };
    let inside = operations::perform(&mut call, operation).map_err(fault)?;
    Ok(envelope::answer(&operation.name, inside, &site.settings))
}

fn impersonate(site: &Site, user: &str, address: &str) -> Result<usize, Refusal> {
    let at = site.at_address(address)?;
    let account = site.account(user);
    let may = account.is_some_and(|account| {
        let mut all = account.impersonates.iter();
        all.any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(address))
    });
    may.then_some(at)
        .ok_or_else(|| Refusal::of("ErrorImpersonateUserDenied"))
}

fn go_wrong(quirk: &Quirk, operation: &xml::Element, site: &Site) -> Result<Xml, (StatusCode, Refusal)> {
    if let Some(other) = &quirk.answer_of {
        return Ok(envelope::answer(
            other,
            operations::empty_success(other),
            &site.settings,
        ));
    }
    let code = quirk.code.as_deref().unwrap_or("ErrorInternalServerError");
    let mut refusal = match code {
        "ErrorServerBusy" => Refusal::busy(quirk.back_off_ms),
        code => Refusal::of(code),
    };
    if let Some(text) = &quirk.text {
        refusal.text.clone_from(text);
    }
    match quirk.fault_status {
        Some(status) => Err((
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            refusal,
        )),
        None => {
            let inside = operations::refuse_all(operation, &refusal);
            Ok(envelope::answer(&operation.name, inside, &site.settings))
        }
    }
}

fn soap(status: StatusCode, xml: Xml) -> Response {
    let mut response = (status, xml.into_body()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    headers.insert("x-feserver", HeaderValue::from_static("EXCHANGE-SIM"));
    response
}

/// `{"mailbox": ADDRESS, ...}` with the fields of a message of the state.
#[derive(Deserialize)]
struct Delivery {
    mailbox: String,
    #[serde(flatten)]
    message: serde_json::Map<String, serde_json::Value>,
}

/// New mail arrives: one message, or a list.
async fn deliver(State(app): State<Arc<Exchange>>, body: Bytes) -> Response {
    let list = match parse::<Delivery>(&body) {
        Ok(list) => list,
        Err(error) => return refuse(&error),
    };
    let now = app.control.now_ms();
    let mut site = app.lock();
    for (index, delivery) in list.into_iter().enumerate() {
        let message = serde_json::from_value::<Message>(delivery.message.into()).map_err(|error| error.to_string());
        let delivered = site
            .at_address(&delivery.mailbox)
            .map_err(|refusal| refusal.text)
            .and_then(|at| {
                let mailbox = site.mailboxes.get_mut(at).ok_or("no mailbox")?;
                message?.deliver(mailbox, now)
            });
        if let Err(error) = delivered {
            return refuse(&format!("messages[{index}]: {error}"));
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn connections(State(app): State<Arc<Exchange>>) -> Response {
    Json(app.lock().guard.as_ref().map(Guard::seen).unwrap_or_default()).into_response()
}

/// Adds one quirk, or a list.
async fn add_quirks(State(app): State<Arc<Exchange>>, body: Bytes) -> Response {
    let added = parse::<Quirk>(&body).and_then(|list| {
        let mut site = app.lock();
        list.into_iter().try_for_each(|quirk| site.quirks.add(quirk))
    });
    match added {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(&error),
    }
}

async fn list_quirks(State(app): State<Arc<Exchange>>) -> Response {
    Json(app.lock().quirks.list()).into_response()
}

async fn clear_quirks(State(app): State<Arc<Exchange>>) -> StatusCode {
    app.lock().quirks.clear();
    StatusCode::NO_CONTENT
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, String> {
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let list = if value.is_array() { value } else { json!([value]) };
    serde_json::from_value(list).map_err(|error| error.to_string())
}

fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}
