//! What time is it? Time is a parameter everywhere, so that replay and simulation are possible.

use std::sync::Arc;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Timestamp = u64;

/// A source of wall-clock time.
pub trait Clock: Send + Sync {
    /// Now, in milliseconds since the epoch.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the machine's clock is read"
        )]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The machine's clock, ahead or behind by so many milliseconds: for tests of what happens in hours.
#[derive(Debug, Clone, Copy)]
pub struct ShiftedClock(pub i64);

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().saturating_add_signed(self.0)
    }
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;
