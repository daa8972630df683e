//! How do calls on comments reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::thehive::comments::{self, Comment};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{AddComment, ListComments};

impl comments::Host for Host {
    async fn add_comment(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        message: String,
        dedup_key: Option<String>,
    ) -> wasmtime::Result<Result<Comment, Error>> {
        let handle = self.handle(&organisation)?;
        let call = AddComment {
            owner,
            message,
            dedup_key,
        };
        Ok(self.gate.write(&handle, call).await?)
    }

    async fn list_comments(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
    ) -> wasmtime::Result<Result<Vec<Comment>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListComments { owner }).await?)
    }
}
