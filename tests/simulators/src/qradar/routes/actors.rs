//! To whom can an offense be assigned? (contract 3.1; from API 17.0 on)

use serde_json::json;

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, text};
use super::super::list::page::{ListSpec, page};
use super::super::list::table::Table;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::seed::rows;
use super::super::tokens::OFFENSES;

const COLUMNS: &[Column] = &[int("user_id"), text("username"), text("description")];

/// Who can be assigned.
pub const ROUTES: &[Route] = &[Route::new("GET", "/siem/offenses/{offense_id}/assignable_actors", list)
    .needs(OFFENSES)
    .since(17)
    .fields(COLUMNS)
    .with(&[
        Param::optional("filter", Type::Text),
        Param::optional("sort", Type::Text),
    ])
    .ranged()];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    if ctx.console.offense(call.token, id, "").is_err() {
        let text = "No offense was found for the provided offense_id.";
        return Err(ApiError::endpoint(404, 85_101_001, text, text));
    }
    let mut table = Table::default();
    for (id, user) in (1..).zip(&ctx.console.users) {
        for row in rows([json!({ "id": id, "user_id": id, "username": user, "description": "" })]) {
            table.insert(row);
        }
    }
    let spec = ListSpec {
        columns: COLUMNS,
        sort_error: Some(1012),
        newest_first: false,
    };
    page(&table.without_id(), &spec, call, |_| true)
}
