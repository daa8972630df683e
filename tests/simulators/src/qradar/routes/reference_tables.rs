//! How are reference maps, maps of sets and tables read? (contract 3.5)

use serde_json::{Map, Value};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, text};
use super::super::list::page::{ListSpec, page};
use super::super::list::range::Range;
use super::super::list::table::{Row, Table};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::REFERENCE;

const COLUMNS: &[Column] = &[
    text("timeout_type"),
    text("time_to_live"),
    int("number_of_elements"),
    int("creation_time"),
    text("name"),
    text("namespace"),
    text("element_type"),
    text("key_label"),
    text("value_label"),
];

/// Keys of an object that is asked for without `Range` (documented).
const FIRST: usize = 20;
const FILTER: &[Param] = &[Param::optional("filter", Type::Text)];

/// Maps and tables.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/reference_data/maps", |ctx, call| list(ctx, call, "maps"))
        .needs(REFERENCE)
        .fields(COLUMNS)
        .with(FILTER)
        .ranged(),
    Route::new("GET", "/reference_data/maps/{name}", |ctx, call| get(ctx, call, "maps"))
        .needs(REFERENCE)
        .ranged(),
    Route::new("GET", "/reference_data/map_of_sets", |ctx, call| {
        list(ctx, call, "map_of_sets")
    })
    .needs(REFERENCE)
    .fields(COLUMNS)
    .with(FILTER)
    .ranged(),
    Route::new("GET", "/reference_data/map_of_sets/{name}", |ctx, call| {
        get(ctx, call, "map_of_sets")
    })
    .needs(REFERENCE)
    .ranged(),
    Route::new("GET", "/reference_data/tables", |ctx, call| list(ctx, call, "tables"))
        .needs(REFERENCE)
        .fields(COLUMNS)
        .with(FILTER)
        .ranged(),
    Route::new("GET", "/reference_data/tables/{name}", |ctx, call| {
        get(ctx, call, "tables")
    })
    .needs(REFERENCE)
    .ranged(),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>, kind: &'static str) -> Result<Reply, ApiError> {
    let mut table = Table::default();
    let all = ctx.console.reference.tables.get(kind).into_iter().flatten();
    for (id, (_, object)) in (1i64..).zip(all) {
        let mut row = without_data(object);
        row.insert("id".to_owned(), id.into());
        table.insert(row);
    }
    let spec = ListSpec {
        columns: COLUMNS,
        sort_error: None,
        newest_first: false,
    };
    page(&table.without_id(), &spec, call, |_| true)
}

fn without_data(object: &Row) -> Row {
    let mut row = object.clone();
    let data = row.remove("data");
    row.entry("number_of_elements")
        .or_insert_with(|| data.map_or(0, |data| leaves(&data)).into());
    row
}

/// How many values there are, however deep.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(object) if object.get("value").is_some_and(|value| !value.is_object()) => 1,
        Value::Object(object) => object.values().map(leaves).sum(),
        Value::Array(elements) => elements.iter().map(leaves).sum(),
        _ => 0,
    }
}

/// Range applies to the keys; without one the first 20 come.
fn get(ctx: &mut Ctx<'_>, call: &Call<'_>, kind: &'static str) -> Result<Reply, ApiError> {
    let name = call.segment(0);
    let found = ctx.console.reference.tables.get(kind).and_then(|named| named.get(name));
    let Some(object) = found else {
        let text = "The reference data collection does not exist.";
        return Err(ApiError::endpoint(404, 1002, text, format!("{name} does not exist")));
    };
    let none = Map::new();
    let data = object.get("data").and_then(Value::as_object).unwrap_or(&none);
    let range = call.range.unwrap_or(Range {
        first: 0,
        last: FIRST - 1,
    });
    let (cut, content_range) = Range::cut(Some(range), data.len());
    let shown: Map<String, Value> = data
        .iter()
        .skip(cut.start)
        .take(cut.len())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut answer = without_data(object);
    answer.insert("data".to_owned(), Value::Object(shown));
    Ok(Reply::json(200, &answer).header("content-range", content_range))
}
