//! What can be done with a case? Created, changed, merged, linked and shared, one file each; read and deleted as every entity.

mod create;
mod fields;
mod links;
mod merge;
mod update;

pub use create::{create, handler as post};
pub use fields::from_alert;
pub use links::{
    Links, change_access, change_access_of_many, change_links, change_owner, get as get_links, link_case, link_types,
    link_url, similar_observables, unlink_case, unlink_url,
};
pub use merge::{add_to, many as merge, same_observables as merge_observables};
pub use update::Case;
