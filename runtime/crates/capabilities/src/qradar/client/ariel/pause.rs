//! How long is waited between two looks at a search? At first hardly, then longer and longer (D38).

use std::time::Duration;

/// The first pause: most searches of a SOC end within tens of milliseconds.
const FIRST: Duration = Duration::from_millis(10);
/// The longest pause of our own.
const LONGEST: Duration = Duration::from_secs(5);
/// The longest pause a console can ask for; the search's deadline ends it as well.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// A growing pause.
#[derive(Debug)]
pub struct Pause {
    next: Duration,
}

impl Pause {
    /// Short again.
    pub fn new() -> Self {
        Self { next: FIRST }
    }

    /// Waits; at least so many milliseconds if the console asked for them.
    pub async fn wait(&mut self, asked: Option<u64>) {
        tokio::time::sleep(self.take(asked)).await;
    }

    fn take(&mut self, asked: Option<u64>) -> Duration {
        // Between half and all of it, so that many searches do not look in step.
        let own = self.next.mul_f64(rand::random_range(0.5..=1.0));
        self.next = self.next.saturating_mul(2).min(LONGEST);
        let asked = Duration::from_millis(asked.unwrap_or(0)).min(LONGEST_ASKED);
        own.max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d38_the_pause_starts_at_ten_milliseconds_doubles_and_stops_at_five_seconds() {
        let mut pause = Pause::new();
        let mut whole = FIRST;
        for _ in 0..20 {
            let taken = pause.take(None);
            assert!(taken <= whole && taken >= whole / 2, "{taken:?} of {whole:?}");
            whole = (whole * 2).min(LONGEST);
        }
    }

    #[test]
    fn a_console_may_ask_for_patience_but_not_for_ten_years() {
        assert_eq!(Pause::new().take(Some(30_000)), Duration::from_secs(30));
        assert_eq!(Pause::new().take(Some(u64::MAX)), LONGEST_ASKED);
    }
}
