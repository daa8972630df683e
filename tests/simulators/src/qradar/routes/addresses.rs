//! How are address ids turned into IPs? (contract 3.3: `/siem/source_addresses`, `/siem/local_destination_addresses`)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, ints, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::Table;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::OFFENSES;

/// Fields of a source address.
pub const SOURCE: &[Column] = &[
    int("event_flow_count"),
    ints("local_destination_address_ids"),
    int("first_event_flow_seen"),
    int("last_event_flow_seen"),
    text("source_ip"),
    int("magnitude"),
    int("id"),
    ints("offense_ids"),
    int("domain_id"),
    text("network"),
];

/// Fields of a local destination address.
pub const LOCAL: &[Column] = &[
    int("event_flow_count"),
    ints("source_address_ids"),
    int("first_event_flow_seen"),
    int("last_event_flow_seen"),
    int("magnitude"),
    int("id"),
    ints("offense_ids"),
    text("local_destination_ip"),
    int("domain_id"),
    text("network"),
];

const FILTER: &[Param] = &[Param::optional("filter", Type::Text)];

/// Both address lists.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/siem/source_addresses", |ctx, call| {
        list(&ctx.console.source_addresses, SOURCE, ctx, call)
    })
    .needs(OFFENSES)
    .fields(SOURCE)
    .with(FILTER)
    .ranged(),
    Route::new("GET", "/siem/source_addresses/{source_address_id}", |ctx, call| {
        get(&ctx.console.source_addresses, "source address", ctx, call)
    })
    .needs(OFFENSES)
    .fields(SOURCE),
    Route::new("GET", "/siem/local_destination_addresses", |ctx, call| {
        list(&ctx.console.local_destination_addresses, LOCAL, ctx, call)
    })
    .needs(OFFENSES)
    .fields(LOCAL)
    .with(FILTER)
    .ranged(),
    Route::new(
        "GET",
        "/siem/local_destination_addresses/{local_destination_address_id}",
        |ctx, call| {
            get(
                &ctx.console.local_destination_addresses,
                "local destination address",
                ctx,
                call,
            )
        },
    )
    .needs(OFFENSES)
    .fields(LOCAL),
];

fn list(table: &Table, columns: &'static [Column], ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let spec = ListSpec {
        columns,
        sort_error: None,
        newest_first: false,
    };
    let nulls = ctx.console.settings.null_domain_visible;
    page(table, &spec, call, |row| call.token.sees_row(row, nulls))
}

fn get(table: &Table, what: &str, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    let nulls = ctx.console.settings.null_domain_visible;
    match table.get(id).filter(|row| call.token.sees_row(row, nulls)) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let parameter = what.replace(' ', "_");
            let text = format!("No {what} was found for the provided {parameter}_id.");
            Err(ApiError::endpoint(404, 1002, text.clone(), text))
        }
    }
}
