//! Which reasons can an offense be closed for? (contract 3.3)

use serde_json::Value;

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::Row;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::{CLOSING_REASONS, OFFENSES};

/// Fields of a closing reason.
pub const COLUMNS: &[Column] = &[boolean("is_deleted"), boolean("is_reserved"), text("text"), int("id")];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: None,
    newest_first: false,
};

/// Reading closing reasons.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/siem/offense_closing_reasons", list)
        .needs(OFFENSES)
        .fields(COLUMNS)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("include_reserved", Type::Bool),
            Param::optional("include_deleted", Type::Bool),
        ])
        .ranged(),
    Route::new("GET", "/siem/offense_closing_reasons/{closing_reason_id}", get)
        .needs(OFFENSES)
        .fields(COLUMNS),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let reserved = call.boolean("include_reserved").unwrap_or(false);
    let deleted = call.boolean("include_deleted").unwrap_or(false);
    if (reserved || deleted) && !call.token.can(CLOSING_REASONS) {
        let text = "Your account is not authorized to manage closing reasons.";
        return Err(ApiError::endpoint(403, 1009, text, text));
    }
    let flag = |row: &Row, name: &str| row.get(name).and_then(Value::as_bool) == Some(true);
    page(&ctx.console.closing_reasons, &SPEC, call, |row| {
        (reserved || !flag(row, "is_reserved")) && (deleted || !flag(row, "is_deleted"))
    })
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.closing_reasons.get(id) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let text = "No closing reason was found for the provided closing_reason_id.";
            let message = format!("Closing Reason not found for closing_reason_id: {id}");
            Err(ApiError::endpoint(404, 1002, text, message))
        }
    }
}
