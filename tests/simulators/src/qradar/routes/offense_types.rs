//! What is an offense about: IP, user, host …? (contract 3.3)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::OFFENSES;

/// Fields of an offense type.
pub const COLUMNS: &[Column] = &[
    text("property_name"),
    Column::new("database_type", Kind::Enum(&["EVENTS", "FLOWS", "COMMON"])),
    int("id"),
    text("name"),
    boolean("custom"),
];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: Some(1012),
    newest_first: false,
};

/// Reading offense types.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/siem/offense_types", list)
        .needs(OFFENSES)
        .fields(COLUMNS)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("sort", Type::Text),
        ])
        .ranged(),
    Route::new("GET", "/siem/offense_types/{offense_type_id}", get)
        .needs(OFFENSES)
        .fields(COLUMNS),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.offense_types, &SPEC, call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.offense_types.get(id) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let text = "No offense type was found for the provided offense_type_id.";
            Err(ApiError::endpoint(
                404,
                1002,
                text,
                format!("Offense Type not found for offense_type_id: {id}"),
            ))
        }
    }
}
