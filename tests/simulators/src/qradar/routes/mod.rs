//! Which endpoints does the console have? One file per family, each with its `ROUTES`; more of contract 3 = more files.

pub mod access;
pub mod actors;
pub mod addresses;
pub mod ariel_info;
pub mod ariel_results;
pub mod ariel_searches;
pub mod assets;
pub mod closing_reasons;
pub mod domains;
pub mod help;
pub mod log_sources;
pub mod notes;
pub mod offense_types;
pub mod offense_update;
pub mod offenses;
pub mod reference_collections;
pub mod reference_sets;
pub mod reference_tables;
pub mod rules;
pub mod saved_searches;
pub mod system;
mod table;

pub use table::all;
