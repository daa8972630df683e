//! Does the laboratory target answer?

use super::client::Client;
use crate::checkup::{Step, said};

impl Client {
    /// Asks for something that is not there.
    pub async fn examine(&self) -> Vec<Step> {
        vec![match self.by_marker("synapse:examination").await {
            Ok(_) => Step::ok("authentication", "the target answers"),
            Err(error) => Step::failed("authentication", said(&error), "start the laboratory target"),
        }]
    }
}
