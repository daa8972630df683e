//! What does the compiling child do? Limits itself, reads a component, writes machine code, ends.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use synapse_domain::limits;

use crate::engine;

/// The hidden subcommand's name.
pub const SUBCOMMAND: &str = "compile-component";

/// Address space of a child. The largest real guest needs 320 MB; the known bombs die of it (guests-and-engine.md 5.2).
pub(super) const MEMORY_BYTES: u64 = 1_500 << 20;
/// CPU time of a child. The largest real guest needs 12 s.
pub(super) const CPU_SECONDS: u64 = 60;
/// Between the polite and the final signal of the CPU limit.
const CPU_GRACE_SECONDS: u64 = 2;
/// Standard input, output and error: nothing can be opened beside them.
const FILES: u64 = 3;

/// Exit code: the component is at fault, and standard error says why.
pub(super) const INVALID: i32 = 2;
/// Exit code: the child could not start its work.
const SETUP: u8 = 3;

/// Signals that a limit sends, by their numbers on Linux.
pub(super) const SIGABRT: i32 = 6;
pub(super) const SIGKILL: i32 = 9;
pub(super) const SIGXCPU: i32 = 24;

/// The whole of the hidden subcommand `compile-component`. A program that offers it MUST call this before it starts
/// threads, reads configuration or opens anything: the limits apply from here on.
pub fn child_main() -> ExitCode {
    if let Err(error) = limit_self() {
        eprintln!("cannot limit the compiling process: {error}");
        return ExitCode::from(SETUP);
    }
    let mut component = Vec::new();
    // The limit is the largest of any plan; a larger component was refused before.
    let most = limits::COMPONENT_BYTES as u64 + 1;
    if let Err(error) = std::io::stdin().lock().take(most).read_to_end(&mut component) {
        eprintln!("cannot read the component: {error}");
        return ExitCode::from(SETUP);
    }
    let engine = match engine::compiling() {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(SETUP);
        }
    };
    match engine.precompile_component(&component) {
        Ok(artefact) => match std::io::stdout().lock().write_all(&artefact) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(SETUP),
        },
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(INVALID as u8)
        }
    }
}

fn limit_self() -> rustix::io::Result<()> {
    let hard = |value: u64| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(Resource::Core, hard(0))?;
    setrlimit(Resource::Fsize, hard(0))?;
    setrlimit(Resource::Nofile, hard(FILES))?;
    setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(CPU_SECONDS),
            maximum: Some(CPU_SECONDS + CPU_GRACE_SECONDS),
        },
    )?;
    setrlimit(Resource::As, hard(MEMORY_BYTES))
}
