//! How does the API describe itself? (contract 1.2 and 3.6; clients choose versions and build methods from it)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, boolean, int, json as free, text};
use super::super::list::page::{ListSpec, page};
use super::super::list::table::{Row, Table};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::seed::rows;

const VERSION: &[Column] = &[
    int("id"),
    boolean("deprecated"),
    free("root_resource_ids"),
    boolean("removed"),
    text("version"),
];
const RESOURCE: &[Column] = &[int("id"), text("path"), text("version")];
const ENDPOINT: &[Column] = &[
    int("id"),
    text("http_method"),
    text("path"),
    text("version"),
    boolean("deprecated"),
];
const FILTER: &[Param] = &[Param::optional("filter", Type::Text)];

/// `/help/*`
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/help/versions", versions)
        .fields(VERSION)
        .with(FILTER)
        .ranged(),
    Route::new("GET", "/help/resources", resources)
        .fields(RESOURCE)
        .with(FILTER)
        .ranged(),
    Route::new("GET", "/help/endpoints", endpoints)
        .fields(ENDPOINT)
        .with(FILTER)
        .ranged(),
];

fn answer(found: Vec<Row>, columns: &'static [Column], call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut table = Table::default();
    for row in found {
        table.insert(row);
    }
    page(
        &table,
        &ListSpec {
            columns,
            sort_error: None,
            newest_first: false,
        },
        call,
        |_| true,
    )
}

fn versions(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    answer(ctx.console.versions.rows(), VERSION, call)
}

fn resources(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let version = ctx.console.versions.newest();
    let mut roots: Vec<&str> = ctx
        .console
        .routes
        .iter()
        .filter_map(|route| route.path.split('/').nth(1))
        .collect();
    roots.dedup();
    let row = |(id, root): (i64, &str)| json!({ "id": id, "path": format!("/{root}"), "version": version });
    answer((1..).zip(roots).map(row).filter_map(object).collect(), RESOURCE, call)
}

fn endpoints(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let version = ctx.console.versions.newest();
    let row = |(id, route): (i64, &&'static Route)| json!({ "id": id, "http_method": route.method, "path": route.path, "version": version, "deprecated": false });
    answer(
        (1..).zip(&ctx.console.routes).map(row).filter_map(object).collect(),
        ENDPOINT,
        call,
    )
}

fn object(value: Value) -> Option<Row> {
    rows([value]).pop()
}
