//! What do a console's objects look like on the wire, and what do they become for a guest?
//!
//! Every scalar may be null or absent, unknown fields are ignored, and a value of another kind than documented counts as
//! absent: one odd offense must not hide the ninety-nine beside it (contract 3, first paragraph).

pub mod asset;
pub mod closing;
pub mod lookup;
pub mod offense;
pub mod reference;
pub mod search;
pub mod service;
mod wire;

pub use wire::{flag, list, number, plain, text};
