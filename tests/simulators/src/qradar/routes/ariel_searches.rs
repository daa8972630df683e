//! How are Ariel searches created, watched, cancelled and deleted? (contract 3.4)

use serde_json::{Map, Value, json};

use super::super::aql::ast::Query;
use super::super::aql::condition::offenses;
use super::super::aql::functions::Scope;
use super::super::aql::run::{Run, run};
use super::super::aql::{parser, resolve};
use super::super::call::Call;
use super::super::console::{Console, Ctx};
use super::super::error::ApiError;
use super::super::list::columns::{Column, boolean, int, json as free, text};
use super::super::list::fields::{array, json as write_json};
use super::super::list::page::one;
use super::super::list::range::Range;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::search::{Search, Status};
use super::super::tokens::{LOG_ACTIVITY, Token};
use super::saved_searches;

/// Fields of a search.
const COLUMNS: &[Column] = &[
    text("cursor_id"),
    text("status"),
    int("compressed_data_file_count"),
    int("compressed_data_total_size"),
    int("data_file_count"),
    int("data_total_size"),
    int("index_file_count"),
    int("index_total_size"),
    int("processed_record_count"),
    int("desired_retention_time_msec"),
    int("progress"),
    free("progress_details"),
    int("query_execution_time"),
    text("query_string"),
    int("record_count"),
    int("size_on_disk"),
    boolean("save_results"),
    boolean("completed"),
    free("subsearch_ids"),
    free("snapshot"),
    text("search_id"),
    free("error_messages"),
];

const CREATE: &[Param] = &[
    Param::optional("query_expression", Type::Text),
    Param::optional("saved_search_id", Type::Int),
];
const UPDATE: &[Param] = &[
    Param::optional("status", Type::OneOf(&["CANCELED"])),
    Param::optional("save_results", Type::Bool),
];
const ONE: &str = "/ariel/searches/{search_id}";

/// Searches.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/ariel/searches", list).needs(LOG_ACTIVITY).ranged(),
    Route::new("POST", "/ariel/searches", create)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS)
        .with(CREATE),
    Route::new("GET", ONE, get)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS)
        .text_ids(),
    Route::new("POST", ONE, update)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS)
        .with(UPDATE)
        .text_ids(),
    Route::new("DELETE", ONE, delete)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS)
        .text_ids(),
];

/// A search the caller may see: its own, or any for an administrator.
pub(super) fn find<'a>(console: &'a mut Console, token: &Token, id: &str) -> Result<&'a mut Search, ApiError> {
    let mine = |search: &&mut Search| token.is_admin() || search.owner == token.token;
    console.searches.get_mut(id).filter(mine).ok_or_else(|| {
        ApiError::endpoint(
            404,
            1002,
            "The search does not exist.",
            format!("Query {id} does not exist"),
        )
    })
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    ctx.console.searches.expire(call.now_ms);
    let mine = |search: &&Search| call.token.is_admin() || search.owner == call.token.token;
    let ids: Vec<&str> = ctx
        .console
        .searches
        .all()
        .filter(mine)
        .map(|search| search.id.as_str())
        .collect();
    let (cut, content_range) = Range::cut(call.range, ids.len());
    let mut body = Vec::new();
    array(&mut body, ids.get(cut).unwrap_or_default().iter(), |out, id| {
        write_json(out, id);
    });
    Ok(Reply::json_bytes(200, body).header("content-range", content_range))
}

fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let saved;
    let text = match (call.param("query_expression"), call.int("saved_search_id")) {
        (Some(text), None) => text,
        (None, Some(id)) => {
            saved = saved_searches::query(ctx.console, call.token, id)?;
            saved.as_str()
        }
        _ => return Err(ApiError::bad_value("Exactly one parameter is required.")),
    };
    let console = &mut *ctx.console;
    if console.searches.ariel.busy > 0 {
        console.searches.ariel.busy -= 1;
        let text = "The Ariel server might be temporarily unavailable or offline. Please try again later.";
        return Err(ApiError::endpoint(503, 1010, text, text));
    }
    let query = understand(console, call.token, text)?;
    console.searches.expire(call.now_ms);
    let id = match &query.into {
        Some(name) if console.searches.get(name).is_some() => {
            let description = "The search could not be created, the requested search ID provided in the query expression is already in use. Please use a unique search ID and try again.";
            return Err(ApiError::endpoint(
                409,
                1004,
                description,
                format!("Cursor id {name} is already in use"),
            ));
        }
        Some(name) => name.clone(),
        None => {
            if let Some(same) = console.searches.identical(&call.token.token, text, call.now_ms) {
                return Ok(one(201, &same.row(), call));
            }
            console.searches.fresh_id()
        }
    };
    let marker = query.into.clone();
    let search = Search::new(
        id.clone(),
        call.token.token.clone(),
        text.to_owned(),
        query,
        call.now_ms,
    );
    if console.searches.add(search).is_none() {
        let text = "Too many searches are running. Please try again later.";
        return Err(ApiError::endpoint(503, 1010, text, text));
    }
    advance(console, call, &id, false);
    ctx.control.effect(
        "POST",
        call.path,
        json!({ "query_expression": text }),
        marker,
        Some(id.clone()),
    );
    let search = find(ctx.console, call.token, &id)?;
    Ok(one(201, &search.row(), call))
}

/// Parses and checks a query as the caller; 422/2000 otherwise.
pub(super) fn understand(console: &Console, token: &Token, text: &str) -> Result<Query, ApiError> {
    let mut query = parser::parse(text)?;
    let store = console.store(&query.table);
    resolve::resolve(&mut query, &store.catalog)?;
    let mut mentioned = Vec::new();
    if let Some(condition) = &query.condition {
        offenses(condition, &mut mentioned);
    }
    for id in mentioned {
        if console.offense(token, id, "").is_err() {
            return Err(ApiError::aql(format!("InOffense function: Error loading Offense {id}")));
        }
    }
    Ok(query)
}

/// Moves a search on and computes its results when it ends.
fn advance(console: &mut Console, call: &Call<'_>, id: &str, polled: bool) {
    let ariel = console.searches.ariel;
    let Some(search) = console.searches.get_mut(id) else {
        return;
    };
    if !search.advance(&ariel, call.now_ms, polled) || search.status == Status::Error {
        return;
    }
    let (query, owner, created_ms) = (search.query.clone(), search.owner.clone(), search.created_ms);
    let partial = search.status == Status::Canceled;
    let (mut rows, processed) = results(console, &query, &owner, created_ms);
    if partial {
        rows.truncate(rows.len() / 2);
    }
    if let Some(search) = console.searches.get_mut(id) {
        search.rows = rows;
        search.processed = processed;
    }
}

fn results(console: &Console, query: &Query, owner: &str, now_ms: i64) -> (Vec<Map<String, Value>>, usize) {
    let owner = console.tokens.iter().find(|token| token.token == owner);
    let domain_name = |id: i64| match console.domains.get(id).and_then(|row| row.get("name")?.as_str()) {
        None | Some("") => "Default Domain".to_owned(),
        Some(name) => name.to_owned(),
    };
    let scope = Scope {
        catalog: &console.store(&query.table).catalog,
        domain_name: &domain_name,
    };
    let what = Run {
        events: console.store(&query.table),
        scope,
        now_ms,
        index_delay_ms: console.settings.event_index_delay_ms,
        domains: owner.map_or(Some(&[][..]), |token| token.domain_ids.as_deref()),
    };
    run(query, &what)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.segment(0);
    ctx.console.searches.expire(call.now_ms);
    find(ctx.console, call.token, id)?;
    advance(ctx.console, call, id, !call.again);
    let by_time = ctx.console.searches.ariel.done_after_ms.is_some();
    let search = find(ctx.console, call.token, id)?;
    let Some(wait_s) = call.prefer_wait_s else {
        return Ok(one(200, &search.row(), call));
    };
    if search.status.ended() {
        return Ok(one(200, &search.row(), call));
    }
    let mut reply = one(206, &search.row(), call);
    if by_time {
        // Counted in polls, a waiting poll is one poll and its wait expires at once.
        reply.again_until = Some(call.arrived_ms + wait_s.clamp(0, MAX_WAIT_S) * 1000);
    }
    Ok(reply)
}

/// Longest `Prefer: wait`, seconds.
const MAX_WAIT_S: i64 = 120;

fn update(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.segment(0);
    let search = find(ctx.console, call.token, id)?;
    let mut changes = Map::new();
    if call.param("status").is_some() {
        changes.insert("status".to_owned(), Value::from("CANCELED"));
    }
    if let Some(save) = call.boolean("save_results") {
        changes.insert("save_results".to_owned(), Value::from(save));
        search.save_results = save;
    }
    if changes.is_empty() {
        return Err(ApiError::bad_value("At least one parameter is required."));
    }
    if changes.contains_key("status") && !search.status.ended() {
        search.cancel(call.now_ms);
        // Cancel keeps what was found so far.
        let (query, owner, created_ms, progress) = (
            search.query.clone(),
            search.owner.clone(),
            search.created_ms,
            usize::from(search.progress),
        );
        let (mut rows, processed) = results(ctx.console, &query, &owner, created_ms);
        rows.truncate(rows.len() * progress / 100);
        let search = find(ctx.console, call.token, id)?;
        search.rows = rows;
        search.processed = processed;
    }
    ctx.control
        .effect("POST", call.path, Value::Object(changes), None, Some(id.to_owned()));
    let search = find(ctx.console, call.token, id)?;
    Ok(one(200, &search.row(), call))
}

fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.segment(0);
    let row = find(ctx.console, call.token, id)?.row();
    ctx.console.searches.remove(id);
    ctx.control
        .effect("DELETE", call.path, Value::Null, None, Some(id.to_owned()));
    Ok(one(202, &row, call))
}
