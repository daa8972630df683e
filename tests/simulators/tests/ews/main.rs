//! Does the Exchange simulator answer as the contract says? (`contracts/ews.md`, sections cited per test)

mod attachments;
mod conversations;
mod find;
mod folders;
mod items;
mod login;
mod mime;
mod moves;
mod quirks;
mod schema;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of other simulators")]
mod shared;
mod support;
mod sync;
mod update;
