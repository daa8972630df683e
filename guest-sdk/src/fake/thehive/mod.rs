//! What does the fake organisation hold?
//!
//! A file for each concern. Ids are unique across all of them, as at the server.

mod alerts;
mod evidence;
mod work;

use crate::error::{Error, InvalidArgument};

/// Items of one list call.
const BATCH: usize = 100;

#[derive(Default)]
pub(super) struct Store {
    alerts: alerts::Store,
    work: work::Store,
    evidence: evidence::Store,
    ids: Ids,
}

/// The last id that was given out.
#[derive(Default)]
struct Ids(u64);

impl Ids {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("~{}", self.0)
    }
}

/// The lengths that TheHive 5 accepts.
fn chars(field: &str, text: &str, least: usize, most: usize) -> Result<(), Error> {
    let len = text.chars().count();
    if (least..=most).contains(&len) {
        return Ok(());
    }
    Err(invalid(
        field,
        format!("{len} characters; {least} to {most} are allowed"),
    ))
}

fn tags_fit(tags: &[String]) -> Result<(), Error> {
    tags.iter().try_for_each(|tag| chars("tags", tag, 1, 128))
}

fn invalid(field: &str, reason: String) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason,
    })
}

/// `add` and `remove` as the server does them.
fn patch_tags(tags: &mut Vec<String>, add: &[String], remove: &[String]) {
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
}
