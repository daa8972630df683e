//! Which fields of an object are sent? (`fields=id,status,rules(id)`, contract 2.3)

use serde_json::Value;

use super::super::error::ApiError;
use super::columns::{Column, Kind, find};
use super::table::Row;

/// A selection; `inner` is empty when the whole field is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    name: &'static str,
    inner: Vec<Field>,
}

/// Parses the parameter; an unknown name is 422/30. Blanks after commas are tolerated, nothing means everything.
pub fn parse(text: &str, columns: &'static [Column]) -> Result<Vec<Field>, ApiError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let (fields, rest) = level(text, columns)?;
    if rest.trim().is_empty() {
        Ok(fields)
    } else {
        Err(unknown(rest))
    }
}

fn level<'a>(text: &'a str, columns: &'static [Column]) -> Result<(Vec<Field>, &'a str), ApiError> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find([',', '(', ')']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let name = name.trim();
        let column = find(columns, name).ok_or_else(|| unknown(name))?;
        let mut field = Field {
            name: column.name,
            inner: Vec::new(),
        };
        rest = after;
        if let Some(inside) = rest.strip_prefix('(') {
            // Depth is bounded by the static column tree, so this recursion is too.
            let Kind::Objects(inner) = column.kind else {
                return Err(unknown(name));
            };
            let (inner, after) = level(inside, inner)?;
            field.inner = inner;
            rest = after.strip_prefix(')').ok_or_else(|| unknown(name))?.trim_start();
        }
        fields.push(field);
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok((fields, rest)),
        }
    }
}

fn unknown(name: &str) -> ApiError {
    let text =
        format!("Specified field \"{name}\" is not recognized by this endpoint for media type \"application/json\"");
    ApiError::framework(422, 30, text)
}

/// Writes one object as JSON, only the selected fields, in the object's own order.
pub fn write(out: &mut Vec<u8>, row: &Row, fields: &[Field]) {
    if fields.is_empty() {
        json(out, row);
        return;
    }
    out.push(b'{');
    let mut first = true;
    for (name, value) in row {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            continue;
        };
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        json(out, name);
        out.push(b':');
        match value {
            Value::Array(elements) if !field.inner.is_empty() => {
                array(out, elements.iter(), |out, element| match element {
                    Value::Object(object) => write(out, object, &field.inner),
                    other => json(out, other),
                });
            }
            Value::Object(object) if !field.inner.is_empty() => write(out, object, &field.inner),
            other => json(out, other),
        }
    }
    out.push(b'}');
}

/// Writes a JSON array with a writer per element.
pub fn array<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Writes any JSON value; writing JSON values to memory cannot fail.
pub fn json(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}
