//! Are these arguments ones that a mailbox can be asked about? Checked before anything is sent.

use synapse_domain::limits;

use super::calls::{MoveMessage, SetCategories, SetRead};
use super::query::invalid;
use crate::bindings::synapse::workflow::types::Error;

/// Longest id: Exchange's end at 512 characters (contract section 3), others' may be longer.
const ID_BYTES: usize = 2_048;
/// Longest sync state: it can be many kilobytes (contract section 2).
const STATE_BYTES: usize = 1 << 20;
/// Longest category, characters.
const CATEGORY_CHARS: usize = 255;
/// Categories of one change.
const CATEGORIES: usize = 100;

/// An id of the server's.
pub(super) fn id(field: &str, id: &str) -> Result<(), Error> {
    let good = !id.is_empty() && id.len() <= ID_BYTES && !id.chars().any(|c| c.is_control() || c.is_whitespace());
    if good {
        Ok(())
    } else {
        Err(invalid(field, "not an id as the mailbox gave it"))
    }
}

/// How many messages one call may name.
pub(super) fn count(ids: &[String]) -> Result<(), Error> {
    if ids.len() > limits::BATCH_ITEMS {
        let reason = format!("{} ids; at most {} in one call", ids.len(), limits::BATCH_ITEMS);
        return Err(invalid("ids", reason));
    }
    Ok(())
}

/// Ids of one call, each with its own answer: a bad one costs the others nothing.
pub(super) fn each(ids: &[String]) -> Vec<Result<String, Error>> {
    let checked = |(n, one): (usize, &String)| id(&format!("ids[{n}]"), one).map(|()| one.clone());
    ids.iter().enumerate().map(checked).collect()
}

/// A sync state.
pub(super) fn state(state: Option<&str>) -> Result<(), Error> {
    match state {
        Some(state) if state.is_empty() || state.len() > STATE_BYTES || state.chars().any(char::is_control) => {
            Err(invalid(
                "state",
                "not a state as `sync-folder` gave it; pass none to start from the beginning",
            ))
        }
        _ => Ok(()),
    }
}

/// `set-read`
pub(super) fn set_read(call: &SetRead) -> Result<(), Error> {
    id("id", &call.id)
}

/// `set-categories`
pub(super) fn categories(call: &SetCategories) -> Result<(), Error> {
    let SetCategories {
        id: message,
        add,
        remove,
    } = call;
    id("id", message)?;
    if add.len().saturating_add(remove.len()) > CATEGORIES {
        return Err(invalid(
            "add",
            format!("more than {CATEGORIES} categories in one change"),
        ));
    }
    if add.is_empty() && remove.is_empty() {
        return Err(invalid("add", "it changes nothing"));
    }
    for (field, names) in [("add", add), ("remove", remove)] {
        for (n, name) in names.iter().enumerate() {
            category(&format!("{field}[{n}]"), name)?;
        }
    }
    if let Some(both) = add.iter().find(|name| remove.iter().any(|other| same(name, other))) {
        return Err(invalid("remove", format!("`{both}` is also in add")));
    }
    Ok(())
}

/// `move-messages`
pub(super) fn move_message(call: &MoveMessage) -> Result<(), Error> {
    id("ids", &call.id)?;
    id("folder-id", &call.folder_id)
}

fn category(field: &str, name: &str) -> Result<(), Error> {
    let good = !name.trim().is_empty() && name.chars().count() <= CATEGORY_CHARS && !name.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(invalid(
            field,
            format!("1 to {CATEGORY_CHARS} characters on one line are accepted"),
        ))
    }
}

/// Outlook does not tell categories apart by case.
pub(super) fn same(left: &str, right: &str) -> bool {
    left == right || left.to_lowercase() == right.to_lowercase()
}
