//! How much may a guest, a caller or a target use? Every limit that is not a connection's own is on this page.

use serde::{Deserialize, Serialize};

/// Largest event data, result and configuration: what a person would still read, and far below a frame of any proxy.
pub const EVENT_BYTES: usize = 1 << 20;
/// Largest answer of a workflow.
pub const RESULT_BYTES: usize = 1 << 20;
/// Largest component that may be uploaded at all; a plan may lower it.
pub const COMPONENT_BYTES: usize = 32 << 20;
/// Largest canonical argument or outcome of one call in the journal; equals the host-call limit, so that nothing larger arrives.
pub const JOURNAL_PAYLOAD_BYTES: usize = 4 << 20;
/// Buffered outcomes of reads are handed to the committer at this many entries: bounds what a crash has to ask again.
pub const BUFFERED_ENTRIES: usize = 64;
/// ... and at this many bytes.
pub const BUFFERED_BYTES: usize = 256 << 10;
/// Log lines kept of one run (threat row 11).
pub const LOG_LINES: usize = 1_000;
/// Bytes of log kept of one run.
pub const LOG_BYTES: usize = 256 << 10;
/// Longest log message or field kept.
pub const LOG_TEXT_BYTES: usize = 4 << 10;
/// Fields kept of one log line.
pub const LOG_FIELDS: usize = 32;
/// Report lines kept of one run.
pub const REPORT_ITEMS: usize = 10_000;
/// Bytes of report kept of one run.
pub const REPORT_BYTES: usize = 4 << 20;
/// Longest text of a report line kept.
pub const REPORT_TEXT_BYTES: usize = 2 << 10;
/// Longest key in `state`.
pub const STATE_KEY_BYTES: usize = 256;
/// Largest value in `state`.
pub const STATE_VALUE_BYTES: usize = 64 << 10;
/// Keys of one `state.get` and changes of one `state.apply`.
pub const STATE_BATCH: usize = 1_000;
/// Keys of one page of `state.keys`.
pub const STATE_PAGE: usize = 100;
/// Keys a deployment may hold (D43: bounded state).
pub const STATE_KEYS: u64 = 1_000_000;
/// Bytes of one `random.bytes`.
pub const RANDOM_BYTES: u32 = 4_096;
/// Bytes of one `blob.read`.
pub const BLOB_READ_BYTES: u32 = 1 << 20;
/// Largest blob, unless the configuration says otherwise: far above the largest mail that Exchange accepts.
pub const BLOB_BYTES: u64 = 512 << 20;
/// Ranges of one `blobs.gather`: a container whose pieces are 64 KiB reaches half the largest blob with them.
pub const BLOB_SPANS: usize = 4_096;
/// Bytes of all blobs that a tenant's runs need at once, unless the configuration says otherwise.
pub const SPOOL_BYTES: u64 = 10 << 30;
/// Longest name of a blob kept; longer ones, which only a hostile sender gives, are cut.
pub const BLOB_NAME_BYTES: usize = 1_024;
/// Longest media type of a blob kept.
pub const BLOB_TYPE_BYTES: usize = 255;
/// Items of a list that a target is asked for or told in one call.
pub const BATCH_ITEMS: usize = 100;
/// Attempts without a new journal entry before a run counts as poisoned (design section 12).
pub const BARREN_ATTEMPTS: u32 = 5;
/// `retry-after` failures of one run before it fails for good.
pub const RETRIES: u32 = 20;
/// Furthest moment a run may sleep until, in milliseconds ahead: 90 days. Longer than any grace period, shorter than records are kept.
pub const SLEEP_MS: u64 = 90 * 86_400_000;
/// A sleep that is waited for in place, in milliseconds: below it, a suspension with its commit and replay would cost more.
pub const SHORT_SLEEP_MS: u64 = 250;
/// Longest idempotency key of a caller.
pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
/// Queued runs of one tenant before a trigger is answered 429 (threat row 51).
pub const QUEUED_RUNS: u64 = 10_000;
/// Longest `Prefer: wait`, in seconds.
pub const WAIT_SECONDS: u64 = 300;

/// What one run may use. Below the plan a deployment may ask for less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Sum of all linear memories, bytes.
    pub memory_bytes: u64,
    /// Instructions, in wasmtime's fuel: the CPU limit (deterministic).
    pub fuel: u64,
    /// Longest wall-clock time of one attempt, milliseconds.
    pub wall_ms: u64,
    /// Capability calls of the run, denied ones included.
    pub calls: u32,
}

/// What a component may be made of and a run may use, by name of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name in a manifest.
    pub name: &'static str,
    /// Core instances of a component.
    pub core_instances: u32,
    /// Linear memories of a component.
    pub memories: u32,
    /// Size of a component, bytes.
    pub component_bytes: usize,
    /// Functions of a component: compile time and memory grow with them (security.md 1.4).
    pub functions: u32,
    /// Largest table.
    pub table_elements: u32,
    /// What a run may use at most.
    pub run: RunLimits,
}

/// The default plan: Rust and QuickJS guests.
pub const STANDARD: Plan = Plan {
    name: "standard",
    core_instances: 24,
    memories: 4,
    component_bytes: 16 << 20,
    functions: 20_000,
    table_elements: 20_000,
    // 10^10 units are about ten seconds of one core; a SOC workflow of 100 offenses uses 10^7.
    run: RunLimits {
        memory_bytes: 64 << 20,
        fuel: 10_000_000_000,
        wall_ms: 15 * 60 * 1_000,
        calls: 20_000,
    },
};

/// For guests that bring an interpreter (Python has 38 core modules).
pub const LARGE: Plan = Plan {
    name: "large",
    core_instances: 64,
    memories: 4,
    component_bytes: 32 << 20,
    functions: 20_000,
    table_elements: 20_000,
    run: RunLimits {
        memory_bytes: 256 << 20,
        fuel: 100_000_000_000,
        wall_ms: 60 * 60 * 1_000,
        calls: 50_000,
    },
};

/// The plan with this name.
pub fn plan(name: &str) -> Option<&'static Plan> {
    [&STANDARD, &LARGE].into_iter().find(|plan| plan.name == name)
}

/// Host-call bytes: what one call may carry from the guest (threat row 8).
pub const HOSTCALL_BYTES: usize = 4 << 20;
/// Resource handles a run may hold (threat row 14).
pub const HANDLES: usize = 256;
/// WebAssembly stack, bytes.
pub const WASM_STACK: usize = 512 << 10;
/// Stack of the fiber that runs a guest, bytes: the difference to `WASM_STACK` is what host functions have.
pub const ASYNC_STACK: usize = 2 << 20;
/// Instances alive at once on a node; the pool's size.
pub const INSTANCES: u32 = 128;
