//! Does the QRadar simulator answer as the contract says? (`contracts/qradar.md`, sections cited per test)

mod aql;
mod ariel;
mod envelope;
mod filter;
mod inventory;
mod offense;
mod paging;
mod reference;
mod scope;
mod state;
mod support;
