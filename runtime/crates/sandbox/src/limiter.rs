//! How much memory may one run have? (threat rows 4 and 5)

use synapse_domain::limits;
use wasmtime::ResourceLimiter;

use crate::settings::TABLES;

/// A limit of the store was passed. Ends the run; equal on replay, because it depends on the guest and its quota only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Exceeded {
    #[error("the guest asked for {wanted} bytes of memory; {limit} are allowed")]
    Memory { wanted: u64, limit: u64 },
    #[error("the guest asked for a table of {wanted} elements; {limit} are allowed")]
    Table { wanted: u64, limit: u64 },
    /// Not the guest's doing: the machine has no memory left.
    #[error("the host has no memory left: {0}")]
    Host(&'static str),
}

/// Sums all memories of a store. Growing beyond the quota is an error, not a -1: a guest that goes on with less memory
/// would take another path on a machine with another limit (guests-and-engine.md section 3).
pub(crate) struct Limiter {
    limit: u64,
    bytes: u64,
}

impl Limiter {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, bytes: 0 }
    }

    /// Memories never shrink, so the sum is also the peak.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.bytes.saturating_add(desired.saturating_sub(current) as u64);
        if wanted > self.limit {
            return Err(Exceeded::Memory {
                wanted,
                limit: self.limit,
            }
            .into());
        }
        // Beyond the memory's own maximum: the guest gets its -1 everywhere.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.bytes = wanted;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Exceeded::Host("a memory could not grow").into())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let (wanted, limit) = (desired as u64, u64::from(limits::LARGE.table_elements));
        if wanted > limit {
            return Err(Exceeded::Table { wanted, limit }.into());
        }
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Exceeded::Host("a table could not grow").into())
    }

    fn instances(&self) -> usize {
        limits::LARGE.core_instances as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        limits::LARGE.memories as usize
    }
}
