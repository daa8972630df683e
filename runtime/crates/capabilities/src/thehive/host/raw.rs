//! How do calls on requests as they are reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::raw::{self, Method, RawAnswer, RawRequest};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{RawRead, RawWrite};

impl raw::Host for Host {
    async fn request(&mut self, organisation: Resource<Handle>, request: RawRequest) -> Answer<RawAnswer> {
        let handle = self.handle(&organisation)?;
        if request.method == Method::Get {
            Ok(self.gate.read(&handle, RawRead { request }).await?)
        } else {
            Ok(self.gate.write(&handle, RawWrite { request }).await?)
        }
    }
}
