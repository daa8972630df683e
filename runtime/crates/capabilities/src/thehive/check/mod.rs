//! Would TheHive accept these arguments? Lengths of contract section 8, checked before anything is sent.
//!
//! Lengths count UTF-16 units, as the server's do. What stands on one line there refuses control characters (threat row 30).

mod alerts;
mod cases;
mod comments;
mod observables;
mod tasks;

pub(super) use alerts::{create, update};
pub(super) use cases::{case_id, create_case, find_cases, marker_field, promote, update_case};
pub(super) use comments::add_comment;
pub(super) use observables::{DATA, add_file, add_text, attach};
pub(super) use tasks::{create_log, create_task, update_task};

use super::types::RESERVED;
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

const TITLE: usize = 512;
const TAG: usize = 128;
const TEXT: usize = 1 << 20;
const FIELD_NAME: usize = 64;
const STATUS: usize = 64;
const TEMPLATE: usize = 128;
const LOGIN: usize = 128;
const DEDUP_KEY: usize = 256;
/// Digits of an id after its `~`.
const ID: usize = 24;

/// The server's id. Anything else could be an alert's natural key, which a grant may not cover.
pub(super) fn id(id: &str) -> Result<(), Error> {
    named_id("id", id)
}

/// The server's id in this field.
pub(super) fn named_id(field: &str, id: &str) -> Result<(), Error> {
    let digits = id.strip_prefix('~').unwrap_or_default();
    let good = !digits.is_empty() && digits.len() <= ID && digits.bytes().all(|byte| byte.is_ascii_digit());
    if good {
        Ok(())
    } else {
        invalid(field, "an id is `~` and digits, as the server gave it".to_owned())
    }
}

fn custom_fields(fields: &[CustomField]) -> Result<(), Error> {
    for (n, CustomField { name, value }) in fields.iter().enumerate() {
        line(&format!("custom-fields[{n}].name"), name, FIELD_NAME)?;
        match value {
            CustomValue::Text(value) => text(&format!("custom-fields[{n}].value"), value, TEXT)?,
            CustomValue::Number(number) if !number.is_finite() => {
                return invalid(
                    &format!("custom-fields[{n}].value"),
                    "it is not a finite number".to_owned(),
                );
            }
            CustomValue::Date(date) => moment(&format!("custom-fields[{n}].value"), *date)?,
            CustomValue::Number(_) | CustomValue::Integer(_) | CustomValue::Boolean(_) => {}
        }
        if fields.iter().take(n).any(|earlier| earlier.name == *name) {
            return invalid(&format!("custom-fields[{n}].name"), format!("`{name}` is given twice"));
        }
    }
    Ok(())
}

fn tags(field: &str, tags: &[String]) -> Result<(), Error> {
    for (n, tag) in tags.iter().enumerate() {
        let field = || format!("{field}[{n}]");
        line(&field(), tag, TAG)?;
        // ASCII case and blanks are how a look-alike would be written.
        if tag.trim_start().to_ascii_lowercase().starts_with(RESERVED) {
            return invalid(
                &field(),
                format!("tags that begin with `{RESERVED}` belong to the platform"),
            );
        }
    }
    Ok(())
}

/// Does a change set anything at all?
fn changes(set: &[bool]) -> Result<(), Error> {
    if set.contains(&true) {
        Ok(())
    } else {
        invalid("patch", "it changes nothing".to_owned())
    }
}

/// Tags to add and to take away.
fn tag_changes(add: &[String], remove: &[String]) -> Result<(), Error> {
    tags("patch.add-tags", add)?;
    tags("patch.remove-tags", remove)?;
    match add.iter().find(|tag| remove.contains(tag)) {
        Some(both) => invalid("patch.remove-tags", format!("`{both}` is also in add-tags")),
        None => Ok(()),
    }
}

fn optional_text(field: &str, value: Option<&String>, most: usize) -> Result<(), Error> {
    value.map_or(Ok(()), |value| text(field, value, most))
}

fn optional_line(field: &str, value: Option<&String>, most: usize) -> Result<(), Error> {
    value.map_or(Ok(()), |value| line(field, value, most))
}

/// One line of 1 to `most` characters.
fn line(field: &str, value: &str, most: usize) -> Result<(), Error> {
    if value.is_empty() {
        return invalid(field, "it is empty".to_owned());
    }
    if value.chars().any(char::is_control) {
        return invalid(field, "it holds a line break or another control character".to_owned());
    }
    text(field, value, most)
}

/// At most `most` characters, without NUL.
fn text(field: &str, value: &str, most: usize) -> Result<(), Error> {
    if value.contains('\0') {
        return invalid(field, "it holds a NUL character".to_owned());
    }
    // A text cannot have more UTF-16 units than bytes, so the usual case needs no counting.
    let length = if value.len() <= most {
        0
    } else {
        value.encode_utf16().count()
    };
    if length > most {
        invalid(field, format!("{length} characters; at most {most}"))
    } else {
        Ok(())
    }
}

/// The server keeps moments in signed milliseconds.
fn moment(field: &str, moment: u64) -> Result<(), Error> {
    if i64::try_from(moment).is_ok() {
        Ok(())
    } else {
        invalid(field, "it is too far in the future".to_owned())
    }
}

fn invalid(field: &str, reason: String) -> Result<(), Error> {
    Err(Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason,
    }))
}
