//! How are reference sets read and changed at the newer endpoints? (contract 3.5; from API 17.0 on)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::{Console, Ctx};
use super::super::error::ApiError;
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::{Row, Table};
use super::super::reference::{ENTRY, NewEntry, SET, TYPES, sees};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::{REFERENCE, REFERENCE_WRITE};

const SINCE: u32 = 17;
const SETS: &str = "/reference_data_collections/sets";
const SET_ID: &str = "/reference_data_collections/sets/{id}";
const ENTRIES: &str = "/reference_data_collections/set_entries";
const ENTRY_ID: &str = "/reference_data_collections/set_entries/{id}";
const TASK: &str = "/reference_data_collections/set_bulk_update_tasks/{id}";
const LIST: &[Param] = &[
    Param::optional("filter", Type::Text),
    Param::optional("sort", Type::Text),
];

/// Sets, their entries, and what happens to many at once.
pub const ROUTES: &[Route] = &[
    Route::new("GET", SETS, sets)
        .since(SINCE)
        .needs(REFERENCE)
        .fields(SET)
        .with(LIST)
        .ranged(),
    Route::new("POST", SETS, create)
        .since(SINCE)
        .needs(REFERENCE_WRITE)
        .fields(SET)
        .json(),
    Route::new("GET", SET_ID, set).since(SINCE).needs(REFERENCE).fields(SET),
    Route::new("DELETE", SET_ID, delete).since(SINCE).needs(REFERENCE_WRITE),
    Route::new("GET", ENTRIES, entries)
        .since(SINCE)
        .needs(REFERENCE)
        .fields(ENTRY)
        .with(LIST)
        .ranged(),
    Route::new("POST", ENTRIES, put)
        .since(SINCE)
        .needs(REFERENCE_WRITE)
        .fields(ENTRY)
        .json(),
    Route::new("PATCH", ENTRIES, bulk)
        .since(SINCE)
        .needs(REFERENCE_WRITE)
        .json(),
    Route::new("GET", ENTRY_ID, entry)
        .since(SINCE)
        .needs(REFERENCE)
        .fields(ENTRY),
    Route::new("DELETE", ENTRY_ID, remove)
        .since(SINCE)
        .needs(REFERENCE_WRITE),
    Route::new("GET", TASK, task).since(SINCE).needs(REFERENCE),
];

fn spec(columns: &'static [super::super::list::columns::Column]) -> ListSpec {
    ListSpec {
        columns,
        sort_error: Some(1012),
        newest_first: false,
    }
}

fn no_set() -> ApiError {
    let text = "The reference set does not exist.";
    ApiError::endpoint(404, 15_000, text, text)
}

fn no_entry() -> ApiError {
    let text = "The ID doesn't exist";
    ApiError::endpoint(404, 25_000, text, text)
}

fn set_view(ctx: &Ctx<'_>, call: &Call<'_>, id: i64) -> Result<Row, ApiError> {
    let reference = &ctx.console.reference;
    let set = reference.sets.get(id).ok_or_else(no_set)?;
    Ok(reference.new_view(set, call.token))
}

fn sets(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let reference = &ctx.console.reference;
    let mut table = Table::default();
    for set in reference.sets.rows() {
        table.insert(reference.new_view(set, call.token));
    }
    page(&table, &spec(SET), call, |_| true)
}

fn set(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(one(200, &set_view(ctx, call, number(call)?)?, call))
}

/// `{id}` is no `…_id`, so the framework does not check it.
fn number(call: &Call<'_>) -> Result<i64, ApiError> {
    call.segment(0).parse().map_err(|_| {
        let text = "Failed to transform user path parameter \"id\" with a content type of \"TEXT_PLAIN\"";
        ApiError::framework(422, 11, text)
    })
}

fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let body = call.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let name = text("name").unwrap_or_default();
    let kind = text("entry_type").unwrap_or_default();
    if name.is_empty() || !TYPES.contains(&kind) {
        let text = "The name or the entry type is not valid.";
        return Err(ApiError::endpoint(422, 10_001, text, text));
    }
    if ctx.console.reference.named(name).is_some() {
        let text = "A set of this name exists already.";
        return Err(ApiError::endpoint(409, 10_006, text, text));
    }
    let row = json!({
        "name": name, "element_type": kind, "timeout_type": text("expiry_type"), "time_to_live": body.get("time_to_live"),
        "namespace": text("namespace").unwrap_or("SHARED"), "description": text("description").unwrap_or(""),
    });
    let row = row.as_object().cloned().unwrap_or_default();
    let made = ctx.console.reference.make_set(&row, call.now_ms);
    let id = made.map_err(ApiError::bad_value)?;
    ctx.control.effect("POST", call.path, body, None, Some(id.to_string()));
    Ok(one(201, &set_view(ctx, call, id)?, call))
}

fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = number(call)?;
    set_view(ctx, call, id)?;
    ctx.console.reference.clear(id, false);
    let task = ctx
        .console
        .reference
        .task("Reference Data Deletion Task", call.token, call.now_ms);
    ctx.control
        .effect("DELETE", call.path, Value::Null, None, Some(id.to_string()));
    Ok(Reply::json(202, &task))
}

fn entries(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.reference.entries, &spec(ENTRY), call, |row| {
        sees(call.token, row)
    })
}

fn entry(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let found = ctx.console.reference.entries.get(number(call)?);
    let row = found.filter(|row| sees(call.token, row)).ok_or_else(no_entry)?;
    Ok(one(200, row, call))
}

/// What a body asks to add: the set, and the value as it keeps it.
fn wanted(console: &Console, body: &Value) -> Result<(i64, NewEntry), ApiError> {
    let refuse = |text: String| ApiError::endpoint(422, 20_001, "The entry body is not valid.", text);
    let set = body.get("collection_id").and_then(Value::as_i64);
    let set = set
        .filter(|id| console.reference.sets.get(*id).is_some())
        .ok_or_else(|| refuse("The collection does not exist.".to_owned()))?;
    let value = body.get("value").and_then(Value::as_str).unwrap_or_default();
    let fitting = console.reference.fitting(set, value);
    let value = fitting.ok_or_else(|| refuse(format!("The value {value} does not fit the collection.")))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let new = NewEntry {
        value,
        source: text("source"),
        notes: text("notes"),
        domain_id: body.get("domain_id").and_then(Value::as_i64),
    };
    Ok((set, new))
}

fn add(ctx: &mut Ctx<'_>, call: &Call<'_>, body: &Value) -> Result<(i64, bool), ApiError> {
    let (set, new) = wanted(ctx.console, body)?;
    let made = ctx.console.reference.put(set, new, call.now_ms);
    made.ok_or_else(|| ApiError::endpoint(500, 110_000, "An unknown server error occurred.", "too many values"))
}

fn put(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let body = call.json()?;
    let (id, new) = add(ctx, call, &body)?;
    let value = body.get("value").and_then(Value::as_str).map(ToOwned::to_owned);
    ctx.control.effect("POST", call.path, body, None, value);
    let row = ctx.console.reference.entries.get(id).ok_or_else(no_entry)?;
    Ok(one(if new { 201 } else { 200 }, row, call))
}

/// Many at once, done by a task: checked first, so that a refused call changes nothing.
fn bulk(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let body = call.json()?;
    let all = body.as_array().cloned().unwrap_or_default();
    for one in &all {
        wanted(ctx.console, one)?;
    }
    for one in &all {
        add(ctx, call, one)?;
    }
    let task = ctx
        .console
        .reference
        .task("Reference Data Bulk Update Task", call.token, call.now_ms);
    ctx.control.effect("PATCH", call.path, body, None, None);
    Ok(Reply::json(202, &task))
}

fn remove(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = number(call)?;
    let entries = &mut ctx.console.reference.entries;
    if !entries.get(id).is_some_and(|row| sees(call.token, row)) {
        return Err(no_entry());
    }
    let gone = entries.remove(id).and_then(|row| row.get("value").cloned());
    let value = gone.and_then(|value| value.as_str().map(ToOwned::to_owned));
    ctx.control.effect("DELETE", call.path, Value::Null, None, value);
    Ok(Reply::json_bytes(204, Vec::new()))
}

fn task(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    match ctx.console.reference.tasks.get(number(call)?) {
        Some(row) => Ok(Reply::json(200, row)),
        None => Err(no_entry()),
    }
}
