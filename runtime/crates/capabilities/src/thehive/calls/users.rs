//! Which calls on users are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::users::{NewUser, User};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Read;
use crate::thehive::client::Client;
use crate::thehive::types::UserRow;
use crate::thehive::{check, permission, reconcile};

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

ask!(
    /// `get-user`
    GetUser {
        /// The user's login.
        login: String,
    } = "thehive/users.get-user" -> User,
    |call, client, _scopes| {
        check::login(&call.login)?;
        Ok(client.user(&call.login).await?.into_user())
    }
);
change!(
    /// `set-locked`
    SetLocked {
        /// The user's login.
        login: String,
        /// Locked out, or let in again.
        locked: bool,
    } = Keyed "thehive/users.set-locked" -> User,
    check: check::set_locked, perform: reconcile::set_locked
);
change!(
    /// `create-user`
    CreateUser {
        /// What the guest asks for.
        user: NewUser,
    } = Keyed "thehive/users.create-user" -> User,
    check: check::create_user, perform: reconcile::create_user
);
