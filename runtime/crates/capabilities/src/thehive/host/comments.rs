//! How do calls on comments reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::comments::{self, Comment};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{AddComment, DeleteComment, ListComments, UpdateComment};

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

    async fn update_comment(&mut self, organisation: Resource<Handle>, id: String, message: String) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateComment { id, message }).await?)
    }

    async fn delete_comments(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteComment { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }
}
