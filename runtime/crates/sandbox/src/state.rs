//! What must the data of a store offer to the sandbox?

use synapse_domain::limits::RunLimits;

use crate::limiter::Limiter;
use crate::wasi::Wasi;

/// What the sandbox needs from the data of a store.
pub trait Data: Send + 'static {
    /// The sandbox's own part of the data.
    fn sandbox(&mut self) -> &mut State;

    /// Asked once per tick while the guest computes, and only under [`FuelMode::AfterFirstLiveCall`]: has this attempt made
    /// a live call, so that the fuel limit must hold from now on?
    fn arm_fuel(&mut self) -> bool;
}

/// From when on the fuel limit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FuelMode {
    /// From the start: a first attempt, or a replay on an engine with the same fingerprint, where fuel repeats exactly.
    FromStart,
    /// A replay on an engine with another fingerprint counts differently, and must not end a run at a point where it did
    /// not end before (design.md section 12). The wall-clock limit holds meanwhile.
    AfterFirstLiveCall,
}

/// The sandbox's part of a store's data: limits and the empty WASI.
pub struct State {
    pub(crate) limiter: Limiter,
    pub(crate) wasi: Wasi,
    pub(crate) fuel: u64,
    pub(crate) fuel_mode: FuelMode,
}

impl State {
    /// For one attempt with these limits.
    pub fn new(limits: &RunLimits, fuel_mode: FuelMode, wasi: Wasi) -> Self {
        Self {
            limiter: Limiter::new(limits.memory_bytes),
            wasi,
            fuel: limits.fuel,
            fuel_mode,
        }
    }

    /// Hands out what the guest wrote to standard output or error without an end of line: call it when the guest has ended.
    pub fn flush_output(&mut self) {
        self.wasi.flush_output();
    }

    /// Most memory that the guest had at once, bytes: for the run's record.
    pub fn peak_memory(&self) -> u64 {
        self.limiter.bytes()
    }
}
