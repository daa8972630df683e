//! How does a request reach a target that authenticates connections instead of requests (NTLM over HTTP, contracts/ews.md section 6)?
//!
//! Whoever sends on an authenticated connection is taken for the one who authenticated it. So a connection is checked out for one
//! request and its complete answer, is authenticated here (`login`), and goes back only when it is known to be in order (`exchange`). A pool belongs to one [`super::Egress`], which has one identity: no connection ever carries two.
//!
//! A refused login is not repeated: directories lock accounts after a few (`caution`).

mod bindings;
mod caution;
mod exchange;
mod login;

pub(super) use exchange::Transport;
pub(super) use login::Identity;

#[cfg(test)]
mod tests;
