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

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;
