//! How does a request leave the process? One [`Egress`] per connection; nothing else in the platform opens a socket to a target.
//!
//! What is checked is what is connected to: names are resolved here and only permitted addresses handed on (`resolver`),
//! literals are checked before each request (`address`). Redirects, proxies, cookies and decompression are off, every answer is
//! capped in bytes and time (`answer`), reads are repeated with back-off (`retry`), writes never are, and a failed write says how
//! sure it is that nothing happened (`fault`).
//!
//! `examine` goes the same way step by step, for people who ask why it does not work.
//!
//! NTLM authenticates connections, not requests, so those have a transport of their own (`ntlm`); everything else is the same.
//!
//! Invariant: there is no switch that accepts a certificate which does not verify.

mod address;
mod answer;
mod base;
mod body;
mod client;
mod encode;
mod examine;
mod fault;
mod issuer;
mod multipart;
mod ntlm;
mod request;
mod resolver;
mod retry;
mod settings;
mod tls;
mod transport;

pub use address::Allow;
pub use answer::{Response, Streamed};
pub use client::Egress;
pub use examine::Way;
pub use multipart::{Content, Part};
pub use request::{Body, Request};
pub(crate) use retry::retry_after;
pub use settings::{Auth, Settings};

#[cfg(test)]
mod tests;
