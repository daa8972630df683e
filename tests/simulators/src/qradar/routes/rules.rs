//! What are the rules called? (contract 3.6: exactly these 14 fields)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::RULES;

/// Fields of a rule.
pub const COLUMNS: &[Column] = &[
    text("owner"),
    text("identifier"),
    int("base_host_id"),
    int("capacity_timestamp"),
    Column::new("origin", Kind::Enum(&["SYSTEM", "OVERRIDE", "USER"])),
    int("creation_date"),
    Column::new("type", Kind::Enum(&["EVENT", "FLOW", "COMMON", "OFFENSE"])),
    boolean("enabled"),
    int("modification_date"),
    text("linked_rule_identifier"),
    text("name"),
    int("average_capacity"),
    int("id"),
    int("base_capacity"),
];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: None,
    newest_first: false,
};

/// Reading rules.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/analytics/rules", list)
        .needs(RULES)
        .fields(COLUMNS)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("GET", "/analytics/rules/{rule_id}", get)
        .needs(RULES)
        .fields(COLUMNS),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.rules, &SPEC, call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.rules.get(id) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let message = format!("No Custom Rule found with id: {id}");
            Err(ApiError::endpoint(404, 1002, "The rule does not exist.", message))
        }
    }
}
