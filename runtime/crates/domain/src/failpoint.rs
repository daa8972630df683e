//! Where can a test stop the process, and how often did it pass there?
//!
//! Compiled under `debug_assertions` only. `SYNAPSE_FAILPOINT=<name>:<n>` kills the process (SIGKILL, no clean-up) at the n-th
//! passage of the point, or stops it until SIGCONT with `SYNAPSE_FAILPOINT_SIGNAL=stop`; `SYNAPSE_FAILPOINT_LOG=<file>` gets one line per
//! passage, so that a test can assert that it was reached.

/// The points, in the order in which a write meets them.
pub const POINTS: [&str; 8] = [
    "gate.before-intent",
    "gate.after-intent",
    "gate.after-send",
    "gate.after-response",
    "gate.after-outcome",
    "engine.before-end",
    // A blob on its way to disk: the file is there and no row names it; the row is there and no outcome names it.
    "blobs.after-file",
    "blobs.after-hold",
];

/// The points of a watched source: what it brought is in memory; it is committed, with its runs.
pub const SOURCE_POINTS: [&str; 2] = ["source.after-fetch", "source.after-commit"];

/// The points of a schedule: its time has come and nothing is recorded; its run is recorded and nobody was told.
pub const SCHEDULE_POINTS: [&str; 2] = ["schedule.before-fire", "schedule.after-fire"];

/// The points of a webhook: nothing is recorded; it is recorded and not answered.
pub const HOOK_POINTS: [&str; 2] = ["hooks.before-record", "hooks.after-record"];

/// Passes a point.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn hit(_name: &'static str) {}

/// Passes a point.
#[cfg(debug_assertions)]
pub fn hit(name: &'static str) {
    active::hit(name);
}

#[cfg(debug_assertions)]
mod active {
    use std::collections::HashMap;
    use std::io::Write as _;
    use std::sync::{LazyLock, Mutex};

    struct Setup {
        at: Option<(String, u64)>,
        stop: bool,
        log: Option<std::path::PathBuf>,
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "fail points are chosen by environment, in debug builds only"
    )]
    static SETUP: LazyLock<Setup> = LazyLock::new(|| Setup {
        at: std::env::var("SYNAPSE_FAILPOINT").ok().and_then(|text| {
            let (name, n) = text.rsplit_once(':')?;
            Some((name.to_owned(), n.parse().ok()?))
        }),
        stop: std::env::var("SYNAPSE_FAILPOINT_SIGNAL").is_ok_and(|signal| signal == "stop"),
        log: std::env::var("SYNAPSE_FAILPOINT_LOG").ok().map(Into::into),
    });
    static PASSED: LazyLock<Mutex<HashMap<&'static str, u64>>> = LazyLock::new(Mutex::default);

    pub fn hit(name: &'static str) {
        if SETUP.at.is_none() && SETUP.log.is_none() {
            return;
        }
        let Ok(mut passed) = PASSED.lock() else { return };
        let count = passed.entry(name).or_default();
        *count += 1;
        let line = format!("{name} {count}\n");
        if let Some(path) = &SETUP.log
            && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path)
        {
            // A lost line shows up in the test that counts the passages.
            file.write_all(line.as_bytes()).ok();
        }
        let (process, reached) = (
            rustix::process::getpid(),
            SETUP.at.as_ref().is_some_and(|(point, n)| point == name && n == count),
        );
        if reached && SETUP.stop {
            let before = std::time::Instant::now();
            rustix::process::kill_process(process, rustix::process::Signal::STOP).ok();
            until_woken(before);
        } else if reached {
            rustix::process::kill_process(process, rustix::process::Signal::KILL).ok();
            std::process::abort();
        }
    }

    /// The kernel stops the threads one by one: this one must not go on before it was stopped, which shows as a hole in its time.
    fn until_woken(before: std::time::Instant) {
        let mut last = before;
        while last.elapsed() < std::time::Duration::from_millis(100) {
            last = std::time::Instant::now();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}
