//! Which domains are there, and how little of them does a customer's token see? (contract 3.6)

use serde_json::Value;

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, boolean, int, ints, json, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::list::table::{Row, Table};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::Token;

/// Fields of a domain.
pub const COLUMNS: &[Column] = &[
    json("custom_properties"),
    ints("qvm_scanner_ids"),
    ints("asset_scanner_ids"),
    ints("flow_collector_ids"),
    text("description"),
    ints("flow_source_ids"),
    boolean("deleted"),
    ints("event_collector_ids"),
    ints("log_source_ids"),
    text("name"),
    int("tenant_id"),
    int("id"),
    ints("log_source_group_ids"),
    ints("flow_vlan_ids"),
    ints("disconnected_log_collector_ids"),
];

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: None,
    newest_first: false,
};

/// Reading domains; every authenticated caller may.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/config/domain_management/domains", list)
        .fields(COLUMNS)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("GET", "/config/domain_management/domains/{domain_id}", get).fields(COLUMNS),
];

/// What the caller sees of a domain: an administrator all, others id and name of their own ones.
fn seen(row: &Row, token: &Token) -> Option<Row> {
    if token.is_admin() {
        return Some(row.clone());
    }
    let id = row.get("id").and_then(Value::as_i64);
    token.sees(id, false).then(|| {
        let keep = |name: &str| name == "id" || name == "name";
        row.iter()
            .map(|(name, value)| (name.clone(), if keep(name) { value.clone() } else { Value::Null }))
            .collect()
    })
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut visible = Table::default();
    for row in ctx.console.domains.rows().filter_map(|row| seen(row, call.token)) {
        visible.insert(row);
    }
    page(&visible, &SPEC, call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.domains.get(id).and_then(|row| seen(row, call.token)) {
        Some(row) => Ok(one(200, &row, call)),
        None => {
            let text = "No domain was found for the provided domain id.";
            Err(ApiError::endpoint(
                404,
                1002,
                text,
                format!("Domain ID {id} does not exist"),
            ))
        }
    }
}
