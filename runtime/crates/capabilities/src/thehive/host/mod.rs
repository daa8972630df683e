//! How do the guest's calls reach the gate? The generated traits, a few lines a function; one file per interface.

mod alerts;
mod cases;
mod comments;
mod observables;
mod tasks;
mod users;

use wasmtime::component::Resource;

use super::client::Client;
use crate::bindings::synapse::thehive::connection;
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;

impl connection::Host for Host {}

impl connection::HostOrganisation for Host {
    async fn open(&mut self, binding: String) -> wasmtime::Result<Result<Resource<Handle>, Error>> {
        Host::open::<Client>(self, &binding)
    }

    async fn drop(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<()> {
        self.close(organisation)
    }
}
