//! How is one attempt's store made, so that the guest in it cannot take more than it may?

use std::ops::{Deref, DerefMut};

use synapse_domain::limits;
use wasmtime::{Store, StoreContextMut, UpdateDeadline};

use crate::engine::{Engine, Slot};
use crate::state::{Data, FuelMode};

/// Fuel is handed to the guest in portions of this size: about ten milliseconds. Arming the limit in the middle of a
/// computation takes effect at the end of a portion, because compiled code keeps its counter in a register.
const FUEL_PORTION: u64 = 10_000_000;

/// A store with its slot; the store goes first.
pub struct Guarded<T: Data> {
    store: Store<T>,
    _slot: Slot,
}

/// A store for one attempt. Instances are never used again: a fresh one costs microseconds (security.md 1.4).
///
/// Instantiating already runs guest code (start functions), so all limits are set here, before. (row 18)
///
/// # Errors
/// Only if the engine was built without what we ask of it.
pub fn store<T: Data>(engine: &Engine, slot: Slot, data: T) -> wasmtime::Result<Guarded<T>> {
    let mut store = Store::new(engine.wasmtime(), data);
    store.limiter(|data| &mut data.sandbox().limiter);
    store.set_hostcall_fuel(limits::HOSTCALL_BYTES);
    store.set_max_component_handles(limits::HANDLES);

    let state = store.data_mut().sandbox();
    let (fuel, mode) = (state.fuel, state.fuel_mode);
    store.fuel_async_yield_interval(Some(FUEL_PORTION))?;
    store.set_fuel(match mode {
        FuelMode::FromStart => fuel,
        FuelMode::AfterFirstLiveCall => u64::MAX,
    })?;

    let mut armed = mode == FuelMode::FromStart;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context: StoreContextMut<'_, T>| {
        if !armed && context.data_mut().arm_fuel() {
            armed = true;
            context.set_fuel(fuel)?;
        }
        // Tokio's own yield lets the driver look at timers and sockets; a bare wake would only go round the run queue.
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    Ok(Guarded { store, _slot: slot })
}

impl<T: Data> Guarded<T> {
    /// Fuel used so far: instructions, about. None where the limit does not hold from the start, and counts mean nothing.
    pub fn fuel_used(&mut self) -> Option<u64> {
        let state = self.store.data_mut().sandbox();
        let (fuel, mode) = (state.fuel, state.fuel_mode);
        let left = self.store.get_fuel().ok()?;
        (mode == FuelMode::FromStart).then(|| fuel.saturating_sub(left))
    }

    /// Ends the instance and gives the data back.
    pub fn into_data(self) -> T {
        self.store.into_data()
    }
}

impl<T: Data> Deref for Guarded<T> {
    type Target = Store<T>;
    fn deref(&self) -> &Store<T> {
        &self.store
    }
}

impl<T: Data> DerefMut for Guarded<T> {
    fn deref_mut(&mut self) -> &mut Store<T> {
        &mut self.store
    }
}
