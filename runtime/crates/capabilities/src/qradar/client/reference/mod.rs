//! How are reference data read and changed? (contract 3.5)
//!
//! Consoles from API 17.0 on have newer endpoints, in which sets and values have ids; the older ones work everywhere and are deprecated
//! in 26.0. `dialect` chooses once per connection, `sets` asks in either, `old` and `new` are the two, `tables` reads maps and tables, which only the old
//! endpoints have.

mod dialect;
mod new;
mod old;
mod sets;
mod tables;

pub use dialect::Dialect;

/// Values of one page (WIT).
const PAGE: u64 = 500;
