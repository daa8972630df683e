//! Does the sandbox hold? One test binary; each module asks one question. Names carry the row of the threat model.

mod caching;
mod compiling;
mod determinism;
mod fairness;
mod features;
mod guests;
mod host;
mod limits;
mod vetting;
mod wasi;
