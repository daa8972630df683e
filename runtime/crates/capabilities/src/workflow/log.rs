//! Where do a guest's log lines go?

use crate::bindings::synapse::workflow::log::{Host, Level};

impl Host for crate::context::Host {
    async fn write(&mut self, level: Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        Ok(self.gate.log(level, &message, &fields).await?)
    }
}
