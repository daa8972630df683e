//! What may be changed on an offense, and what is refused? (contract 3.1 and 5)

use serde_json::{Map, Value};

use super::super::call::Call;
use super::super::console::{Ctx, floor_second};
use super::super::error::ApiError;
use super::super::list::page::one;
use super::super::list::table::Row;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::{ASSIGN, OFFENSES};
use super::offenses::{COLUMNS, STATUS};

const PARAMS: &[Param] = &[
    Param::optional("status", Type::OneOf(STATUS)),
    Param::optional("closing_reason_id", Type::Int),
    Param::optional("assigned_to", Type::Text),
    Param::optional("follow_up", Type::Bool),
    Param::optional("protected", Type::Bool),
];

/// Changing offenses.
pub const ROUTES: &[Route] = &[Route::new("POST", "/siem/offenses/{offense_id}", update)
    .needs(OFFENSES)
    .fields(COLUMNS)
    .with(PARAMS)];

fn update(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    let offense = ctx
        .console
        .offense(call.token, id, &format!("Offense not found for offense_id: {id}"))?;
    let closed = is(offense, "CLOSED");
    let changes = changes(ctx, call, closed)?;
    if changes.is_empty() {
        let same = ctx.console.offense(call.token, id, "")?;
        return Ok(one(200, same, call));
    }
    let label = format!("API_user: {}", call.token.label);
    let persisted_ms = call.now_ms + ctx.console.settings.persist_delay_ms;
    let Some(row) = ctx.console.offenses.get_mut(id) else {
        return Err(ApiError::framework(500, 1020, "lost offense"));
    };
    for (name, value) in &changes {
        row.insert(name.clone(), value.clone());
    }
    if !closed && is(row, "CLOSED") {
        row.insert("close_time".to_owned(), Value::from(floor_second(call.now_ms)));
        row.insert("closing_user".to_owned(), Value::from(label));
        row.insert("inactive".to_owned(), Value::from(true));
    }
    if persisted_ms <= call.now_ms {
        row.insert(
            "last_persisted_time".to_owned(),
            Value::from(floor_second(persisted_ms)),
        );
    } else {
        ctx.console.persisting.push_back((persisted_ms, id));
    }
    ctx.control
        .effect("POST", call.path, Value::Object(changes), None, Some(id.to_string()));
    let row = ctx.console.offense(call.token, id, "")?;
    Ok(one(200, row, call))
}

/// Checks every given parameter before any is applied: a refused call changes nothing.
fn changes(ctx: &Ctx<'_>, call: &Call<'_>, closed: bool) -> Result<Row, ApiError> {
    let mut changes = Map::new();
    if let Some(user) = call.param("assigned_to") {
        if !call.token.can(ASSIGN) {
            let description = "Your account is not authorized to assign offenses.";
            return Err(ApiError::endpoint(
                403,
                1009,
                description,
                "User may not assign offenses",
            ));
        }
        if !ctx.console.users.iter().any(|known| known == user) {
            return Err(ApiError::bad_value(format!(
                "assigned_to value {user} is not a valid user."
            )));
        }
        changes.insert("assigned_to".to_owned(), Value::from(user));
    }
    let reason = call.int("closing_reason_id");
    match call.param("status").map(str::trim) {
        Some("CLOSED") if closed && ctx.console.settings.second_close == 200 => {}
        Some(_) if closed => {
            let text = "Request cannot be completed due to the state of the offense.";
            return Err(ApiError::endpoint(409, 1008, text, text));
        }
        Some("CLOSED") => {
            let Some(reason) = reason else {
                return Err(ApiError::bad_value(
                    "closing_reason_id must be provided when closing an offense.",
                ));
            };
            let usable = |row: &Row| {
                ["is_deleted", "is_reserved"]
                    .iter()
                    .all(|flag| row.get(*flag).and_then(Value::as_bool) != Some(true))
            };
            if !ctx.console.closing_reasons.get(reason).is_some_and(usable) {
                let text = format!("closing_reason_id value {reason} is not a valid closing reason.");
                return Err(ApiError::bad_value(text));
            }
            changes.insert("status".to_owned(), Value::from("CLOSED"));
            changes.insert("closing_reason_id".to_owned(), Value::from(reason));
        }
        other => {
            // Not established; a strict answer finds clients that believe they closed something.
            if reason.is_some() {
                let text = "closing_reason_id may only be provided when closing an offense.";
                return Err(ApiError::bad_value(text));
            }
            if let Some(status) = other {
                changes.insert("status".to_owned(), Value::from(status));
            }
        }
    }
    for flag in ["follow_up", "protected"] {
        if let Some(value) = call.boolean(flag) {
            changes.insert(flag.to_owned(), Value::from(value));
        }
    }
    Ok(changes)
}

fn is(row: &Row, status: &str) -> bool {
    row.get("status").and_then(Value::as_str) == Some(status)
}
