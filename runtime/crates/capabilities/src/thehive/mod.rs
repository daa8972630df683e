//! TheHive 5 (API v1): alerts, cases, tasks and their logs, observables, attachments, comments and users. The contract is
//! `contracts/thehive.md`; its section numbers are cited where they decide something.
//!
//! A call comes in by `host`, is a value of `calls`, names its permission in `permission`, is checked by `check`, sent by `client`
//! (`types` and `observables` make the body, `query` the search, `refusal` reads a "no"), and settled by `reconcile` when its
//! outcome is unknown. Each of these has one file per interface of the WIT; `owner` is what several of them share.

mod calls;
mod check;
pub mod client;
mod host;
mod observables;
mod owner;
mod permission;
mod query;
mod reconcile;
mod refusal;
mod types;

pub use calls::{
    AddAttachment, AddComment, AddFileObservable, AddObservable, CreateAlert, CreateCase, CreateLog, CreateTask,
    CurrentUser, FindAlerts, FindCases, GetAlert, GetCase, ListComments, ListLogs, ListObservables, ListTasks,
    ListUsers, ObservableTypes, PromoteAlert, UpdateAlert, UpdateCase, UpdateTask,
};
pub use owner::Seen;

#[cfg(test)]
mod tests;
