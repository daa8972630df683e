//! How does a request leave the process? One [`Egress`] per connection; nothing else in the platform opens a socket to a target.
//!
//! What is checked is what is connected to: names are resolved here and only permitted addresses handed on (`resolver`),
//! literals are checked before each request (`address`). Redirects, the environment's proxies, cookies and decompression are off, every
//! answer is capped in bytes and time (`answer`), reads are repeated with back-off (`retry`), writes never are, and a failed write says
//! how sure it is that nothing happened (`fault`). Requests of everybody together keep to a rate (`rate`).
//!
//! A connection comes to stand in one place (`dial`), also through a proxy that an operator configured (`proxy`), and any request may
//! use it (`plain`). NTLM authenticates connections, not requests, so there it is logged in on first (`ntlm`).
//!
//! `examine` goes the same way step by step, for people who ask why it does not work.
//!
//! Invariant: there is no switch that accepts a certificate which does not verify.

mod address;
mod answer;
mod base;
mod body;
mod client;
mod connection;
mod cookies;
mod dial;
mod encode;
mod examine;
mod fault;
mod health;
mod issuer;
mod message;
mod multipart;
mod ntlm;
mod plain;
mod pool;
mod proxy;
mod rate;
mod reading;
mod request;
mod resolver;
mod retry;
mod sending;
mod settings;
mod tls;
mod transport;

pub use address::Allow;
pub use answer::{Response, Streamed};
pub use client::Egress;
pub use examine::Way;
pub use health::{Health, Standing};
pub use multipart::{Content, Part};
pub use request::{Body, Request};
pub(crate) use retry::retry_after;
pub(crate) use sending::during as sending;
pub use settings::{Auth, Proxy, ProxyAuth, Settings};

#[cfg(test)]
mod tests;
