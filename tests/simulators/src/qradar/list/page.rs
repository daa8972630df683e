//! What does a list endpoint answer? (filter, sort, Range and fields joined; contract 2.2 to 2.4)

use super::super::call::Call;
use super::super::error::ApiError;
use super::super::reply::Reply;
use super::columns::Column;
use super::fields::{array, write};
use super::range::Range;
use super::table::{Row, Table};
use super::{bind, eval, parser, plan, sort};

/// What a list endpoint supports.
#[derive(Debug, Clone, Copy)]
pub struct ListSpec {
    /// Its fields.
    pub columns: &'static [Column],
    /// Error code of a bad `sort`; `None` when the endpoint has no `sort` parameter.
    pub sort_error: Option<i64>,
    /// Order without `sort`: newest id first (recorded for offenses), else ascending.
    pub newest_first: bool,
}

/// Answers a list request over the rows that `visible` lets through.
pub fn page(
    table: &Table,
    spec: &ListSpec,
    call: &Call<'_>,
    visible: impl Fn(&Row) -> bool,
) -> Result<Reply, ApiError> {
    let filter = match call.param("filter").filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(text) => {
            let mut filter = parser::parse(text)?;
            bind::bind(&mut filter, spec.columns)?;
            Some(filter)
        }
    };
    let keys = match (call.param("sort"), spec.sort_error) {
        (Some(text), Some(code)) => sort::parse(text, spec.columns, code)?,
        _ => vec![sort::Key {
            name: "id",
            descending: spec.newest_first,
        }],
    };
    let mut rows = table.candidates(&plan::ids(filter.as_ref()));
    rows.retain(|row| visible(row) && filter.as_ref().is_none_or(|filter| eval::matches(filter, row)));
    sort::sort(&mut rows, &keys);
    let (cut, content_range) = Range::cut(call.range, rows.len());
    let mut body = Vec::with_capacity(1024);
    array(&mut body, rows.get(cut).unwrap_or_default().iter(), |out, row| {
        write(out, row, &call.fields);
    });
    let reply = Reply::json_bytes(200, body);
    Ok(if call.range.is_some() || call.content_range_always {
        reply.header("content-range", content_range)
    } else {
        reply
    })
}

/// Answers with one object, reduced to `fields`.
pub fn one(status: u16, row: &Row, call: &Call<'_>) -> Reply {
    let mut body = Vec::with_capacity(512);
    write(&mut body, row, &call.fields);
    Reply::json_bytes(status, body)
}
