//! Is a value in a reference set, or not? Adding is an update and removing what is gone a success, so both are simply sent again
//! (contract 5).

use synapse_domain::run::How;

use crate::gate::{Done, Failure};
use crate::qradar::calls::{AddValue, RemoveValue};
use crate::qradar::client::Client;

const DONE: Done<()> = Done {
    answer: (),
    how: How::Performed,
};

/// Adds a value.
pub async fn add_value(client: &Client, call: &AddValue) -> Result<Done<()>, Failure> {
    client.add_value(&call.name, &call.value, call.domain).await?;
    Ok(DONE)
}

/// Removes a value.
pub async fn remove_value(client: &Client, call: &RemoveValue) -> Result<Done<()>, Failure> {
    client.remove_value(&call.name, &call.value, call.domain).await?;
    Ok(DONE)
}
