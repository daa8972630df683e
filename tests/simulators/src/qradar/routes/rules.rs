//! What are the rules called? (contract 3.6: exactly these 14 fields)

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, Kind, boolean, int, text};
use super::super::list::page::{ListSpec, one, page};
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::RULES;

/// Fields of a rule.
pub const COLUMNS: &[Column] = &[
    text("owner"),
    text("identifier"),
    int("base_host_id"),
    int("capacity_timestamp"),
    Column::new("origin", Kind::Enum(&["SYSTEM", "OVERRIDE", "USER"])),
    int("creation_date"),
    Column::new("type", Kind::Enum(&["EVENT", "FLOW", "COMMON", "OFFENSE"])),
    boolean("enabled"),
    int("modification_date"),
    text("linked_rule_identifier"),
    text("name"),
    int("average_capacity"),
    int("id"),
    int("base_capacity"),
];

/// Fields of what a rule added to an offense.
pub const CONTRIBUTION: &[Column] = &[
    int("id"),
    int("rule_id"),
    text("rule_name"),
    text("rule_type"),
    int("offense_id"),
    int("event_count"),
    int("first_event"),
    int("last_event"),
];

const CONTRIBUTIONS: ListSpec = ListSpec {
    columns: CONTRIBUTION,
    sort_error: Some(1012),
    newest_first: false,
};

const SPEC: ListSpec = ListSpec {
    columns: COLUMNS,
    sort_error: None,
    newest_first: false,
};

/// Reading rules.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/analytics/rules", list)
        .needs(RULES)
        .fields(COLUMNS)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("GET", "/analytics/rules/{rule_id}", get)
        .needs(RULES)
        .fields(COLUMNS),
    Route::new("GET", "/analytics/rules_offense_contributions", contributions)
        .needs(RULES)
        .fields(CONTRIBUTION)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("sort", Type::Text),
        ])
        .ranged(),
];

/// Of the offenses that the caller may see.
fn contributions(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let nulls = ctx.console.settings.null_domain_visible;
    let offenses = &ctx.console.offenses;
    page(&ctx.console.contributions, &CONTRIBUTIONS, call, |row| {
        let offense = row.get("offense_id").and_then(serde_json::Value::as_i64);
        offense
            .and_then(|id| offenses.get(id))
            .is_some_and(|offense| call.token.sees_row(offense, nulls))
    })
}

fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    page(&ctx.console.rules, &SPEC, call, |_| true)
}

fn get(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id(0);
    match ctx.console.rules.get(id) {
        Some(row) => Ok(one(200, row, call)),
        None => {
            let message = format!("No Custom Rule found with id: {id}");
            Err(ApiError::endpoint(404, 1002, "The rule does not exist.", message))
        }
    }
}
