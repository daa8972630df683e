//! Which reasons can an offense be closed for? (contract 3.3)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::Row;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::seed::rows;
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
    Route::new("POST", "/siem/offense_closing_reasons", create)
        .needs(CLOSING_REASONS)
        .fields(COLUMNS)
        .with(&[Param::required("reason", Type::Text)]),
];

/// A new reason of 5 to 60 characters; the customer's own begin at about 54.
fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let reason = call.param("reason").unwrap_or_default();
    let reasons = &mut ctx.console.closing_reasons;
    if !(5..=60).contains(&reason.chars().count()) {
        return Err(ApiError::bad_value("reason must have 5 to 60 characters."));
    }
    let same = |row: &Row| row.get("text").and_then(Value::as_str) == Some(reason);
    if reasons.rows().any(same) {
        let text = "A closing reason with this text exists already.";
        return Err(ApiError::endpoint(409, 1004, text, text));
    }
    let id = reasons.last_id().max(53) + 1;
    let row = json!({ "is_deleted": false, "is_reserved": false, "text": reason, "id": id });
    for row in rows([row]) {
        reasons.insert(row);
    }
    ctx.control.effect(
        "POST",
        call.path,
        json!({ "reason": reason }),
        None,
        Some(id.to_string()),
    );
    let made = ctx.console.closing_reasons.get(id).map(|row| one(201, row, call));
    made.ok_or_else(|| ApiError::framework(500, 1020, "lost closing reason"))
}

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
