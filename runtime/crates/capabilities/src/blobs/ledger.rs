//! Who remembers which run needs which blob?

use std::sync::Arc;

use async_trait::async_trait;
use synapse_domain::clock::SharedClock;
use synapse_domain::digest::Digest;
use synapse_store::records::Lease;
use synapse_store::{Store, StoreError};

/// One run's page of the ledger.
#[async_trait]
pub(crate) trait Ledger: Send + Sync {
    /// Records durably that the run needs a blob, whose file is durable already.
    async fn hold(&self, digest: Digest, size: u64) -> Result<(), StoreError>;
    /// Does the tenant have a row for this blob?
    async fn known(&self, digest: Digest) -> Result<bool, StoreError>;
    /// Bytes that the tenant may still add. `repeat`: as if this run held nothing, because an attempt that goes on after a crash or a
    /// retry fetches again what is recorded already.
    async fn room(&self, repeat: bool) -> Result<u64, StoreError>;
}

/// The ledger of a run in the store.
pub(crate) struct StoreLedger {
    /// The store.
    pub(crate) store: Arc<dyn Store>,
    /// The attempt's right to write.
    pub(crate) lease: Lease,
    /// The clock.
    pub(crate) clock: SharedClock,
    /// Bytes that the tenant's runs may need at once.
    pub(crate) quota: u64,
}

#[async_trait]
impl Ledger for StoreLedger {
    async fn hold(&self, digest: Digest, size: u64) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.hold(&self.lease, digest, size, self.quota, now).await
    }

    async fn known(&self, digest: Digest) -> Result<bool, StoreError> {
        let known = self.store.known(&self.lease.tenant, &[digest]).await?;
        Ok(known.first().copied().unwrap_or(false))
    }

    async fn room(&self, repeat: bool) -> Result<u64, StoreError> {
        let but = repeat.then_some(self.lease.run);
        let held = self.store.held_bytes(&self.lease.tenant, but).await?;
        Ok(self.quota.saturating_sub(held))
    }
}

/// A ledger that remembers nothing, for tests.
#[cfg(test)]
pub(crate) struct NoLedger;

#[cfg(test)]
#[async_trait]
impl Ledger for NoLedger {
    async fn hold(&self, _digest: Digest, _size: u64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn known(&self, _digest: Digest) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn room(&self, _repeat: bool) -> Result<u64, StoreError> {
        Ok(u64::MAX)
    }
}
