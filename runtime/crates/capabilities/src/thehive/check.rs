//! Would TheHive accept these arguments? Lengths of contract section 8, checked before anything is sent.
//!
//! Lengths count UTF-16 units, as the server's do. What stands on one line there refuses control characters (threat row 30).

use super::calls::{CreateAlert, UpdateAlert};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue, NewAlert, Observable};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

const TYPE: usize = 32;
const SOURCE: usize = 32;
const SOURCE_REF: usize = 128;
const TITLE: usize = 512;
const TAG: usize = 128;
const LINK: usize = 512;
const TEXT: usize = 1 << 20;
const DATA: usize = 4096;
const DATA_TYPE: usize = 64;
const FIELD_NAME: usize = 64;
const STATUS: usize = 64;
const TEMPLATE: usize = 128;
const DEDUP_KEY: usize = 256;
/// Digits of an id after its `~`.
const ID: usize = 24;
/// What the platform's own tags begin with: a guest cannot claim to be the platform (threat rows 40 and 41).
const RESERVED: &str = "synapse:";

/// `create-alerts`
pub(super) fn create(call: &CreateAlert) -> Result<(), Error> {
    let CreateAlert { source, alert } = call;
    let NewAlert {
        type_,
        source_ref,
        title,
        description,
        severity: _,
        date,
        tlp: _,
        pap: _,
        tags: alert_tags,
        external_link,
        case_template,
        custom_fields: fields,
        observables,
        dedup_key,
    } = alert;
    line("type", type_, TYPE)?;
    line("source", source, SOURCE)?;
    line("source-ref", source_ref, SOURCE_REF)?;
    line("title", title, TITLE)?;
    text("description", description, TEXT)?;
    moment("date", *date)?;
    tags("tags", alert_tags)?;
    optional_line("external-link", external_link.as_ref(), LINK)?;
    optional_line("case-template", case_template.as_ref(), TEMPLATE)?;
    optional_line("dedup-key", dedup_key.as_ref(), DEDUP_KEY)?;
    custom_fields(fields)?;
    observables
        .iter()
        .enumerate()
        .try_for_each(|(n, one)| observable(&format!("observables[{n}]"), one))
}

/// `update-alert`
pub(super) fn update(call: &UpdateAlert) -> Result<(), Error> {
    let patch = &call.patch;
    id(&call.id)?;
    optional_line("patch.title", patch.title.as_ref(), TITLE)?;
    optional_line("patch.status", patch.status.as_ref(), STATUS)?;
    for (field, value) in [
        ("patch.description", &patch.description),
        ("patch.summary", &patch.summary),
    ] {
        value.as_ref().map_or(Ok(()), |value| text(field, value, TEXT))?;
    }
    tags("patch.add-tags", &patch.add_tags)?;
    tags("patch.remove-tags", &patch.remove_tags)?;
    if let Some(both) = patch.add_tags.iter().find(|tag| patch.remove_tags.contains(tag)) {
        return invalid("patch.remove-tags", format!("`{both}` is also in add-tags"));
    }
    custom_fields(&patch.custom_fields)?;
    let set = [
        patch.title.is_some(),
        patch.description.is_some(),
        patch.severity.is_some(),
        patch.tlp.is_some(),
        patch.pap.is_some(),
        patch.status.is_some(),
        patch.summary.is_some(),
        !patch.add_tags.is_empty(),
        !patch.remove_tags.is_empty(),
        !patch.custom_fields.is_empty(),
    ];
    if set.contains(&true) {
        Ok(())
    } else {
        invalid("patch", "it changes nothing".to_owned())
    }
}

/// The server's id. Anything else could be an alert's natural key, which a grant may not cover.
pub(super) fn id(id: &str) -> Result<(), Error> {
    let digits = id.strip_prefix('~').unwrap_or_default();
    let good = !digits.is_empty() && digits.len() <= ID && digits.bytes().all(|byte| byte.is_ascii_digit());
    if good {
        Ok(())
    } else {
        invalid("id", "an id is `~` and digits, as the server gave it".to_owned())
    }
}

fn observable(field: &str, observable: &Observable) -> Result<(), Error> {
    let Observable {
        data_type,
        data,
        message,
        tags: own_tags,
        ioc: _,
        ignore_similarity: _,
    } = observable;
    line(&format!("{field}.data-type"), data_type, DATA_TYPE)?;
    if data.is_empty() {
        return invalid(&format!("{field}.data"), "it is empty".to_owned());
    }
    text(&format!("{field}.data"), data, DATA)?;
    if let Some(message) = message {
        text(&format!("{field}.message"), message, TEXT)?;
    }
    tags(&format!("{field}.tags"), own_tags)
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
