//! Which calls does this connector offer, and what does the gate need to know about each? One file per interface.

mod alerts;
mod cases;
mod comments;
mod observables;
mod tasks;
mod users;

pub use alerts::{CreateAlert, FindAlerts, GetAlert, ObservableTypes, UpdateAlert};
pub use cases::{CreateCase, FindCases, GetCase, PromoteAlert, UpdateCase};
pub use comments::{AddComment, ListComments};
pub use observables::{AddAttachment, AddFileObservable, AddObservable, ListObservables};
pub use tasks::{CreateLog, CreateTask, ListLogs, ListTasks, UpdateTask};
pub use users::{CurrentUser, ListUsers};
