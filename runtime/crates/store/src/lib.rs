//! What is remembered: runs, journals, deployments, state and keys, behind one set of traits. SQL lives here and nowhere else.

pub mod codec;
pub mod deliveries;
pub mod error;
pub mod journal;
pub mod records;
pub mod sources;
pub mod sqlite;
pub mod timers;
pub mod traits;

pub use error::StoreError;
pub use traits::Store;
