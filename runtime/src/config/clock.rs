//! Which clock does the server go by?

use std::sync::Arc;

use synapse_domain::clock::{SharedClock, ShiftedClock, SystemClock};

/// Milliseconds that a test's server is ahead. Like fail points it exists only in programs that are built for tests.
#[cfg(debug_assertions)]
const SHIFT: &str = "SYNAPSE_CLOCK_SHIFT_MS";

/// The machine's clock.
pub fn clock() -> SharedClock {
    match shift() {
        Some(shift) => Arc::new(ShiftedClock(shift)),
        None => Arc::new(SystemClock),
    }
}

#[cfg(debug_assertions)]
#[expect(
    clippy::disallowed_methods,
    reason = "configuration is where the environment is read, and this in debug builds only"
)]
fn shift() -> Option<i64> {
    std::env::var(SHIFT).ok()?.parse().ok()
}

#[cfg(not(debug_assertions))]
fn shift() -> Option<i64> {
    None
}
