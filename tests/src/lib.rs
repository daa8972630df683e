//! How does a test drive the real binary? Simulators, a server process, its API, and a scanner for secrets: no test looks inside.

mod api;
mod canary;
mod guests;
mod server;
pub mod simulators;
mod world;

pub use api::{Answer, Api};
pub use guests::Deployment;
pub use server::Server;
pub use world::{Options, TENANTS, World, hive_key, siem_token};
