//! What can be done with a case? Create, read, update, delete, merge and link, one file each.

mod create;
mod delete;
mod fields;
mod links;
mod merge;
mod update;

pub use create::{create, handler as post};
pub use delete::delete;
pub use fields::FROM_ALERT;
pub use links::{
    Links, change_access, change_owner, get as get_links, link_case, link_types, link_url, share, shares,
    similar_observables, unlink_case, unlink_url,
};
pub use merge::{add_to, many as merge, same_observables as merge_observables};
pub use update::{bulk as patch_bulk, get, one as patch};
