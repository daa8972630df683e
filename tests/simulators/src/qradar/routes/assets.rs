//! What does the console know of machines? (contract 3.6)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, int, json as free, text};
use super::super::list::page::{ListSpec, page};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::ASSETS;

const LAST: Column = int("last_seen_profiler");
const CREATED: Column = int("created");
const SCANNED: Column = int("last_seen_scanner");
const FIRST_SCAN: Column = int("first_seen_scanner");
const FIRST: Column = int("first_seen_profiler");
const HOSTNAME: &[Column] = &[
    LAST,
    CREATED,
    SCANNED,
    text("name"),
    FIRST_SCAN,
    int("id"),
    text("type"),
    FIRST,
];
const USER: &[Column] = &[LAST, SCANNED, FIRST_SCAN, int("id"), FIRST, text("username")];
const PROPERTY: &[Column] = &[
    int("last_reported"),
    text("name"),
    int("type_id"),
    int("id"),
    text("last_reported_by"),
    text("value"),
];
const ADDRESS: &[Column] = &[
    LAST,
    CREATED,
    SCANNED,
    FIRST_SCAN,
    int("network_id"),
    int("id"),
    text("type"),
    FIRST,
    text("value"),
];
const INTERFACE: &[Column] = &[
    text("mac_address"),
    LAST,
    CREATED,
    SCANNED,
    FIRST_SCAN,
    Column::new("ip_addresses", Kind::Objects(ADDRESS)),
    int("id"),
    FIRST,
];

/// Fields of a machine; only four can be sorted by.
pub const COLUMNS: &[Column] = &[
    int("vulnerability_count"),
    Column::new("interfaces", Kind::Objects(INTERFACE)).not_sortable(),
    int("risk_score_sum"),
    Column::new("hostnames", Kind::Objects(HOSTNAME)).not_sortable(),
    int("id"),
    Column::new("users", Kind::Objects(USER)).not_sortable(),
    int("domain_id"),
    Column::new("properties", Kind::Objects(PROPERTY)).not_sortable(),
    free("products"),
];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: Some(1012),
    newest_first: false,
};

const PROPERTY_TYPE: [(i64, &str, &str); 2] = [(1001, "Given Name", "STRING"), (1002, "Unified Name", "STRING")];

/// Machines and the properties they can have.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/asset_model/assets", list)
        .needs(ASSETS)
        .fields(COLUMNS)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("sort", Type::Text),
        ])
        .ranged(),
    Route::new("GET", "/asset_model/properties", properties)
        .needs(ASSETS)
        .ranged(),
];

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let nulls = ctx.console.settings.null_domain_visible;
    page(&ctx.console.assets, &SPEC, call, |row| call.token.sees_row(row, nulls))
}

fn properties(_: &mut Ctx<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    let row = |(id, name, kind)| json!({ "id": id, "name": name, "data_type": kind, "custom": false, "state": 0, "display": true });
    let all: Vec<Value> = PROPERTY_TYPE.into_iter().map(row).collect();
    Ok(Reply::json(200, &all))
}
