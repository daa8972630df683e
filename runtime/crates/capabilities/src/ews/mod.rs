//! Mailboxes over Exchange Web Services. The contract is `contracts/ews.md`; its section numbers are cited where they decide something.
//!
//! A call comes in by `host`, is a value of `calls`, names its permission in `permission`, is checked by `check`, asked by `client`
//! (`wire` writes and reads the envelopes, `query` names folders and pages, `types` makes what guests see, `refusal` reads a "no"),
//! and settled by `reconcile` when its outcome is unknown.

mod calls;
mod check;
mod checkup;
pub mod client;
mod host;
mod permission;
mod query;
mod reconcile;
mod refusal;
mod types;
pub mod wire;

pub use calls::{
    Conversation, FindFolder, GetAttachment, GetMessages, GetMime, ListMessages, Movable, MoveMessage, SetCategories,
    SetRead, SyncFolder,
};

#[cfg(test)]
mod tests;
