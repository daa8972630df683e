//! Does the connector keep its promises against a simulated console? Cases by id (cases.md), threat rows by number (security.md).

mod closing;
mod console;
mod domains;
mod effects;
mod handling;
mod inventory;
mod janitor;
mod lookups;
mod notes;
mod offenses;
mod recorded;
mod reference;
mod search;
mod search_faults;
mod version;
