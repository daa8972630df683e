//! How are the results of an Ariel search read? (contract 3.4)

use serde_json::{Value, json};

use super::super::aql::ast::{Cell, Expr};
use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::fields::{array, json as write_json};
use super::super::list::range::Range;
use super::super::list::table::Row;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::search::Status;
use super::super::tokens::LOG_ACTIVITY;
use super::ariel_searches::find;

/// Results and their columns.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/ariel/searches/{search_id}/results", results)
        .needs(LOG_ACTIVITY)
        .text_ids()
        .ranged()
        .csv(),
    Route::new("GET", "/ariel/searches/{search_id}/metadata", metadata)
        .needs(LOG_ACTIVITY)
        .text_ids(),
];

fn results(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.segment(0);
    let search = find(ctx.console, call.token, id)?;
    if !matches!(search.status, Status::Completed | Status::Canceled) {
        // Without results: still running, or ended in ERROR.
        let text = "Search results not found. The search is still in progress.";
        return Err(ApiError::endpoint(
            404,
            1003,
            text,
            format!("Query {id} has no results yet"),
        ));
    }
    // Range applies to the inner list (contract 2.4).
    let (cut, content_range) = Range::cut(call.range, search.rows.len());
    let rows = search.rows.get(cut).unwrap_or_default();
    let reply = if call.csv {
        let names = search
            .query
            .items
            .iter()
            .take(search.query.visible)
            .map(|item| item.name.as_str());
        let csv = Reply::json_bytes(200, csv(&names.collect::<Vec<_>>(), rows).into_bytes());
        Reply {
            content_type: "application/csv;charset=UTF-8",
            ..csv
        }
    } else {
        let mut body = Vec::with_capacity(1024);
        body.push(b'{');
        write_json(&mut body, search.query.table.as_str());
        body.push(b':');
        array(&mut body, rows.iter(), write_json);
        body.push(b'}');
        Reply::json_bytes(200, body)
    };
    Ok(reply.header("content-range", content_range))
}

fn csv(names: &[&str], rows: &[Row]) -> String {
    let mut text = names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(",");
    text.push('\n');
    for row in rows {
        let cells = names.iter().map(|name| match row.get(*name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(cell)) => quote(cell),
            Some(other) => quote(&other.to_string()),
        });
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

fn quote(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn metadata(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let search = find(ctx.console, call.token, call.segment(0))?;
    let columns: Vec<Value> = search
        .query
        .items
        .iter()
        .take(search.query.visible)
        .map(|item| {
            let kind = match &item.cell {
                Cell::Aggregate(..) => "Double",
                Cell::Plain(Expr::Call(..)) => "String",
                Cell::Plain(_) => "Object",
            };
            json!({
                "argument_type": null, "indexable": false, "name": item.name, "nullable": true,
                "object_value_type": kind, "provider_name": item.name,
            })
        })
        .collect();
    Ok(Reply::json(200, &json!({ "columns": columns })))
}
