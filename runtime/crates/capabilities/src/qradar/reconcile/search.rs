//! Was this search created? Its creation may have lost its answer, but it carries a name of ours: creating it again is refused
//! (409/1004), and it is adopted by that name.

use crate::qradar::client::{Ask, Client, Fault};
use crate::qradar::types::search::WireSearch;

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
