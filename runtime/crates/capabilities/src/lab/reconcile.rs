//! Did it happen? The target is asked for the marker.

use super::client::Client;
use crate::bindings::synapse::workflow::types::Error;

/// The answer of the append that left this marker; none: there is no such entry.
pub(super) async fn appended(client: &Client, marker: &str) -> Result<Option<String>, Error> {
    Ok(client
        .by_marker(marker)
        .await?
        .first()
        .map(|entry| entry.id.to_string()))
}
