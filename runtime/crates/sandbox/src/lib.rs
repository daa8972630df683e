//! Where does a guest run, and what can it take at most? One wasmtime engine, vetted components, stores with limits.
//!
//! The path of a component: [`vet`] → [`compile`] (in a child process) → [`cache`] → [`prepared`] → [`instance`]. The host
//! functions of `synapse:*` are not here: `synapse-capabilities` fills the linker, and its store data implements
//! [`state::Data`].

pub mod cache;
pub mod compile;
pub mod engine;
pub mod instance;
mod limiter;
pub mod prepared;
mod settings;
pub mod state;
mod ticker;
pub mod trap;
pub mod vet;
pub mod wasi;
