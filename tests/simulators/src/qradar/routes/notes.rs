//! How are notes read and written? (contract 3.2: every POST adds one, nothing changes or deletes them)

use serde_json::json;

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::Table;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::seed::rows;
use super::super::tokens::OFFENSES;

/// Fields of a note.
pub const COLUMNS: &[Column] = &[text("note_text"), int("create_time"), int("id"), text("username")];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: None,
    newest_first: false,
};

/// Most notes per offense.
const MAX_NOTES: usize = 10_000;

/// Notes of an offense.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/siem/offenses/{offense_id}/notes", list)
        .needs(OFFENSES)
        .fields(COLUMNS)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("POST", "/siem/offenses/{offense_id}/notes", create)
        .needs(OFFENSES)
        .fields(COLUMNS)
        .with(&[Param::required("note_text", Type::Text)]),
    Route::new("GET", "/siem/offenses/{offense_id}/notes/{note_id}", get)
        .needs(OFFENSES)
        .fields(COLUMNS),
];

fn check_offense(ctx: &Ctx<'_>, call: &Call<'_>) -> Result<i64, ApiError> {
    let id = call.id(0);
    ctx.console
        .offense(call.token, id, &format!("Offense not found for offense_id: {id}"))?;
    Ok(id)
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = check_offense(ctx, call)?;
    let none = Table::default();
    page(ctx.console.notes.get(&id).unwrap_or(&none), &SPEC, call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = check_offense(ctx, call)?;
    let note = call.id(1);
    match ctx.console.notes.get(&id).and_then(|notes| notes.get(note)) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let text = "No note was found for the provided note_id.";
            Err(ApiError::endpoint(
                404,
                1003,
                text,
                format!("Note not found for note_id: {note}"),
            ))
        }
    }
}

fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = check_offense(ctx, call)?;
    let note_text = call.param("note_text").unwrap_or_default();
    let limit = ctx.console.settings.note_limit;
    if note_text.chars().count() > limit {
        return Err(ApiError::bad_value(format!(
            "note_text may not be longer than {limit} characters."
        )));
    }
    let notes = ctx.console.notes.entry(id).or_default();
    if notes.rows().count() >= MAX_NOTES {
        return Err(ApiError::endpoint(
            500,
            1020,
            "An error occurred while creating the note.",
            "too many notes",
        ));
    }
    ctx.console.last_note_id += 1;
    let note_id = ctx.console.last_note_id;
    let note = json!({
        "note_text": note_text,
        "create_time": call.now_ms,
        "id": note_id,
        "username": format!("API_user: {}", call.token.label),
    });
    for row in rows([note]) {
        notes.insert(row);
    }
    let body = json!({ "note_text": note_text });
    ctx.control
        .effect("POST", call.path, body, marker(note_text), Some(note_id.to_string()));
    let made = notes.get(note_id).map(|row| one(201, row, call));
    made.ok_or_else(|| ApiError::framework(500, 1020, "lost note"))
}

/// What clients put in a note to find it again (contract 5): a last line `synapse:…`, or `[ref:…]`.
fn marker(note_text: &str) -> Option<String> {
    let last = note_text.trim_end().lines().last().unwrap_or_default();
    if last.starts_with("synapse:") {
        return Some(last.to_owned());
    }
    let (_, after) = note_text.rsplit_once("[ref:")?;
    after.split_once(']').map(|(marker, _)| marker.to_owned())
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn the_marker_is_the_last_reference_of_the_text() {
        assert_eq!(marker("closed [ref:01A]\n[ref:01B]").as_deref(), Some("01B"));
        assert_eq!(marker("done\n\nsynapse:0123").as_deref(), Some("synapse:0123"));
        assert_eq!(marker("no reference"), None);
    }
}
