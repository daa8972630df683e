//! What do EWS requests and answers look like on the wire? Pure functions: bytes in, bytes or small records out, no I/O (contract sections 1-4).

pub mod answer;
mod base64_stream;
pub mod bytes;
mod metered;
pub mod model;
mod reader;
pub mod request;
mod text;
mod time;
mod writer;

#[cfg(test)]
mod tests;

pub use answer::*;
pub use bytes::{ByteAnswer, ByteOperation, read_bytes};
pub use model::*;
pub use request::*;
