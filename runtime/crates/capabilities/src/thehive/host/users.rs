//! How do calls on users reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::users::{self, NewUser, User};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateUser, CurrentUser, GetUser, ListUsers, SetLocked};

impl users::Host for Host {
    async fn list_users(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<Result<Vec<User>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListUsers {}).await?)
    }

    async fn current_user(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<Result<User, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, CurrentUser {}).await?)
    }

    async fn get_user(&mut self, organisation: Resource<Handle>, login: String) -> Answer<User> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetUser { login }).await?)
    }

    async fn create_user(&mut self, organisation: Resource<Handle>, user: NewUser) -> Answer<User> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CreateUser { user }).await?)
    }

    async fn set_locked(&mut self, organisation: Resource<Handle>, login: String, locked: bool) -> Answer<User> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, SetLocked { login, locked }).await?)
    }
}
