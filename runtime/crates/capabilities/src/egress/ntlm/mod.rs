//! How does a request reach a target that authenticates connections instead of requests (NTLM over HTTP, contracts/ews.md section 6)?
//!
//! Whoever sends on an authenticated connection is taken for the one who authenticated it. So a connection is checked out for one
//! request and its complete answer (`pool`), is made and authenticated here (`connect`, `login`), and goes back only when it is known to
//! be in order (`exchange`). A pool belongs to one [`super::Egress`], which has one identity: no connection ever carries two.
//!
//! A refused login is not repeated: directories lock accounts after a few (`caution`).

mod bindings;
mod caution;
mod connect;
mod cookies;
mod exchange;
mod login;
mod pool;

pub(super) use connect::Dial;
pub(super) use exchange::{Reading, Transport};
pub(super) use login::Identity;

#[cfg(test)]
mod tests;
