//! How do calls on users reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::thehive::users::{self, User};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CurrentUser, ListUsers};

impl users::Host for Host {
    async fn list_users(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<Result<Vec<User>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListUsers {}).await?)
    }

    async fn current_user(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<Result<User, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, CurrentUser {}).await?)
    }
}
