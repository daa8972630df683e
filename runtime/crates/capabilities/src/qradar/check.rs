//! Would QRadar accept these arguments? What can be said before anything is sent.

use super::calls::AddNote;
use super::query::{filter, invalid};
use crate::bindings::synapse::workflow::types::Error;
use crate::marked;

/// Longest text of a note, characters (WIT): a console takes 2,000, the marker has to fit as well (contract 3.2).
const NOTE_CHARS: usize = 1_900;
/// Longest key of an effect, bytes.
const DEDUP_KEY_BYTES: usize = 256;

/// `add-note`
pub fn note(call: &AddNote) -> Result<(), Error> {
    let AddNote {
        offense: _,
        text,
        dedup_key,
    } = call;
    let count = text.chars().count();
    if text.trim().is_empty() || count > NOTE_CHARS {
        return Err(invalid("text", format!("{count} characters; use 1 to {NOTE_CHARS}")));
    }
    if let Some(c) = text
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(invalid(
            "text",
            format!("the control character U+{:04X} cannot be in a note", c as u32),
        ));
    }
    // A line that looks like a marker would pass for an effect of the platform's.
    if text.lines().any(|line| line.trim().starts_with(marked::RESERVED)) {
        return Err(invalid(
            "text",
            format!("a line that begins with `{}` is the platform's", marked::RESERVED),
        ));
    }
    match dedup_key {
        Some(key) if key.is_empty() || key.len() > DEDUP_KEY_BYTES => Err(invalid(
            "dedup-key",
            format!("{} bytes; use 1 to {DEDUP_KEY_BYTES}", key.len()),
        )),
        _ => Ok(()),
    }
}

/// `assign`
pub fn user(user: &str) -> Result<(), Error> {
    filter::text("user", user)
}

/// Longest name of a reference set, characters: the console's own limit is 255.
const NAME_CHARS: usize = 255;
/// Longest value of a reference set, characters (WIT); it travels in a request line (contract 1.3).
const VALUE_CHARS: usize = 1_000;
/// Values of one call (WIT).
const VALUES: usize = 100;

/// The name of a set, map or table.
pub fn reference_name(name: &str) -> Result<(), Error> {
    words("name", name, NAME_CHARS)?;
    // A segment of dots alone names another path (threat row 29).
    if name.chars().all(|c| c == '.') {
        return Err(invalid("name", "dots alone are no name"));
    }
    Ok(())
}

/// A value of a set.
pub fn reference_value(field: &str, value: &str) -> Result<(), Error> {
    words(field, value, VALUE_CHARS)?;
    if value.chars().all(|c| c == '.') {
        return Err(invalid(field, "dots alone are no value"));
    }
    Ok(())
}

/// The values of a question.
pub fn reference_values(values: &[String]) -> Result<(), Error> {
    if values.len() > VALUES {
        return Err(invalid("values", format!("{} values; at most {VALUES}", values.len())));
    }
    values
        .iter()
        .enumerate()
        .try_for_each(|(index, value)| reference_value(&format!("values[{index}]"), value))
}

fn words(field: &str, text: &str, most: usize) -> Result<(), Error> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > most {
        return Err(invalid(field, format!("{count} characters; use 1 to {most}")));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(c) => Err(invalid(
            field,
            format!("the control character U+{:04X} cannot be in it", c as u32),
        )),
        None => Ok(()),
    }
}
