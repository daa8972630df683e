//! Where do time and randomness of a WASI guest come from? The journal and the run's seed.

use std::convert::Infallible;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use synapse_domain::digest::Digest;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiView as _};

use super::{JournaledTime, Wasi};

/// What clocks say about their resolution: journaled time is in milliseconds.
const RESOLUTION: Duration = Duration::from_millis(1);

pub(super) struct Wall(pub(super) JournaledTime);

impl HostWallClock for Wall {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.now())
    }
}

pub(super) struct Monotonic(pub(super) JournaledTime);

impl HostMonotonicClock for Monotonic {
    fn resolution(&self) -> u64 {
        nanoseconds(RESOLUTION)
    }

    fn now(&self) -> u64 {
        nanoseconds(Duration::from_millis(self.0.now()))
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A guest asked WASI to wait.
#[derive(Debug, thiserror::Error)]
#[error("the guest asked WASI to wait for {0} ns")]
pub(crate) struct Waited(u64);

/// Pollable of a moment that has come.
struct Now;

#[async_trait::async_trait]
impl Pollable for Now {
    async fn ready(&mut self) {}
}

/// wasmtime-wasi's own monotonic clock would wait in real time, and which of two waits ends first would be visible to the
/// guest and not in the journal. Time stands still between capability calls, so a wait could never end: it is refused.
impl monotonic_clock::Host for Wasi {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(Monotonic(self.time.clone()).now())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(nanoseconds(RESOLUTION))
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = Monotonic(self.time.clone()).now();
        self.subscribe_duration(when.saturating_sub(now))
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        if duration > 0 {
            return Err(Waited(duration).into());
        }
        let table = self.ctx().table;
        let now = table.push(Now)?;
        subscribe(table, now)
    }
}

/// A random stream of the run, one per purpose.
pub(super) struct Random(ChaCha20Rng);

impl Random {
    pub(super) fn new(seed: &[u8; 32], purpose: &str) -> Self {
        Self(ChaCha20Rng::from_seed(derived(seed, purpose)))
    }
}

/// A number of the run.
pub(super) fn number(seed: &[u8; 32], purpose: &str) -> u128 {
    let bytes = derived(seed, purpose);
    bytes
        .iter()
        .take(16)
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn derived(seed: &[u8; 32], purpose: &str) -> [u8; 32] {
    *Digest::of_parts(&[seed, purpose.as_bytes()]).as_bytes()
}

impl rand_core::TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_37_randomness_is_the_seeds_and_one_stream_per_purpose() {
        let draw = |seed, purpose| Random::new(&[seed; 32], purpose).0.next_u64();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(number(&[1; 32], "a"), number(&[2; 32], "a"));
    }
}
