//! What does the fake organisation hold?
//!
//! A file for each concern. Ids are unique across all of them, as at the server.

mod alerts;
mod around;
mod evidence;
mod platform;
mod statuses;
mod tasks;
mod work;

use std::fmt::Debug;

use super::Fake;
use super::script::at_most;
use crate::error::{Error, InvalidArgument};

/// The connection's own user.
const OWN_LOGIN: &str = "synapse@thehive.example";
/// Items of one list call.
const BATCH: usize = 100;

#[derive(Default)]
pub(super) struct Store {
    alerts: alerts::Store,
    work: work::Store,
    evidence: evidence::Store,
    around: around::Store,
    platform: platform::Store,
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

impl Fake {
    /// One answer per item, as every list call has it.
    fn each<I: Debug, A>(
        &self,
        operation: &'static str,
        items: &[I],
        mut one: impl FnMut(&mut Store, &I) -> Result<A, Error>,
    ) -> Vec<Result<A, Error>> {
        let checked = self
            .call(operation, &items)
            .and_then(|()| at_most("list", items.len(), BATCH));
        if let Err(error) = checked {
            return items.iter().map(|_| Err(error.clone())).collect();
        }
        let store = &mut *self.thehive.borrow_mut();
        items.iter().map(|item| one(store, item)).collect()
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
