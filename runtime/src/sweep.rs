//! When are blobs deleted that no run needs any more?

use std::sync::Arc;
use std::time::Duration;

use synapse_capabilities::blobs::Vault;
use synapse_store::Store;

/// Longest time until blobs are deleted of which nobody said that they are not needed: those of runs that ended without an attempt.
const PERIOD: Duration = Duration::from_secs(60);

/// Removes what a crash left, and then what runs leave: soon after a run that had blobs ends, and every minute.
pub async fn sweep(vault: Arc<Vault>, store: Arc<dyn Store>) {
    match vault.clear_strays(&*store).await {
        Ok(0) => {}
        Ok(strays) => tracing::info!(strays, "files that no run names were removed from the spool"),
        Err(error) => tracing::warn!(%error, "the spool could not be searched for files that no run names"),
    }
    loop {
        if let Err(error) = vault.sweep(&*store).await {
            tracing::warn!(%error, "blobs that no run needs cannot be deleted");
        }
        tokio::select! {
            () = vault.woken() => {}
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}
