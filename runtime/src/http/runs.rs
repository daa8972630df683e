//! How are runs started, seen, stopped and resolved over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use synapse_domain::ids::{DeploymentName, RunId};
use synapse_domain::run::RunState;
use synapse_store::journal::Position;
use synapse_store::records::{RunFilter, RunView, Submitted};

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;
use crate::queue::Submission;

/// A run as the API shows it: the stored view, with the answer as JSON.
#[derive(Serialize)]
pub(super) struct RunBody {
    #[serde(flatten)]
    view: RunView,
    #[serde(rename = "answer", skip_serializing_if = "Option::is_none")]
    answer_json: Option<Value>,
}

impl From<RunView> for RunBody {
    fn from(mut view: RunView) -> Self {
        let answer_json = view
            .answer
            .take()
            .map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
        Self { view, answer_json }
    }
}

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
        ..Submission::json(tenant, deployment, "api", data)
    };
    let tenant = submission.tenant.clone();
    let Some(wait) = input::wait(&headers) else {
        let submitted = node.queue.submit(submission).await?;
        let view = node.store.run(&tenant, submitted.run).await?;
        // A new run is accepted, however quickly it ended: what a caller is told must not depend on who was faster.
        let done = !submitted.created && view.state.is_final();
        return Ok(answer(&submitted, view, done));
    };
    let (submitted, view) = node.queue.submit_and_wait(submission, wait).await?;
    if let Some(problem) = view.problem.as_ref().filter(|problem| problem.code == "bad-event") {
        return Err(Problem::bad(problem.message.clone()).with("run", view.id.to_string()));
    }
    let done = view.state.is_final();
    Ok(answer(&submitted, view, done))
}

/// 200 with the finished run, or 202 with the place to look for it.
fn answer(submitted: &Submitted, view: RunView, done: bool) -> Response {
    let status = if done { StatusCode::OK } else { StatusCode::ACCEPTED };
    let location = format!("/v1/tenants/{}/runs/{}", view.tenant, view.id);
    let mut response = (status, Json(RunBody::from(view))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if !submitted.created {
        response
            .headers_mut()
            .insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// Filters of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    deployment: Option<String>,
    state: Option<String>,
    before: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsRead)?;
    let wrong = |name: &str, text: &str| Problem::bad(format!("`{name}={text}` is not valid")).with("parameter", name);
    let state = query
        .state
        .as_deref()
        .map(|text| RunState::parse(text).ok_or_else(|| wrong("state", text)))
        .transpose()?;
    let before = query
        .before
        .as_deref()
        .map(|text| text.parse::<RunId>().map_err(|_| wrong("before", text)))
        .transpose()?;
    let deployment = query
        .deployment
        .as_deref()
        .map(|text| text.parse().map_err(|_| wrong("deployment", text)))
        .transpose()?;
    let limit = query.limit.unwrap_or(50).clamp(1, 100);
    let runs = node
        .store
        .runs(
            &tenant,
            RunFilter {
                deployment,
                state,
                before,
                limit,
            },
        )
        .await?;
    let next = if runs.len() == limit as usize {
        runs.last().map(|view| view.id.to_string())
    } else {
        None
    };
    let runs: Vec<_> = runs.into_iter().map(RunBody::from).collect();
    Ok(Json(json!({ "runs": runs, "next_before": next })))
}

pub(super) async fn show(
    State(node): State<Arc<Node>>,
    Path((tenant, run)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
) -> Result<Json<RunBody>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsRead)?;
    let run: RunId = run.parse()?;
    let view = match input::wait(&headers) {
        Some(wait) => node.queue.wait(&tenant, run, wait).await?,
        None => node.store.run(&tenant, run).await?,
    };
    Ok(Json(view.into()))
}

pub(super) async fn cancel(
    State(node): State<Arc<Node>>,
    Path((tenant, run)): Path<(String, String)>,
    caller: Authenticated,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsCancel)?;
    let state = node.queue.cancel(&tenant, run.parse()?, caller.name()).await?;
    let status = if state.is_final() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Json(json!({ "state": state }))))
}

/// An operator's verdict on an effect in doubt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verdict {
    call: u32,
    #[serde(default)]
    item: u32,
    verdict: VerdictKind,
    /// For `happened`: what the guest gets, as the function's JSON result.
    result: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum VerdictKind {
    Happened,
    Repeat,
    Fail,
}

pub(super) async fn resolve(
    State(node): State<Arc<Node>>,
    Path((tenant, run)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let tenant = caller.operate(&tenant)?;
    let run: RunId = run.parse()?;
    let verdict: Verdict = input::json(&headers, &body)?;
    let result = match (verdict.verdict, verdict.result) {
        (VerdictKind::Happened, Some(result)) => Some(json!({ "Ok": result }).to_string()),
        (VerdictKind::Happened, None) => {
            return Err(Problem::bad(
                "`happened` needs `result`: what the call answered, as `runs show` prints it for equal calls",
            ));
        }
        (VerdictKind::Fail, _) => Some(
            json!({ "Err": { "Other": { "code": "verdict", "message": "an operator decided that it failed" } } })
                .to_string(),
        ),
        (VerdictKind::Repeat, _) => None,
    };
    let at = Position {
        call: verdict.call,
        item: verdict.item,
    };
    node.store
        .resolve(&tenant, run, at, result, caller.name(), node.clock.now())
        .await?;
    node.queue.wake();
    Ok(StatusCode::NO_CONTENT)
}
