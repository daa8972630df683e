//! Which databases has Ariel, and is a query valid? (contract 3.4)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::tokens::LOG_ACTIVITY;
use super::ariel_searches::understand;

const QUERY: &[Param] = &[Param::required("query_expression", Type::Text)];

/// Databases and validator.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/ariel/databases", databases)
        .needs(LOG_ACTIVITY)
        .ranged(),
    Route::new("GET", "/ariel/databases/{database_name}", columns).needs(LOG_ACTIVITY),
    Route::new("POST", "/ariel/validators/aql", validate)
        .needs(LOG_ACTIVITY)
        .with(QUERY),
];

fn databases(_: &mut Ctx<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(200, &json!(["events", "flows", "simarc"])))
}

fn columns(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.segment(0);
    if !["events", "flows", "simarc"].contains(&name) {
        let text = "The database does not exist.";
        return Err(ApiError::endpoint(
            404,
            1002,
            text,
            format!("Database {name} does not exist"),
        ));
    }
    let events = if name == "flows" {
        &ctx.console.flows
    } else {
        &ctx.console.events
    };
    let columns: Vec<Value> = events
        .catalog
        .names()
        .into_iter()
        .filter(|_| name != "simarc")
        .map(|column| {
            json!({
                "argument_type": column, "indexable": false, "name": column, "nullable": true,
                "object_value_type": null, "provider_name": null,
            })
        })
        .collect();
    Ok(Reply::json(200, &json!({ "columns": columns })))
}

fn validate(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let text = call.param("query_expression").unwrap_or_default();
    let messages = match understand(ctx.console, call.token, text) {
        Ok(_) => json!([]),
        Err(error) => {
            json!([{ "code": error.code.to_string(), "contexts": [], "message": error.message, "severity": "ERROR" }])
        }
    };
    Ok(Reply::json(200, &json!({ "error_messages": messages })))
}
