//! How are offenses listed and read? (contract 3.1)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, ints, text, texts};
use super::super::list::page::{ListSpec, one, page};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::OFFENSES;

/// States of an offense.
pub const STATUS: &[&str] = &["OPEN", "HIDDEN", "CLOSED"];

const RULE: &[Column] = &[
    int("id"),
    Column::new("type", Kind::Enum(&["CRE_RULE", "ADE_RULE", "BUILDING_BLOCK_RULE"])),
];
const LOG_SOURCE: &[Column] = &[text("type_name"), int("type_id"), text("name"), int("id")];

/// Fields of an offense. `description` and `source_network` are not filterable (contract 2.2).
pub const COLUMNS: &[Column] = &[
    int("username_count"),
    text("description").not_filterable(),
    Column::new("rules", Kind::Objects(RULE)),
    int("event_count"),
    int("flow_count"),
    text("assigned_to"),
    int("security_category_count"),
    boolean("follow_up"),
    ints("source_address_ids"),
    int("source_count"),
    boolean("inactive"),
    boolean("protected"),
    text("closing_user"),
    texts("destination_networks"),
    text("source_network").not_filterable(),
    int("category_count"),
    int("close_time"),
    int("remote_destination_count"),
    int("start_time"),
    int("magnitude"),
    int("last_updated_time"),
    int("credibility"),
    int("id"),
    texts("categories"),
    int("severity"),
    int("policy_category_count"),
    Column::new("log_sources", Kind::Objects(LOG_SOURCE)),
    int("closing_reason_id"),
    int("device_count"),
    int("offense_type"),
    int("relevance"),
    int("domain_id"),
    text("offense_source"),
    ints("local_destination_address_ids"),
    int("local_destination_count"),
    Column::new("status", Kind::Enum(STATUS)),
    int("first_persisted_time"),
    int("last_persisted_time"),
];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: Some(1030),
    newest_first: true,
};

/// Reading offenses.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/siem/offenses", list)
        .needs(OFFENSES)
        .fields(COLUMNS)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("sort", Type::Text),
        ])
        .ranged(),
    Route::new("GET", "/siem/offenses/{offense_id}", get)
        .needs(OFFENSES)
        .fields(COLUMNS),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let nulls = ctx.console.settings.null_domain_visible;
    page(&ctx.console.offenses, &SPEC, call, |row| {
        call.token.sees_row(row, nulls)
    })
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    // Recorded: the GET repeats the table text, the POST names the id.
    let row = ctx.console.offense(
        call.token,
        call.id(0),
        "No offense was found for the provided offense_id.",
    )?;
    Ok(one(200, row, call))
}
