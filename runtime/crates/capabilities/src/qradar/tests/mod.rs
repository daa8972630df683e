//! Does the connector keep its promises against a simulated console? Cases by id (cases.md), threat rows by number (security.md).

mod console;
mod domains;
mod janitor;
mod lookups;
mod offenses;
mod recorded;
mod search;
mod search_faults;
mod version;
