//! Which searches did somebody save? (contract 3.3, 3.4)

use serde_json::Value;

use super::super::call::Call;
use super::super::console::{Console, Ctx};
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::Row;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::{LOG_ACTIVITY, OFFENSES, Token};

/// Fields of a saved Ariel search.
pub const COLUMNS: &[Column] = &[
    int("id"),
    text("uid"),
    text("name"),
    Column::new("database", Kind::Enum(&["EVENTS", "FLOWS", "ASSETS"])),
    text("aql"),
    text("owner"),
    text("description"),
    boolean("is_shared"),
    boolean("is_aggregate"),
    boolean("is_dashboard"),
    boolean("is_default"),
    boolean("is_quick_search"),
    int("creation_date"),
    int("modified_date"),
];

/// Fields of a saved search over offenses: names only.
pub const OFFENSE: &[Column] = &[int("id"), text("name"), text("owner")];

const FILTER: &[Param] = &[Param::optional("filter", Type::Text)];

/// Saved searches.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/ariel/saved_searches", list)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS)
        .with(FILTER)
        .ranged(),
    Route::new("GET", "/ariel/saved_searches/{id}", get)
        .needs(LOG_ACTIVITY)
        .fields(COLUMNS),
    Route::new("GET", "/siem/offense_saved_searches", offense_searches)
        .needs(OFFENSES)
        .fields(OFFENSE)
        .with(FILTER)
        .ranged(),
];

fn spec(columns: &'static [Column]) -> ListSpec {
    ListSpec {
        columns,
        sort_error: None,
        newest_first: false,
    }
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.saved_searches, &spec(COLUMNS), call, |_| true)
}

fn offense_searches(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.offense_saved_searches, &spec(OFFENSE), call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    find(ctx.console, id).map(|row| one(200, row, call))
}

fn find(console: &Console, id: i64) -> Result<&Row, ApiError> {
    console.saved_searches.get(id).ok_or_else(|| {
        let message = format!("No Saved Search found with id: {id}");
        ApiError::endpoint(404, 1002, "The Ariel saved search does not exist.", message)
    })
}

/// The query of a saved search that is to be run.
pub fn query(console: &Console, _token: &Token, id: i64) -> Result<String, ApiError> {
    let row = find(console, id)?;
    let aql = row.get("aql").and_then(Value::as_str);
    aql.map(ToOwned::to_owned)
        .ok_or_else(|| ApiError::bad_value("The saved search cannot be run."))
}
