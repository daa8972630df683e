//! How do the guest's calls reach the gate? The generated traits, a few lines a function.

use wasmtime::component::Resource;

use super::calls::{Append, Fire, ReadText};
use super::client::Client;
use crate::bindings::synapse::lab::target;
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;

impl target::Host for Host {}

impl target::HostBench for Host {
    async fn open(&mut self, binding: String) -> wasmtime::Result<Result<Resource<Handle>, Error>> {
        Host::open::<Client>(self, &binding)
    }

    async fn read(
        &mut self,
        bench: Resource<Handle>,
        key: String,
        size: u32,
    ) -> wasmtime::Result<Result<String, Error>> {
        let handle = self.handle(&bench)?;
        Ok(self.gate.read(&handle, ReadText { key, size }).await?)
    }

    async fn append(
        &mut self,
        bench: Resource<Handle>,
        text: String,
        dedup_key: Option<String>,
    ) -> wasmtime::Result<Result<String, Error>> {
        let handle = self.handle(&bench)?;
        Ok(self.gate.write(&handle, Append { text, dedup_key }).await?)
    }

    async fn fire(&mut self, bench: Resource<Handle>, text: String) -> wasmtime::Result<Result<String, Error>> {
        let handle = self.handle(&bench)?;
        Ok(self.gate.write(&handle, Fire { text }).await?)
    }

    async fn drop(&mut self, bench: Resource<Handle>) -> wasmtime::Result<()> {
        self.close(bench)
    }
}
