//! How do the guest's calls reach the gate? The generated traits, a few lines a function; one file per interface.

mod alerts;
mod attachments;
mod cases;
mod comments;
mod cortex;
mod custom_fields;
mod links;
mod observables;
mod organisations;
mod pages;
mod procedures;
mod query;
mod raw;
mod shares;
mod statuses;
mod tasks;
mod templates;
mod timeline;
mod users;

use wasmtime::component::Resource;

use super::client::Client;
use crate::bindings::synapse::thehive::connection;
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;

/// What the generated traits answer: a trap, or the guest's result.
type Answer<T> = wasmtime::Result<Result<T, Error>>;
/// The same for a list.
type Answers<T> = wasmtime::Result<Vec<Result<T, Error>>>;

impl connection::Host for Host {}

impl connection::HostOrganisation for Host {
    async fn open(&mut self, binding: String) -> wasmtime::Result<Result<Resource<Handle>, Error>> {
        Host::open::<Client>(self, &binding)
    }

    async fn drop(&mut self, organisation: Resource<Handle>) -> wasmtime::Result<()> {
        self.close(organisation)
    }
}
