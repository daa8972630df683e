//! How does one SQLite file remember everything a node needs?
//!
//! One connection writes, and one task owns it (`committer`): every write of the process is a `job` that it runs in a savepoint of
//! a shared transaction and answers after the commit. Reads go to a few WAL readers beside it. A job sends its statements as one
//! `script`, because every trip to the connection's thread costs about as much as three inserts.
//!
//! The files, by question: `open` (may this file be used?), `lock`, `schema`; `committer`, `job`, `script`; `submit`, `claim`, `end`,
//! `cancel`, `again`, `runs` (a run's life); `timers`, `pauses` (when runs start by themselves, and when not); `entries`, `journals`,
//! `verdict` (a run's record); `states`; `blobs`; `deliver`, `deliveries` (events that came in); `sources`, `advance` (watched sources);
//! `setups`, `grants`, `keys` (what operators set up); `columns` (values to and from columns); `store` (the whole).

mod advance;
mod again;
mod blobs;
mod cancel;
mod claim;
mod columns;
mod committer;
mod deliver;
mod deliveries;
mod end;
mod entries;
mod grants;
mod job;
mod journals;
mod keys;
mod lock;
mod open;
mod pauses;
mod runs;
mod schema;
mod script;
mod setups;
mod sources;
mod states;
mod store;
mod submit;
mod timers;
mod verdict;

pub use open::Options;
pub use store::SqliteStore;
