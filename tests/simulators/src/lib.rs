//! Which outside systems can the tests run against? Simulators of TheHive 5, QRadar 7.5 and Exchange (EWS), and a tiny laboratory
//! target.
//!
//! Each product is an axum router around an in-memory store. [`control::wrap`] puts the same control API (`/_sim/*`), request
//! and effects logs and fault injection around every one of them; [`serve`] is the accept loop that can also misbehave on the
//! connection itself; [`proxy`] is what may stand in front of one. Start them in-process with [`start`] or as the binary `synapse-sim`.

pub mod control;
pub mod ews;
pub mod lab;
pub mod ntlm;
pub mod proxy;
pub mod qradar;
pub mod serve;
pub mod start;
pub mod thehive;
pub mod tls;
