//! How are watched sources seen and operated over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::TenantId;
use synapse_store::sources::{ItemFilter, ItemState, SourceId};

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;
use crate::triggers::source::{Refusal, ResetTo, Wanted, shown, shown_items};

/// Items of one list unless the caller says otherwise.
const ITEMS: u32 = 100;
/// Items of a backfill, and its runs a minute, unless the caller says otherwise.
const MAX: u32 = 100;
const RATE: u32 = 6;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wrong(field, why) => Self::bad(format!("`{field}`: {why}")).with("field", field),
            Refusal::Conflict(why) => Self::new(StatusCode::CONFLICT, why),
            Refusal::Source(why) => Self::new(StatusCode::BAD_GATEWAY, format!("the source cannot be asked: {why}")),
            Refusal::Store(error) => error.into(),
        }
    }
}

type Named = Path<(String, String, String)>;

async fn found(node: &Node, tenant: &TenantId, deployment: &str, trigger: &str) -> Result<SourceId, Problem> {
    Ok(node.sources.id(tenant, &deployment.parse()?, &trigger.parse()?).await?)
}

async fn answer(node: &Node, id: &SourceId) -> Result<Json<Value>, Problem> {
    let (cursor, counts) = (node.store.cursor(id).await?, node.store.source_counts(id).await?);
    Ok(Json(shown(&cursor, &counts)))
}

pub(super) async fn cursor(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    answer(&node, &found(&node, &tenant, &deployment, &trigger).await?).await
}

/// Which items.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemsQuery {
    state: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn items(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
    Query(query): Query<ItemsQuery>,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    let id = found(&node, &tenant, &deployment, &trigger).await?;
    let state = query.state.as_deref().map(|text| {
        ItemState::parse(text)
            .ok_or_else(|| Problem::bad(format!("`state={text}` is not valid")).with("parameter", "state"))
    });
    let filter = ItemFilter {
        state: state.transpose()?,
        limit: query.limit.unwrap_or(ITEMS),
        ..ItemFilter::default()
    };
    let items = node.store.source_items(&id, filter).await?;
    Ok(Json(json!({ "items": shown_items(&items) })))
}

pub(super) async fn look(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsStart)?;
    let id = node
        .sources
        .look(&tenant, &deployment.parse()?, &trigger.parse()?)
        .await?;
    answer(&node, &id).await
}

pub(super) async fn replay(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger, item)): Path<(String, String, String, String)>,
    caller: Authenticated,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsStart)?;
    let id = found(&node, &tenant, &deployment, &trigger).await?;
    let item = node.sources.replay(&id, &item).await?;
    let shown = shown_items(&[item]).pop().unwrap_or_default();
    Ok((StatusCode::ACCEPTED, Json(shown)))
}

/// A moment: milliseconds since 1970, or `2026-11-25T08:00:00Z`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Number(u64),
    Text(String),
}

impl Moment {
    fn milliseconds(&self, field: &'static str) -> Result<Timestamp, Problem> {
        let wrong = |text: &str| {
            let why =
                format!("`{field}`: `{text}` is no moment; send milliseconds since 1970 or `2026-11-25T08:00:00Z`");
            Problem::bad(why).with("field", field)
        };
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => {
                let moment: jiff::Timestamp = text.parse().map_err(|_| wrong(text))?;
                u64::try_from(moment.as_millisecond()).map_err(|_| wrong(text))
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    to: Moment,
}

pub(super) async fn reset(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.operate(&tenant)?;
    let id = found(&node, &tenant, &deployment, &trigger).await?;
    let wanted: Reset = input::json(&headers, &body)?;
    let to = match &wanted.to {
        Moment::Text(text) if text == "now" => ResetTo::Now,
        moment => ResetTo::Moment(moment.milliseconds("to")?),
    };
    node.sources.reset(&id, to, caller.name()).await?;
    answer(&node, &id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backfill {
    since: Option<Moment>,
    max: Option<u32>,
    rate: Option<u32>,
    confirm: Option<String>,
}

pub(super) async fn backfill(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.operate(&tenant)?;
    let id = found(&node, &tenant, &deployment, &trigger).await?;
    let wanted: Backfill = input::json(&headers, &body)?;
    if let Some(token) = &wanted.confirm {
        node.sources.confirm(&id, token).await?;
        return Ok((StatusCode::ACCEPTED, answer(&node, &id).await?));
    }
    let Some(since) = &wanted.since else {
        return Err(Problem::bad("`since`: missing; since when are items imported?").with("field", "since"));
    };
    let asked = Wanted {
        since: since.milliseconds("since")?,
        max: wanted.max.unwrap_or(MAX),
        rate: wanted.rate.unwrap_or(RATE),
    };
    let offer = node.sources.offer(&id, asked, caller.name()).await?;
    Ok((StatusCode::OK, Json(offer)))
}

pub(super) async fn stop_backfill(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment, trigger)): Named,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.operate(&tenant)?;
    let id = found(&node, &tenant, &deployment, &trigger).await?;
    node.sources.stop_backfill(&id, caller.name()).await?;
    answer(&node, &id).await
}
