//! How is it found out whether something uncertain happened at the console?
//!
//! This release changes nothing in QRadar, so there is no effect to resolve. What can be uncertain is the creation of a
//! search whose answer was lost: it carries a name of ours, so creating it again is refused (409/1004) and it is adopted by that name.
//!
//! The writes to come will be asked about here as well (contract 5): a note by its marker in `note_text`, ours only if the user
//! name is ours (`probe`; notes cannot be deleted); closing, assigning, hiding, following up and protecting by reading the offense and
//! comparing the field, and for a closure also reason, user and time (`keyed`); a reference set's value by reading the entry.

use super::client::{Ask, Client, Fault};
use super::types::search::WireSearch;

/// Does the console refuse to create a search because the name is in use?
pub fn exists_already(fault: &Fault) -> bool {
    fault.is(409, 1004)
}

/// The search that exists under a name of ours. None: it is gone again.
pub async fn adopt(client: &Client, name: &str) -> Result<Option<WireSearch>, Fault> {
    tracing::debug!(
        search = name,
        "the search exists already: an answer was lost, going on with it"
    );
    find(client, name).await
}

/// A search. None: there is none of this name.
pub async fn find(client: &Client, name: &str) -> Result<Option<WireSearch>, Fault> {
    match client
        .json(&Ask::get("the state of an Ariel search", &["ariel", "searches", name]))
        .await
    {
        Ok(search) => Ok(Some(search)),
        Err(fault) if fault.is_missing() => Ok(None),
        Err(fault) => Err(fault),
    }
}
