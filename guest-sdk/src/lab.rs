//! What may a workflow do with the laboratory target, which exercises the platform itself?

use crate::error::Error;

/// `synapse:lab`.
pub trait Lab {
    /// A laboratory target: a handle, valid in this run only.
    type Bench;

    /// The target bound under this name.
    ///
    /// # Errors
    /// `denied` if the name is not bound to a lab connection.
    fn bench(&self, binding: &str) -> Result<Self::Bench, Error>;
    /// Text of `size` bytes (at most 64 KiB) that depends on the key only.
    ///
    /// # Errors
    /// `too-large` beyond that.
    fn read(&self, bench: &Self::Bench, key: &str, size: u32) -> Result<String, Error>;
    /// Appends a line; its id. In doubt, the target is asked for the marker.
    ///
    /// # Errors
    /// The target refused it.
    fn append(&self, bench: &Self::Bench, text: &str, dedup_key: Option<&str>) -> Result<String, Error>;
    /// Appends a line without a marker; its id. In doubt, an operator decides.
    ///
    /// # Errors
    /// The target refused it.
    fn fire(&self, bench: &Self::Bench, text: &str) -> Result<String, Error>;
}
