//! What does each request look like? One function for each operation, and each answers a whole envelope; element order is the schema's (contract section 1).

mod attachment;
mod conversation;
mod envelope;
mod folder;
mod item;
mod list;
mod sync;
mod update;

pub use attachment::get_attachment;
pub use conversation::get_conversation_items;
pub use envelope::{Envelope, FolderId};
pub use folder::{FOLDER_PAGE, find_folder, get_folder};
pub use item::{Shape, get_item, move_item};
pub use list::{Restriction, find_item};
pub use sync::sync_folder_items;
pub use update::{Change, Resolution, update_item};
