//! What can be done with an alert? Create, read, update, delete and import into cases, one file each.

mod create;
mod delete;
mod fields;
mod import;
mod read;
mod update;

pub use create::{check_assignee, create, handler as post};
pub use delete::{bulk as delete_bulk, one as delete};
pub use import::{bulk_merge, detach, import, merge, of_case, promote, unlink};
pub use read::get;
pub use update::{bulk as patch_bulk, follow, one as patch, take_ids, unfollow};
