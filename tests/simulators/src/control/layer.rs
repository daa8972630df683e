//! What happens to a product request on its way in and out? It is logged, a fault may apply, the answer may be spoiled.

use super::{
    Control, Target, api,
    body::Received,
    fault::{Action, Lie},
    log::Request as Seen,
};
use axum::{
    Router,
    body::Bytes,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::{sync::Arc, time::Duration};

/// Bytes of a request body that are read before the product sees it. TheHive takes attachments, so this is generous.
const MAX_BODY_BYTES: u64 = 256 << 20;

/// Bytes in which the name of a SOAP operation is looked for.
const SOAP_HEAD: usize = 16 << 10;

/// What the accept loop ([`crate::serve`]) shall do to the connection instead of simply answering. Travels as a response
/// extension, so that the faults also work for routers served by something else (they then only lack these two).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionFault {
    /// Close without sending a byte.
    Drop,
    /// Reset after this many bytes of the answer.
    ResetAfter(u64),
}

/// Adds `/_sim/*` and the fault and recording layer around a product's router.
pub fn wrap(router: Router, control: Control, target: Arc<dyn Target>) -> Router {
    router
        .layer(axum::middleware::from_fn_with_state(control.clone(), around))
        .merge(api::router(control, target))
        // Every layer reads the whole body itself and enforces MAX_BODY_BYTES; axum's 2 MB default is not TheHive's limit.
        .layer(axum::extract::DefaultBodyLimit::disable())
}

async fn around(State(control): State<Control>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = Received::read(body, MAX_BODY_BYTES).await else {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "request body over the simulator's limit\n",
        )
            .into_response();
    };
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let content_type = header_value(&parts.headers, "content-type").unwrap_or_default();
    control
        .recording()
        .keep(parts.method.as_str(), &path, &content_type, body.head());
    let fault = control.faults().fire(parts.method.as_str(), &path, body.head());
    let fault_id = fault.as_ref().map(|(id, _)| *id);
    let in_flight = control.arrive(|seq| Seen {
        seq,
        time: control.now_ms(),
        method: parts.method.to_string(),
        path,
        status: None,
        headers: parts.headers.keys().map(ToString::to_string).collect(),
        organisation: header_value(&parts.headers, "x-organisation"),
        version: header_value(&parts.headers, "version"),
        operation: soap_operation(&parts.headers, body.head()),
        body_bytes: body.size(),
        fault: fault_id,
    });
    let matched = parts.extensions.get::<MatchedPath>();
    let route = soap_operation(&parts.headers, body.head()).or_else(|| matched.map(|path| path.as_str().to_owned()));
    let method = parts.method.clone();
    let mut request = Request::from_parts(parts, body.body());
    request.extensions_mut().insert(body);
    let mut response = match fault {
        None => next.run(request).await,
        Some((_, action)) => spoil(&control, action, &method, request, next).await,
    };
    // Which route that was: our own clients' tests make a table of it.
    if let Some(Ok(route)) = route.map(HeaderValue::try_from) {
        response.headers_mut().entry("x-sim-route").or_insert(route);
    }
    if response.extensions().get::<ConnectionFault>() != Some(&ConnectionFault::Drop) {
        in_flight.answered(response.status().as_u16());
    }
    response
}

fn header_value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The name of the first element in the SOAP body; all of them go to the same path.
fn soap_operation(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    header_value(headers, "content-type").filter(|kind| kind.starts_with("text/xml"))?;
    // Operations come early; large content after them is not looked at.
    let head = String::from_utf8_lossy(body.get(..SOAP_HEAD).unwrap_or(body));
    let (_, inside) = head.split_once(":Body>").or_else(|| head.split_once("<Body>"))?;
    let (_, name) = inside.split_once('<')?;
    let name = name.split(['>', '/', ' ', '\n', '\r', '\t']).next()?;
    Some(name.rsplit(':').next().unwrap_or(name).to_owned())
}

async fn spoil(control: &Control, action: Action, method: &Method, request: Request, next: Next) -> Response {
    // Performed first: a client that gives up during the delay or the hold must not undo the effect.
    let real = if action.performs() {
        Some(next.run(request).await)
    } else {
        None
    };
    if let Some(delay) = action.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    if let Some(name) = &action.hold {
        control.holds().wait(name).await;
    }
    let mut response = match real {
        Some(real) if !action.replaces() => real,
        _ => own_answer(&action, method),
    };
    for (name, value) in &action.headers {
        // Both were checked when the fault was added.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    if action.drop_response {
        response.extensions_mut().insert(ConnectionFault::Drop);
    } else if let Some(bytes) = action.reset_after_bytes {
        response.extensions_mut().insert(ConnectionFault::ResetAfter(bytes));
    }
    response
}

/// The answer the fault gives in place of the product's.
fn own_answer(action: &Action, method: &Method) -> Response {
    let status = action.status.unwrap_or(match (action.lie, method) {
        (Some(Lie::DidIt), _) => 500,
        (Some(Lie::DidNothing), &Method::POST) => 201,
        (Some(Lie::DidNothing), &Method::PATCH | &Method::PUT | &Method::DELETE) => 204,
        _ => 200,
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match (&action.raw_body, &action.body) {
        (Some(raw), _) => Bytes::from(raw.clone()),
        (None, Some(body)) => Bytes::from(body.to_string()),
        (None, None) if status == StatusCode::NO_CONTENT => Bytes::new(),
        (None, None) if status.is_success() => Bytes::from_static(b"{}"),
        (None, None) => {
            let fault = serde_json::json!({"type": "SimulatedFault", "message": format!("fault answered {status}")});
            Bytes::from(fault.to_string())
        }
    };
    let mut response = (status, body).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
