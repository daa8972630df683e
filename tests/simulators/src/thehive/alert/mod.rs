//! What can be done with an alert? Created, changed and imported into cases, one file each; read and deleted as every entity.

mod create;
mod fields;
mod import;
mod update;

pub use create::{check_assignee, create, handler as post};
pub use import::{bulk_merge, detach, import, merge, of_case, promote, unlink};
pub use update::{Alert, follow, unfollow};
