//! How does a test drive the real binary? Simulators, a server process, its API, and a scanner for secrets: no test looks inside.

pub mod analyst;
mod api;
mod canary;
mod described;
mod guests;
pub mod hooks;
pub mod mail;
mod server;
pub mod simulators;
mod watch;
mod world;

pub use api::{Answer, Api};
pub use guests::Deployment;
pub use server::{Server, binaries};
pub use world::{Options, TENANTS, World, hive_key, mail_password, mailbox, now, siem_token};
