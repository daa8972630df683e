//! How are reference sets read and changed at the older endpoints? (contract 3.5; deprecated in 26.0, and everywhere)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::{Console, Ctx};
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, json as free, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::range::Range;
use super::super::list::table::{Row, Table};
use super::super::reference::{NewEntry, TYPES};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::{REFERENCE, REFERENCE_WRITE};

/// Fields of a set.
const COLUMNS: &[Column] = &[
    text("timeout_type"),
    text("time_to_live"),
    int("number_of_elements"),
    int("creation_time"),
    text("name"),
    text("namespace"),
    text("element_type"),
    int("collection_id"),
    free("data"),
];

/// Values of a set that is asked for without `Range` (documented).
const FIRST: usize = 20;
const ONE: &str = "/reference_data/sets/{name}";

/// Sets.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/reference_data/sets", list)
        .needs(REFERENCE)
        .fields(COLUMNS)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("POST", "/reference_data/sets", create)
        .needs(REFERENCE_WRITE)
        .fields(COLUMNS)
        .with(&[
            Param::required("name", Type::Text),
            Param::required("element_type", Type::OneOf(TYPES)),
            Param::optional("timeout_type", Type::OneOf(&["UNKNOWN", "FIRST_SEEN", "LAST_SEEN"])),
            Param::optional("time_to_live", Type::Text),
        ]),
    Route::new("GET", ONE, get).needs(REFERENCE).ranged(),
    Route::new("POST", ONE, put)
        .needs(REFERENCE_WRITE)
        .fields(COLUMNS)
        .with(&[
            Param::required("value", Type::Text),
            Param::optional("source", Type::Text),
            Param::optional("domain_id", Type::Int),
        ]),
    Route::new("DELETE", ONE, delete)
        .needs(REFERENCE_WRITE)
        .with(&[Param::optional("purge_only", Type::Bool)]),
    Route::new("DELETE", "/reference_data/sets/{name}/{value}", remove)
        .needs(REFERENCE_WRITE)
        .fields(COLUMNS)
        .with(&[Param::optional("domain_id", Type::Int)]),
    Route::new(
        "POST",
        "/reference_data/sets/bulk_load/{namespace}/{name}/{domain_id}",
        bulk_load,
    )
    .needs(REFERENCE_WRITE)
    .text_ids()
    .json(),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let reference = &ctx.console.reference;
    let mut table = Table::default();
    for set in reference.sets.rows() {
        let mut view = reference.old_view(set, call.token);
        view.insert("id".to_owned(), set.get("id").cloned().unwrap_or(Value::Null));
        table.insert(view);
    }
    let spec = ListSpec {
        columns: COLUMNS,
        sort_error: None,
        newest_first: false,
    };
    page(&table.without_id(), &spec, call, |_| true)
}

/// The set of this name; 404/1002 otherwise.
fn find(console: &Console, name: &str) -> Result<i64, ApiError> {
    console.reference.named(name).ok_or_else(|| {
        let text = "The reference set does not exist.";
        ApiError::endpoint(404, 1002, text, format!("{name} does not exist"))
    })
}

fn view(ctx: &Ctx<'_>, call: &Call<'_>, id: i64) -> Row {
    let reference = &ctx.console.reference;
    let set = reference.sets.get(id);
    set.map(|set| reference.old_view(set, call.token)).unwrap_or_default()
}

fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.param("name").unwrap_or_default();
    if ctx.console.reference.named(name).is_some() {
        let text = "The reference set could not be created, the name provided is already in use. Please change the name and try again.";
        return Err(ApiError::endpoint(
            409,
            1004,
            text,
            format!("The name {name} is already in use"),
        ));
    }
    let mut row = Row::new();
    for name in ["name", "element_type", "timeout_type", "time_to_live"] {
        row.extend(call.param(name).map(|value| (name.to_owned(), Value::from(value))));
    }
    let id = ctx
        .console
        .reference
        .make_set(&row, call.now_ms)
        .map_err(ApiError::bad_value)?;
    ctx.control
        .effect("POST", call.path, Value::Object(row), None, Some(id.to_string()));
    Ok(one(201, &view(ctx, call, id), call))
}

/// Range applies to the values; without one the first 20 come. `data` is absent when there is nothing.
fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = find(ctx.console, call.segment(0))?;
    let mut object = view(ctx, call, id);
    let values: Vec<Value> = ctx
        .console
        .reference
        .values(id, call.token)
        .map(|row| {
            let of = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
            json!({
                "last_seen": of("last_seen"), "first_seen": of("first_seen"), "source": of("source"), "value": of("value"),
                "domain_id": of("domain_id"),
            })
        })
        .collect();
    let range = call.range.unwrap_or(Range {
        first: 0,
        last: FIRST - 1,
    });
    let (cut, content_range) = Range::cut(Some(range), values.len());
    let shown = values.get(cut).unwrap_or_default();
    if !shown.is_empty() {
        object.insert("data".to_owned(), Value::from(shown.to_vec()));
    }
    Ok(Reply::json(200, &object).header("content-range", content_range))
}

fn put(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = find(ctx.console, call.segment(0))?;
    let value = call.param("value").unwrap_or_default();
    let new = NewEntry {
        value: fitting(ctx.console, id, value)?,
        source: call.param("source").map(ToOwned::to_owned),
        notes: None,
        domain_id: call.int("domain_id"),
    };
    let body = json!({ "value": new.value, "source": new.source, "domain_id": new.domain_id });
    ctx.console
        .reference
        .put(id, new, call.now_ms)
        .ok_or_else(|| ApiError::framework(500, 1020, "too many values"))?;
    ctx.control
        .effect("POST", call.path, body, None, Some(value.to_owned()));
    Ok(one(200, &view(ctx, call, id), call))
}

fn fitting(console: &Console, set: i64, value: &str) -> Result<String, ApiError> {
    console.reference.fitting(set, value).ok_or_else(|| {
        let kind = console.reference.element_type(set);
        ApiError::bad_value(format!("The value {value} is not of type {kind}"))
    })
}

fn remove(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = find(ctx.console, call.segment(0))?;
    let value = fitting(ctx.console, id, call.segment(1))?;
    let Some(entry) = ctx.console.reference.find(id, &value, call.int("domain_id")) else {
        let text = "The record does not exist in the reference set.";
        return Err(ApiError::endpoint(404, 1003, text, format!("{value} does not exist")));
    };
    ctx.console.reference.entries.remove(entry);
    ctx.control.effect("DELETE", call.path, Value::Null, None, Some(value));
    Ok(one(200, &view(ctx, call, id), call))
}

fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = find(ctx.console, call.segment(0))?;
    let purge = call.boolean("purge_only").unwrap_or(false);
    ctx.console.reference.clear(id, purge);
    let task = ctx
        .console
        .reference
        .task("Reference Data Deletion Task", call.token, call.now_ms);
    ctx.control.effect(
        "DELETE",
        call.path,
        json!({ "purge_only": purge }),
        None,
        Some(id.to_string()),
    );
    Ok(Reply::json(202, &task))
}

/// A bulk load takes every value or none.
fn bulk_load(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = find(ctx.console, call.segment(1))?;
    let domain = match call.segment(2) {
        "SHARED" => None,
        text => Some(
            text.parse()
                .map_err(|_| ApiError::bad_value("domain_id is not a number."))?,
        ),
    };
    let body = call.json()?;
    let Some(values) = body.as_array() else {
        return Err(ApiError::bad_value("The body is not a list of values."));
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let values: Vec<String> = values
        .iter()
        .map(|value| fitting(ctx.console, id, &text(value)))
        .collect::<Result<_, _>>()?;
    for value in values {
        let new = NewEntry {
            value,
            domain_id: domain,
            ..NewEntry::default()
        };
        ctx.console
            .reference
            .put(id, new, call.now_ms)
            .ok_or_else(|| ApiError::framework(500, 1020, "too many values"))?;
    }
    ctx.control.effect("POST", call.path, body, None, Some(id.to_string()));
    Ok(one(200, &view(ctx, call, id), call))
}
