//! Who owns the console's state, and how do tests load and reset it?

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::console::Console;
use super::load;
use crate::control::{Control, Target};

/// One simulated QRadar console.
pub struct Simulator {
    control: Control,
    console: Mutex<Console>,
}

impl Simulator {
    /// A console with the default state: one token `sim-token`, domain 0, stock closing reasons and offense types.
    pub fn new(control: Control) -> Self {
        Self {
            control,
            console: Mutex::new(Console::default()),
        }
    }

    /// Its clock, effects log and faults.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The state; every request holds it alone. A panicking handler leaves complete rows behind, so poison is ignored.
    pub fn console(&self) -> MutexGuard<'_, Console> {
        self.console.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target for Simulator {
    fn load(&self, state: Value) -> Result<(), String> {
        let console = load::console(state, self.control.now_ms())?;
        *self.console() = console;
        Ok(())
    }

    /// Back to the default state; a state given at start is loaded again by whoever gave it.
    fn reset(&self) {
        *self.console() = Console::default();
    }

    fn dump(&self) -> Value {
        self.console().dump()
    }
}
