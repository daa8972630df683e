//! How does a process get its one wasmtime engine, and how many guests may live in it at once?

use std::hash::{Hash as _, Hasher};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use synapse_domain::digest::Digest;
use synapse_domain::limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::settings::{Allocator, settings};
use crate::ticker;

/// The pinned version; a test compares it with the lock file. It is part of every fingerprint.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// The engine of this process with its slots. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    fingerprint: Fingerprint,
    slots: Arc<Semaphore>,
}

/// Names the wasmtime version, our settings, the target and the CPU features. Fuel repeats only under an equal one, and
/// compiled artefacts load only under an equal one (design.md section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// The digest, for cache keys.
    pub fn digest(&self) -> &Digest {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    /// `wasmtime-48.0.8-` and 16 hexadecimal digits: what an attempt's row records.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wasmtime-{WASMTIME_VERSION}-{}", self.0.short())
    }
}

/// The engine could not be made.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "cannot start the WebAssembly engine: {0}. It reserves some terabytes of address space: check that `ulimit -v` is \
     unlimited and vm.overcommit_memory is not 2"
)]
pub struct EngineError(String);

/// The right to hold one instance. Taken before a store is made, given back after the store is gone.
#[must_use]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Engine {
    /// The engine of this process; made at the first call, the same ever after. Two engines in one process have mixed up
    /// types before (GHSA-hgjw, GHSA-qw58), so there is no other way to get one.
    ///
    /// # Errors
    /// The operating system refuses the address space of the pool, or the CPU lacks what Cranelift needs.
    pub fn shared() -> Result<Self, EngineError> {
        static ENGINE: OnceLock<Result<Engine, EngineError>> = OnceLock::new();
        ENGINE.get_or_init(Self::new).clone()
    }

    /// A new engine with its ticker.
    pub(crate) fn new() -> Result<Self, EngineError> {
        let (config, digest) = settings(Allocator::Pool);
        let wasmtime = wasmtime::Engine::new(&config).map_err(|error| EngineError(format!("{error:#}")))?;
        ticker::start(&wasmtime).map_err(|error| EngineError(format!("no thread for the epoch ticker: {error}")))?;
        let fingerprint = fingerprint(&wasmtime, &digest);
        let slots = Arc::new(Semaphore::new(limits::INSTANCES as usize));
        Ok(Self {
            wasmtime,
            fingerprint,
            slots,
        })
    }

    /// For linkers and components.
    pub fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// What this process compiles and counts fuel with.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Waits for a slot, first come first served. Fairness between tenants is the scheduler's business, before this.
    pub async fn slot(&self) -> Slot {
        let permit = Arc::clone(&self.slots).acquire_owned().await;
        Slot {
            _permit: permit.expect("the semaphore is never closed"),
        }
    }

    /// A slot if one is free now.
    pub fn try_slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots)
            .try_acquire_owned()
            .ok()
            .map(|permit| Slot { _permit: permit })
    }

    /// Slots that are free now: for `/metrics`.
    pub fn free_slots(&self) -> usize {
        self.slots.available_permits()
    }
}

/// The engine of the compiling child: same settings, no pool, no ticker.
pub(crate) fn compiling() -> Result<wasmtime::Engine, EngineError> {
    let (config, _) = settings(Allocator::OnDemand);
    wasmtime::Engine::new(&config).map_err(|error| EngineError(format!("{error:#}")))
}

fn fingerprint(engine: &wasmtime::Engine, settings: &Digest) -> Fingerprint {
    // wasmtime's own hash covers target, CPU features and what compilation depends on.
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let compatibility: [u8; 32] = hasher.0.finalize().into();
    Fingerprint(Digest::of_parts(&[
        WASMTIME_VERSION.as_bytes(),
        settings.as_bytes(),
        &compatibility,
    ]))
}

/// Collects what a `Hash` implementation feeds: std's hasher has 64 bits and no promise to stay the same.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the digest is taken from the field.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_engine_per_process_with_a_stable_fingerprint() {
        let (first, second) = (Engine::shared().unwrap(), Engine::shared().unwrap());
        assert!(wasmtime::Engine::same(first.wasmtime(), second.wasmtime()));
        let (_, digest) = settings(Allocator::OnDemand);
        // Child and parent compile for the same thing, or the cache would hold what cannot be loaded.
        assert_eq!(fingerprint(&compiling().unwrap(), &digest), first.fingerprint());
        assert!(first.fingerprint().to_string().starts_with("wasmtime-48.0.8-"));
    }

    #[test]
    fn slots_are_as_many_as_the_limit_and_come_back() {
        let engine = Engine {
            slots: Arc::new(Semaphore::new(2)),
            ..Engine::shared().unwrap()
        };
        let held = [engine.try_slot(), engine.try_slot()];
        assert!(held.iter().all(Option::is_some));
        assert!(engine.try_slot().is_none());
        drop(held);
        assert_eq!(engine.free_slots(), 2);
    }
}
