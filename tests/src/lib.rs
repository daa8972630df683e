//! How does a test drive the real binary? Simulators, a server process, its API, and a scanner for secrets: no test looks inside.

mod api;
mod canary;
mod guests;
pub mod mail;
mod server;
pub mod simulators;
mod world;

pub use api::{Answer, Api};
pub use guests::Deployment;
pub use server::Server;
pub use world::{Options, TENANTS, World, hive_key, mail_password, mailbox, siem_token};
