//! What does a guest of profile B find behind WASI? Nothing that differs between two replays. (threat rows 33, 35, 37)
//!
//! No files, environment, arguments, sockets or input; journaled time; randomness from the run's seed; output becomes
//! log lines.

mod link;
mod output;
mod sources;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use synapse_domain::limits;
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxView, WasiView};

pub(crate) use link::link;
pub use output::{Sink, Stream};
pub(crate) use sources::Waited;

/// The run's journaled time in milliseconds since 1970. The gate sets it at every recorded outcome; guests only read it.
#[derive(Debug, Clone, Default)]
pub struct JournaledTime(Arc<AtomicU64>);

impl JournaledTime {
    /// Time stands at this moment.
    pub fn new(ms: u64) -> Self {
        Self(Arc::new(AtomicU64::new(ms)))
    }

    /// Time moves on to this moment; never back, because guests take a monotonic clock from it.
    pub fn advance(&self, ms: u64) {
        self.0.fetch_max(ms, Ordering::Relaxed);
    }

    /// The moment at which time stands.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The WASI of one attempt. Costs nothing until a guest calls it: most guests have no WASI.
pub struct Wasi {
    seed: [u8; 32],
    time: JournaledTime,
    output: output::Output,
    table: ResourceTable,
    built: Option<WasiCtx>,
}

impl Wasi {
    /// `seed` is the run's; streams of its own are derived from it. `sink` gets each line of standard output and error.
    pub fn new(seed: [u8; 32], time: JournaledTime, sink: Sink) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES);
        Self {
            seed,
            time,
            output: output::Output::new(sink),
            table,
            built: None,
        }
    }

    pub(crate) fn flush_output(&mut self) {
        self.output.flush();
    }

    fn build(&self) -> WasiCtx {
        let mut builder = WasiCtx::builder();
        builder
            .stdout(self.output.stream(Stream::Out))
            .stderr(self.output.stream(Stream::Err))
            .wall_clock(sources::Wall(self.time.clone()))
            .monotonic_clock(sources::Monotonic(self.time.clone()))
            .secure_random(sources::Random::new(&self.seed, "wasi:random/random"))
            .insecure_random(sources::Random::new(&self.seed, "wasi:random/insecure"))
            .insecure_random_seed(sources::number(&self.seed, "wasi:random/insecure-seed"))
            .max_random_size(limits::RANDOM_BYTES.into())
            // The address check refuses everything by default; without these no socket is made in the first place.
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        builder.build()
    }
}

impl WasiView for Wasi {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        if self.built.is_none() {
            self.built = Some(self.build());
        }
        WasiCtxView {
            ctx: self.built.get_or_insert_with(WasiCtx::default),
            table: &mut self.table,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_35_journaled_time_never_goes_back() {
        let time = JournaledTime::new(10);
        time.advance(20);
        time.advance(15);
        assert_eq!(time.now(), 20);
    }
}
