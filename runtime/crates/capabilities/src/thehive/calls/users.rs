//! Which calls on users are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::thehive::users::User;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Read;
use crate::thehive::client::Client;
use crate::thehive::permission;
use crate::thehive::types::UserRow;

/// `list-users`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListUsers {}

/// `current-user`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CurrentUser {}

impl Read for ListUsers {
    const OPERATION: Operation = Operation::read("thehive/users.list-users");
    type Target = Client;
    type Answer = Vec<User>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListUsers)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Vec<User>, Error> {
        let rows = client.users().await?;
        Ok(rows.into_iter().map(UserRow::into_user).collect())
    }
}

impl Read for CurrentUser {
    const OPERATION: Operation = Operation::read("thehive/users.current-user");
    type Target = Client;
    type Answer = User;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CurrentUser)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<User, Error> {
        Ok(client.current_user().await?.into_user())
    }
}
