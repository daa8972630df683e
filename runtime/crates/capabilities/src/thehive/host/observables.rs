//! How do calls on observables and attachments reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::alerts::Observable;
use crate::bindings::synapse::thehive::observables::{
    self, Added, Existing, FileObservable, ObservablePage, ObservablePatch, Owner,
};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::blobs::Held;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    AddAttachment, AddFileObservable, AddObservable, DeleteObservable, GetObservable, ListObservables,
    SimilarObservables, UpdateObservable, UpdateObservables,
};
use crate::thehive::owner::Seen;

impl observables::Host for Host {
    async fn add_observables(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        observables: Vec<Observable>,
    ) -> wasmtime::Result<Vec<Result<Added, Error>>> {
        let handle = self.handle(&organisation)?;
        let (spool, seen) = (self.gate.spool(), Seen::default());
        let call = |observable| AddObservable {
            owner: owner.clone(),
            observable,
            spool: spool.clone(),
            seen: seen.clone(),
        };
        let calls = observables.into_iter().map(call).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn add_file_observables(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        observables: Vec<FileObservable>,
        files: Vec<Resource<Held>>,
    ) -> wasmtime::Result<Vec<Result<Added, Error>>> {
        let handle = self.handle(&organisation)?;
        if observables.len() != files.len() {
            // A pure function of the arguments, so it needs no journal.
            let refused = Error::Invalid(InvalidArgument {
                field: "files".to_owned(),
                reason: format!("{} files for {} observables", files.len(), observables.len()),
            });
            return Ok(observables.iter().map(|_| Err(refused.clone())).collect());
        }
        let (spool, seen) = (self.gate.spool(), Seen::default());
        let mut calls = Vec::with_capacity(files.len());
        for (observable, file) in observables.into_iter().zip(&files) {
            calls.push(AddFileObservable {
                owner: owner.clone(),
                observable,
                file: self.blob(file)?,
                spool: spool.clone(),
                seen: seen.clone(),
            });
        }
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn list_observables(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<ObservablePage, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListObservables { owner, cursor }).await?)
    }

    async fn add_attachment(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        file: Resource<Held>,
    ) -> wasmtime::Result<Result<String, Error>> {
        let handle = self.handle(&organisation)?;
        let call = AddAttachment {
            owner,
            file: self.blob(&file)?,
            spool: self.gate.spool(),
        };
        Ok(self.gate.write(&handle, call).await?)
    }

    async fn get_observable(&mut self, organisation: Resource<Handle>, id: String) -> Answer<Existing> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetObservable { id }).await?)
    }

    async fn update_observable(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        patch: ObservablePatch,
    ) -> Answer<Existing> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateObservable { id, patch }).await?)
    }

    async fn update_observables(
        &mut self,
        organisation: Resource<Handle>,
        ids: Vec<String>,
        patch: ObservablePatch,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateObservables { ids, patch }).await?)
    }

    async fn delete_observables(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteObservable { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn similar_observables(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        other: Owner,
    ) -> Answer<Vec<Existing>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, SimilarObservables { owner, other }).await?)
    }
}
