//! Is nothing lost and nothing doubled when the process dies anywhere?

mod blobs;
mod cancel;
mod database;
mod divergence;
mod idempotency;
mod kill;
mod kill_matrix;
mod late;
mod lost_ledger;
mod mail_matrix;
mod opaque;
mod pinned;
mod poisoned;
mod probe;
mod replay;
mod retry_after;
mod settle;
mod shutdown;
mod targets;
mod unknown_results;
