//! Does the QRadar simulator answer as the contract says? (`contracts/qradar.md`, sections cited per test)

mod aql;
mod ariel;
mod envelope;
mod filter;
mod offense;
mod paging;
mod scope;
mod state;
mod support;
