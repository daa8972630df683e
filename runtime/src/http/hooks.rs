//! How does TheHive tell what happened? One URL per connection, answered as soon as the event is durable.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use synapse_store::deliveries::{Delivered, DeliveryState};

use super::compat;
use super::problem::Problem;
use crate::node::Node;
use crate::triggers::webhook::Refusal;

/// Largest payload: 5 sends the object up to four times, with texts of up to 1 MiB. What is kept of it is as small as any input.
const PAYLOAD_BYTES: usize = 8 << 20;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Stranger => Self::new(
                StatusCode::UNAUTHORIZED,
                "these are not the credentials, or this is not the address, that this URL is configured for",
            ),
            Refusal::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many events of this connection at once; nothing was recorded",
            )
            .header(header::RETRY_AFTER, "10"),
            Refusal::Full => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many events of this connection wait to be decided or started; nothing was recorded",
            )
            .header(header::RETRY_AFTER, "10"),
            Refusal::NotJson(why) => Self::bad(format!("the body is not JSON: {why}")),
            Refusal::TooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the event is larger than 1 MiB even without the object that it is about; nothing was recorded",
            ),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// `POST /t/{tenant}/hooks/thehive/{connection}`
pub(super) async fn receive(
    State(node): State<Arc<Node>>,
    Path((tenant, connection)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    take(&node, &tenant, &connection, None, request).await
}

/// `POST /t/{tenant}/hooks/thehive/{connection}/{secret}`
pub(super) async fn receive_secret(
    State(node): State<Arc<Node>>,
    Path((tenant, connection, secret)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    take(&node, &tenant, &connection, Some(&secret), request).await
}

async fn take(
    node: &Arc<Node>,
    tenant: &str,
    connection: &str,
    secret: Option<&str>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address: Option<IpAddr> = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
    let admitted = node
        .hooks
        .admit(tenant, connection, address, &parts.headers, secret)
        .await?;
    let body = read(body).await?;
    let delivered = node.hooks.receive(&admitted, &body).await?;
    let status = if delivered.created {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    let mut answer = told(&delivered);
    if !delivered.created
        && let Some(answer) = answer.as_object_mut()
    {
        answer.insert("duplicate".into(), Value::Bool(true));
    }
    Ok((status, Json(answer)).into_response())
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, PAYLOAD_BYTES).await.map_err(|error| {
        let detail = format!("the body cannot be read, or has more than {PAYLOAD_BYTES} bytes: {error}");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })
}

fn told(delivered: &Delivered) -> Value {
    let mut answer = json!({ "event": delivered.id.to_string(), "state": delivered.state });
    if let Some(answer) = answer.as_object_mut() {
        if let Some(reason) = &delivered.reason {
            answer.insert("reason".into(), json!(reason));
        }
        if !delivered.runs.is_empty() {
            let runs: Vec<_> = delivered.runs.iter().map(ToString::to_string).collect();
            answer.insert("runs".into(), json!(runs));
        }
    }
    answer
}

/// `POST /webhook`: the original's one URL. It said `success` for whatever it did not know (D07); here an event that nobody wants is
/// none. TheHive 3 and 4 log an answer of 400 or more and forget it, so every event that was recorded is 200.
pub(super) async fn compat_receive(State(node): State<Arc<Node>>, request: Request) -> Result<Json<Value>, Problem> {
    let settings = node.config.compat.clone().ok_or_else(Problem::not_found)?;
    let connection = settings.webhook.clone().ok_or_else(Problem::not_found)?;
    let (mut parts, body) = request.into_parts();
    compat::admit(&node, &settings, &mut parts).await?;
    let admitted = node.hooks.admit_compat(&settings.tenant, &connection).await?;
    let body = read(body).await?;
    let delivered = node.hooks.receive(&admitted, &body).await?;
    let taken = delivered.state != DeliveryState::Ignored;
    let mut answer = told(&delivered);
    if let Some(answer) = answer.as_object_mut() {
        let action = if taken { "run" } else { "None" };
        answer.insert("action".into(), json!(action));
        answer.insert("success".into(), json!(taken));
    }
    Ok(Json(answer))
}
