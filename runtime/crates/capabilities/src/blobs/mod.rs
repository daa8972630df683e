//! How do bytes stay on the host while a guest works with them?
//!
//! A blob is a file of a tenant, named by the SHA-256 of its bytes, and a row per run that needs it. A guest has handles, never a
//! digest that opens anything. The files, by question: `kept` (what is said of a blob), `vault` (where the files are, and who may delete
//! one), `spool` (what one run can reach), `writer` (how bytes become a blob), `ledger` (who remembers which run needs it), `decode`
//! (ranges of a mail), `gather` (pieces of a container), `sweep` (what nobody needs any more), `fault` (what a guest is told).
//!
//! Order, always: file written and synced, renamed, folder synced, row committed; only then an outcome names the blob.

mod decode;
mod fault;
mod gather;
mod kept;
mod ledger;
mod spool;
mod sweep;
#[cfg(test)]
mod tests;
mod vault;
mod writer;

pub use decode::Decoder;
pub use kept::{Held, Kept};
pub(crate) use kept::{media_type_of, name_of};
pub(crate) use ledger::StoreLedger;
pub use spool::Spool;
pub use sweep::Unswept;
pub use vault::{Quotas, Vault};
pub use writer::Writer;
