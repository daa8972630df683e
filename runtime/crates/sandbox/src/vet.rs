//! May these bytes be compiled at all? Asked at upload, before the compiler sees anything. (threat rows 5, 16, 17, 19)
//!
//! A size limit alone does not protect: 55 KB can cost the compiler 22 seconds and 2.5 GB (guests-and-engine.md 5.2). This
//! page refuses what no real guest looks like; the child process of `compile` bounds the rest. Nothing here validates:
//! that is the compiler's work, in its child.

mod imports;
mod walk;

use synapse_domain::digest::Digest;
use synapse_domain::limits::Plan;

pub(crate) use imports::profile_of;

/// The export every workflow must have.
pub const HANDLER: &str = "synapse:workflow/handler@0.1.0";

/// What a component may be linked with, chosen by what it imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// No WASI at all: `synapse:*` only.
    A,
    /// WASI 0.2, empty and deterministic, beside `synapse:*`.
    B,
}

/// A component that may be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vetted {
    /// SHA-256 of the component's bytes.
    pub digest: Digest,
    /// How it will be linked.
    pub profile: Profile,
    /// Every interface it imports, in its order: `synapse:thehive/alerts@0.1.0`, `wasi:cli/environment@0.2.6`.
    pub imports: Vec<String>,
    /// What it is made of, for the answer to the upload.
    pub parts: Parts,
}

/// What a component is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Bytes of the component.
    pub bytes: usize,
    /// Functions of all core modules.
    pub functions: u32,
    /// Core modules.
    pub modules: u32,
    /// Core instances that a run has.
    pub core_instances: u32,
    /// Linear memories.
    pub memories: u32,
    /// Sum of what the memories start with, bytes.
    pub memory_bytes: u64,
    /// Tables.
    pub tables: u32,
}

/// Why a component was refused: what, where and what to do. The texts are for the author of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than the plan lets it be.
    #[error(
        "the component has {bytes} bytes; plan `{plan}` allows {limit}. Build it optimised and stripped, or ask for a larger plan"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The plan's limit.
        limit: usize,
        /// The plan.
        plan: &'static str,
    },
    /// WebAssembly text.
    #[error("this is WebAssembly text, not a binary component. Upload the .wasm file that the build made")]
    Text,
    /// A module without a component around it.
    #[error(
        "this is a core module, not a component. Wrap it: `wasm-tools component new module.wasm -o component.wasm`"
    )]
    CoreModule,
    /// An artefact of some wasmtime.
    #[error("this is compiled machine code, which is never accepted. Upload the component that it was compiled from")]
    Precompiled,
    /// Something else.
    #[error("this is not a WebAssembly component: it does not start with the component's magic number")]
    NotWasm,
    /// Starts like a component and cannot be read.
    #[error("the component cannot be read at byte {offset}: {reason}. It may be truncated; build and upload it again")]
    Malformed {
        /// Where.
        offset: usize,
        /// The parser's words.
        reason: String,
    },
    /// More of something than a guest may have.
    #[error("{found} {what} at byte {offset}; {limit} are allowed. {remedy}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many were found until then.
        found: u64,
        /// How many may be.
        limit: u64,
        /// Where the limit was passed.
        offset: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// Uses something that is switched off.
    #[error("{what} at byte {offset}: not supported. {remedy}")]
    Unsupported {
        /// What.
        what: String,
        /// Where.
        offset: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// Imports an interface that nobody provides.
    #[error("import `{name}`: {reason}")]
    Import {
        /// The interface.
        name: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// Does not export the handler.
    #[error("the component does not export `{HANDLER}`. Its world must include `synapse:workflow/workflow@0.1.0`")]
    NoHandler,
}

/// Vets a component against a plan and the interfaces that this build provides (`synapse:thehive/alerts@0.1.0`, ...).
///
/// # Errors
/// The first reason not to compile it.
pub fn vet(bytes: &[u8], plan: &Plan, interfaces: &[&str]) -> Result<Vetted, Refused> {
    kind(bytes)?;
    if bytes.len() > plan.component_bytes {
        return Err(Refused::TooLarge {
            bytes: bytes.len(),
            limit: plan.component_bytes,
            plan: plan.name,
        });
    }
    let walked = walk::walk(bytes, plan)?;
    for name in &walked.imports {
        imports::check(name, interfaces)?;
    }
    if !walked.has_handler {
        return Err(Refused::NoHandler);
    }
    let profile = profile_of(walked.imports.iter().map(String::as_str));
    Ok(Vetted {
        digest: Digest::of(bytes),
        profile,
        imports: walked.imports,
        parts: walked.parts,
    })
}

/// Tells by the first bytes what this is. (row 19)
fn kind(bytes: &[u8]) -> Result<(), Refused> {
    // Magic, version 13 (0x0d) and layer 1: a component. Version 1 and layer 0: a core module.
    match bytes {
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, _, 0, 0, ..] => Err(Refused::CoreModule),
        // Artefacts are ELF files; `Engine::detect_precompiled` parses, which is more than untrusted bytes should get.
        [0x7f, b'E', b'L', b'F', ..] => Err(Refused::Precompiled),
        _ if looks_like_text(bytes) => Err(Refused::Text),
        _ => Err(Refused::NotWasm),
    }
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let start = bytes
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .map(|at| bytes.split_at(at).1);
    start.is_some_and(|text| text.starts_with(b"(") || text.starts_with(b";;"))
}
