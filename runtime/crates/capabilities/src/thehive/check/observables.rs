//! Would TheHive accept this observable or attachment?

use synapse_domain::limits;

use super::{TEXT, invalid, line, named_id, tags, text};
use crate::bindings::synapse::thehive::alerts::Observable;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{AddAttachment, AddFileObservable, AddObservable};
use crate::thehive::{owner, types};

/// Longest value; what is longer is sent as a file (D17).
pub const DATA: usize = 4096;
const DATA_TYPE: usize = 64;

/// `add-observables`
pub fn add_text(call: &AddObservable) -> Result<(), Error> {
    named_id("owner", owner::id(&call.owner))?;
    observable("observable", &call.observable, limits::HOSTCALL_BYTES)
}

/// `add-file-observables`
pub fn add_file(call: &AddFileObservable) -> Result<(), Error> {
    named_id("owner", owner::id(&call.owner))?;
    if let Some(message) = &call.observable.message {
        let most = TEXT.saturating_sub(types::NOTE);
        text("observable.message", message, most)?;
    }
    tags("observable.tags", &call.observable.tags)
}

/// `add-attachment`
pub fn attach(call: &AddAttachment) -> Result<(), Error> {
    named_id("owner", owner::id(&call.owner))
}

/// An observable with a value of at most `most` characters.
pub fn observable(field: &str, observable: &Observable, most: usize) -> Result<(), Error> {
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
    text(&format!("{field}.data"), data, most)?;
    if let Some(message) = message {
        text(&format!("{field}.message"), message, TEXT)?;
    }
    tags(&format!("{field}.tags"), own_tags)
}
