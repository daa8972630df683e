//! Which offenses belong to a run?

use synapse_guest::qradar::{OffenseFilter, Status};
use synapse_guest::time::utc;
use synapse_offenses::answer::Window;
use synapse_offenses::config::{self, Config};

/// The last so many minutes and the overlap, but never before the go-live point.
pub fn window(now: u64, go_live: u64, minutes: u64, config: &Config) -> Window {
    let overlap = config.overlap_seconds;
    let asked = now.saturating_sub(minutes * 60_000).saturating_sub(overlap * 1_000);
    let from = asked.max(go_live);
    let mut text = format!(
        "last updated from {} to {}, both inclusive: the last {minutes} minutes",
        utc(from),
        utc(now)
    );
    if go_live > now {
        text = format!(
            "none: the go-live point {} is still to come, and nothing older is imported",
            utc(go_live)
        );
    } else if go_live > asked {
        text.push_str(", cut off at the go-live point, before which nothing is imported");
    } else if overlap > 0 {
        text.push_str(&format!(" and {overlap} s of overlap"));
    }
    Window { from, to: now, text }
}

/// The console's part of the selection. The minimum magnitude is ours, so that what it leaves out is reported.
pub fn filter(window: &Window, config: &Config) -> OffenseFilter {
    OffenseFilter {
        status: match config.status {
            config::Status::Open => Some(Status::Open),
            config::Status::Any => None,
        },
        updated_from: Some(window.from),
        updated_to: Some(window.to),
        ..OffenseFilter::default()
    }
}

/// The selection beside the window, in words.
pub fn filter_text(config: &Config) -> String {
    let status = match config.status {
        config::Status::Open => "open offenses",
        config::Status::Any => "offenses of any status",
    };
    match config.min_magnitude {
        0 => format!("{status} of any magnitude"),
        least => format!("{status} of magnitude {least} or more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn a_window_overlaps_and_never_reaches_before_go_live() {
        let config = Config {
            overlap_seconds: 120,
            ..Config::default()
        };
        let now = 1_000 * MINUTE;
        assert_eq!(window(now, 0, 10, &config).from, 988 * MINUTE);
        let cut = window(now, 989 * MINUTE, 10, &config);
        assert_eq!((cut.from, cut.to), (989 * MINUTE, now));
        assert!(cut.text.contains("go-live"), "{}", cut.text);
        assert_eq!(window(MINUTE, 0, 10, &config).from, 0);
        assert!(window(now, now + 1, 10, &config).is_empty());
        assert!(!window(now, now, 10, &config).is_empty());
    }
}
