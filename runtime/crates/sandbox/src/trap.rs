//! A call into a guest failed: was it a limit, the guest, or one of our own errors on its way out?

use std::fmt;

use wasmtime::{Error, PoolConcurrencyLimitError, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::limiter::Exceeded;
use crate::wasi::Waited;

/// Frames named to the author of the workflow.
const FRAMES: usize = 4;
/// Longest text taken from wasmtime or from the guest's names.
const TEXT: usize = 200;

/// Why a guest ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    /// All fuel used (row 1).
    CpuLimit,
    /// More memory than the quota, at growth or at the start (row 4).
    MemoryLimit,
    /// A larger table than allowed.
    TableLimit,
    /// Recursion (row 6).
    StackLimit,
    /// More than `HOSTCALL_BYTES` in one call or in the answer (rows 8, 9, 10).
    HostCallTooLarge,
    /// More than `HANDLES` resource handles at once (row 14).
    HandleLimit,
    /// `wasi:cli/exit`, with its status: a program, not a workflow, or a language runtime giving up.
    Exit(i32),
    /// Tried to sleep through WASI, where time does not pass.
    Waited,
    /// Any other fault of the guest: `unreachable` (a panic, an uncaught exception), a division by zero, a bad handle.
    Guest {
        /// wasmtime's words.
        why: String,
        /// The innermost functions, innermost first; the guest's own names, escaped.
        frames: Vec<String>,
    },
    /// Not the guest's doing; another attempt may succeed: no free slot, no memory left on the host.
    Host(String),
}

impl Trap {
    /// The stable code for journals, answers and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CpuLimit => "cpu-limit",
            Self::MemoryLimit => "memory-limit",
            Self::TableLimit => "table-limit",
            Self::StackLimit => "stack-limit",
            Self::HostCallTooLarge => "host-call-too-large",
            Self::HandleLimit => "handle-limit",
            Self::Exit(_) => "exit",
            Self::Waited => "wasi-wait",
            Self::Guest { .. } => "trap",
            Self::Host(_) => "host",
        }
    }

    /// Would the same run end the same way again? False only for [`Trap::Host`].
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Host(_))
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CpuLimit => f.write_str(
                "the run used all its fuel (its limit of instructions). Do less per run, or ask for a larger plan",
            ),
            Self::MemoryLimit => {
                f.write_str("the run wanted more memory than its limit. Hold less at once, or ask for a larger plan")
            }
            Self::TableLimit => f.write_str("the run wanted a larger function table than allowed"),
            Self::StackLimit => f.write_str("the run used up its call stack. Look for a recursion without end"),
            Self::HostCallTooLarge => {
                f.write_str("the run passed more than 4 MiB to one capability call or as its answer. Pass less at once")
            }
            Self::HandleLimit => {
                f.write_str("the run held more than 256 handles at once. Drop each handle when it is no longer needed")
            }
            Self::Exit(status) => write!(f, "the workflow called exit({status}) instead of returning an answer"),
            Self::Waited => f.write_str(
                "the workflow tried to sleep, but time does not pass inside a run. Return `retry-after` instead",
            ),
            Self::Guest { why, frames } if frames.is_empty() => write!(f, "the workflow stopped: {why}"),
            Self::Guest { why, frames } => {
                write!(f, "the workflow stopped: {why} (in {})", frames.join(", called by "))
            }
            Self::Host(why) => write!(f, "the host could not go on with this run: {why}"),
        }
    }
}

/// Says why a call into a guest, or its instantiation, failed.
///
/// Errors of the embedder's own host functions come out of wasmtime unchanged: `error.downcast_ref::<MyError>()` MUST be
/// tried first, because whatever is not known here counts as the guest's fault.
pub fn classify(error: &Error) -> Trap {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return match exceeded {
            Exceeded::Memory { .. } => Trap::MemoryLimit,
            Exceeded::Table { .. } => Trap::TableLimit,
            Exceeded::Host(why) => Trap::Host((*why).into()),
        };
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return Trap::Exit(*status);
    }
    if error.is::<Waited>() {
        return Trap::Waited;
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Trap::Host("all instances are taken".into());
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::OutOfFuel) => return Trap::CpuLimit,
        Some(wasmtime::Trap::StackOverflow) => return Trap::StackLimit,
        Some(trap) => {
            return Trap::Guest {
                why: bounded(trap.to_string().trim_start_matches("wasm trap: ")),
                frames: frames(error),
            };
        }
        None => {}
    }
    // wasmtime has no types for these; the texts are pinned with its version, and a test each would fail first.
    let root = error.root_cause().to_string();
    if root.contains("fuel allocated for hostcalls has been exhausted") {
        return Trap::HostCallTooLarge;
    }
    if root.contains("store handle limit exceeded") || root.contains("resource table has no free keys") {
        return Trap::HandleLimit;
    }
    Trap::Guest {
        why: bounded(&root),
        frames: frames(error),
    }
}

fn frames(error: &Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    let name = |frame: &wasmtime::FrameInfo| match frame.func_name() {
        Some(name) => bounded(name),
        None => format!("function {}", frame.func_index()),
    };
    backtrace.frames().iter().take(FRAMES).map(name).collect()
}

/// Guest-controlled text must not break a log line or a terminal.
fn bounded(text: &str) -> String {
    text.chars()
        .take(TEXT)
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
