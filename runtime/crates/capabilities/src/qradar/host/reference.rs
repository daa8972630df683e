//! How do calls on reference data reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::qradar::reference::{
    self, EntryPage, ReferenceSet, ReferenceTable, TableKind, ValuePage,
};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::qradar::calls::{AddValue, Contains, GetSet, ListEntries, ListSets, ListTables, ListValues, RemoveValue};

impl reference::Host for Host {
    async fn list_sets(&mut self, console: Resource<Handle>) -> Answer<Vec<ReferenceSet>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListSets {}).await?)
    }

    async fn get_set(&mut self, console: Resource<Handle>, name: String) -> Answer<ReferenceSet> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, GetSet { name }).await?)
    }

    async fn list_values(
        &mut self,
        console: Resource<Handle>,
        name: String,
        cursor: Option<String>,
    ) -> Answer<ValuePage> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListValues { name, cursor }).await?)
    }

    async fn contains(&mut self, console: Resource<Handle>, name: String, values: Vec<String>) -> Answer<Vec<bool>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, Contains { name, values }).await?)
    }

    async fn add_values(
        &mut self,
        console: Resource<Handle>,
        name: String,
        values: Vec<String>,
        domain: Option<u64>,
    ) -> wasmtime::Result<Vec<Result<(), Error>>> {
        let handle = self.handle(&console)?;
        let call = |value| AddValue {
            name: name.clone(),
            value,
            domain,
        };
        let calls = values.into_iter().map(call).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn remove_values(
        &mut self,
        console: Resource<Handle>,
        name: String,
        values: Vec<String>,
        domain: Option<u64>,
    ) -> wasmtime::Result<Vec<Result<(), Error>>> {
        let handle = self.handle(&console)?;
        let call = |value| RemoveValue {
            name: name.clone(),
            value,
            domain,
        };
        let calls = values.into_iter().map(call).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn list_tables(&mut self, console: Resource<Handle>, kind: TableKind) -> Answer<Vec<ReferenceTable>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListTables { kind }).await?)
    }

    async fn list_entries(
        &mut self,
        console: Resource<Handle>,
        kind: TableKind,
        name: String,
        cursor: Option<String>,
    ) -> Answer<EntryPage> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListEntries { kind, name, cursor }).await?)
    }
}
