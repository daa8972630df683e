//! How is an Ariel search run to its end? (contract 3.4, D37, D38, R4)
//!
//! A search is created under a name of ours (`INTO`), polled with a growing pause, read in parts and deleted: `run` is that life,
//! `results` reads the rows, `saved` runs what somebody saved at the console, `names` makes the names, `janitor` removes what a crash left behind.

mod janitor;
mod names;
mod pause;
mod results;
mod run;
mod saved;

pub use names::Searches;
