//! What can be done with an alert? Create, read, update and delete, one file each.

mod create;
mod delete;
mod fields;
mod read;
mod update;

pub use create::{create, handler as post};
pub use delete::{bulk as delete_bulk, one as delete};
pub use read::get;
pub use update::{bulk as patch_bulk, follow, one as patch, unfollow};
