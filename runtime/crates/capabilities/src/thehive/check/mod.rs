//! Would TheHive accept these arguments? Lengths of contract section 8, checked before anything is sent.
//!
//! Lengths count UTF-16 units, as the server's do. What stands on one line there refuses control characters (threat row 30).

mod alerts;
mod around;
mod cases;
mod comments;
mod merging;
mod observables;
mod platform;
mod raw;
mod search;
mod tasks;

pub(super) use alerts::{create, update};
pub(super) use around::{
    add_shares, attach_to_log, attachment, attachment_to_delete, change_owner, create_event, create_page,
    create_procedure, create_user, data_type, holder, link_case, link_url, login, organisation, remove_shares,
    run_analyzer, run_responder, set_access, set_action, set_locked, set_share_profile, set_shares, share_with, shared,
    subject, unlink_case, unlink_url, update_comment, update_event, update_log, update_page, update_procedure,
};
pub(super) use cases::{case_id, close_case, create_case, find_cases, marker_field, promote, update_case};
pub(super) use comments::add_comment;
pub(super) use merging::{
    apply_template, cases_to_merge, follow_alert, import_alert, merge_alert, merge_alerts, merge_cases,
    merge_observables, removal, unlink_alert, update_alerts, update_cases, update_observable, update_observables,
    update_tasks,
};
pub(super) use observables::{DATA, add_file, add_text, attach};
pub(super) use platform::{
    create_definition, create_template, delete_definition, tag_text, template_name, update_definition, update_template,
};
pub(super) use raw::{RawPath, raw, raw_write};
pub(super) use search::search;
pub(super) use tasks::{create_log, create_task, update_task};

use std::ops::RangeInclusive;

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
/// Characters of an id of TheHive 3: twenty of Elasticsearch's, a digest, or both.
const ID_OF_3: RangeInclusive<usize> = 20..=80;

/// The server's id. Anything else could be an alert's natural key, which a grant may not cover.
pub(super) fn id(id: &str) -> Result<(), Error> {
    named_id("id", id)
}

/// The server's id in this field.
pub(super) fn named_id(field: &str, id: &str) -> Result<(), Error> {
    let digits = id.strip_prefix('~').unwrap_or_default();
    let good = !digits.is_empty() && digits.len() <= ID && digits.bytes().all(|byte| byte.is_ascii_digit());
    if good || id_of_3(id) {
        Ok(())
    } else {
        invalid(
            field,
            "an id is `~` and digits, as the server gave it; on TheHive 3 letters and digits".to_owned(),
        )
    }
}

/// The id of TheHive 3. Too long for a number, and without the semicolon of a natural key.
fn id_of_3(id: &str) -> bool {
    ID_OF_3.contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
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
