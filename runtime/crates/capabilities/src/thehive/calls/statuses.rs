//! Which calls on statuses are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::thehive::statuses::{Status, Subject};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Read;
use crate::thehive::client::Client;
use crate::thehive::permission;
use crate::thehive::types::StatusRow;

/// `list-statuses`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListStatuses {
    /// Of what.
    pub subject: Subject,
}

impl Read for ListStatuses {
    const OPERATION: Operation = Operation::read("thehive/statuses.list-statuses");
    type Target = Client;
    type Answer = Vec<Status>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListStatuses(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Vec<Status>, Error> {
        let rows = client.fetch_statuses(self.subject).await?;
        Ok(rows.iter().cloned().map(StatusRow::into_status).collect())
    }
}
