//! Where do events come from? (contract 3.6)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, ints, json, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::{Row, Table};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::LOG_SOURCES;

const PARAMETER: &[Column] = &[text("name"), int("id"), text("value")];
const STATUS: &[Column] = &[int("last_updated"), json("messages"), text("status")];

/// Fields of a log source.
pub const COLUMNS: &[Column] = &[
    text("sending_ip"),
    boolean("internal"),
    Column::new("protocol_parameters", Kind::Objects(PARAMETER)).not_sortable(),
    text("description"),
    boolean("coalesce_events"),
    boolean("enabled"),
    int("parsing_order"),
    int("average_eps"),
    ints("group_ids"),
    int("credibility"),
    int("id"),
    boolean("store_event_payload"),
    int("target_event_collector_id"),
    int("protocol_type_id"),
    int("language_id"),
    int("creation_date"),
    ints("wincollect_external_destination_ids"),
    int("log_source_extension_id"),
    text("name"),
    int("modified_date"),
    boolean("auto_discovered"),
    int("type_id"),
    int("last_event_time"),
    boolean("requires_deploy"),
    boolean("gateway"),
    int("wincollect_internal_destination_id"),
    // One object, not a list.
    Column::new("status", Kind::Objects(STATUS))
        .not_sortable()
        .not_filterable(),
];

/// Fields of a kind of log source.
pub const TYPE: &[Column] = &[
    int("id"),
    text("name"),
    text("internal_name"),
    boolean("custom"),
    json("protocol_types"),
    text("version"),
];

const ROOT: &str = "/config/event_sources/log_source_management/log_sources";
const TYPES: &str = "/config/event_sources/log_source_management/log_source_types";
const LIST: &[Param] = &[
    Param::optional("filter", Type::Text),
    Param::optional("sort", Type::Text),
];

/// Log sources and their kinds.
pub const ROUTES: &[Route] = &[
    Route::new("GET", ROOT, list)
        .needs(LOG_SOURCES)
        .fields(COLUMNS)
        .with(LIST)
        .ranged(),
    Route::new(
        "GET",
        "/config/event_sources/log_source_management/log_sources/{id}",
        get,
    )
    .needs(LOG_SOURCES)
    .fields(COLUMNS),
    Route::new("GET", TYPES, types).fields(TYPE).with(LIST).ranged(),
];

fn spec(columns: &'static [Column]) -> ListSpec {
    ListSpec {
        columns,
        sort_error: Some(1012),
        newest_first: false,
    }
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.log_sources, &spec(COLUMNS), call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.log_sources.get(id) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let text = "The log source does not exist.";
            Err(ApiError::endpoint(
                404,
                1002,
                text,
                format!("No log source with id {id}"),
            ))
        }
    }
}

/// Who is no administrator sees id and name only (contract 3.6).
fn types(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    if call.token.is_admin() {
        return page(&ctx.console.log_source_types, &spec(TYPE), call, |_| true);
    }
    let mut seen = Table::default();
    for row in ctx.console.log_source_types.rows() {
        let keep = |(name, _): &(&String, &serde_json::Value)| ["id", "name"].contains(&name.as_str());
        let row: Row = row
            .iter()
            .filter(keep)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        seen.insert(row);
    }
    page(&seen, &spec(TYPE), call, |_| true)
}
