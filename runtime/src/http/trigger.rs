//! How do a tenant's own systems start a workflow? One URL per deployment; the answer is the workflow's own.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use synapse_domain::ids::DeploymentName;
use synapse_domain::run::RunState;
use synapse_store::records::RunView;

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;
use crate::queue::Submission;

/// How long a caller waits who does not say how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

pub(super) async fn start(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsStart)?;
    let deployment: DeploymentName = deployment.parse()?;
    let data = input::event_data(&headers, &body)?;
    let submission = Submission {
        idempotency: input::idempotency(&headers, deployment.as_str(), &data)?,
        ..Submission::json(tenant, deployment, "http", data)
    };
    let wait = input::wait(&headers).unwrap_or(DEFAULT_WAIT);
    let (_, view) = node.queue.submit_and_wait(submission, wait).await?;
    answer(view)
}

/// The workflow's own answer, or where to look for it, or why there is none.
pub(super) fn answer(view: RunView) -> Result<Response, Problem> {
    let run = view.id.to_string();
    let location = format!("/v1/tenants/{}/runs/{run}", view.tenant);
    let mut response = match (view.state, view.answer, view.problem) {
        (RunState::Succeeded | RunState::Partial, Some(answer), _) => {
            ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
        }
        (state, _, Some(problem)) if state.is_final() => {
            let status = match problem.code.as_str() {
                "bad-event" => StatusCode::BAD_REQUEST,
                "cancelled" => StatusCode::CONFLICT,
                _ => StatusCode::BAD_GATEWAY,
            };
            let told = Problem::new(status, problem.message)
                .with("code", problem.code)
                .with("run", run);
            return Err(told.with("state", state.as_str()));
        }
        (state, _, _) => (StatusCode::ACCEPTED, Json(json!({ "run": run, "state": state }))).into_response(),
    };
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if let Ok(run) = HeaderValue::from_str(&run) {
        response.headers_mut().insert("synapse-run", run);
    }
    Ok(response)
}
