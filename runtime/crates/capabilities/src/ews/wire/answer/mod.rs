//! What does each answer say? One function for each operation; none fails for what it does not know (contract sections 2 and 4).

mod attachment;
mod fault;
mod folder;
mod item;
mod page;
mod response;
mod sync;
mod version;

pub use folder::{read_find_folder, read_get_folder};
pub use item::{read_get_conversation_items, read_get_item, read_move_item, read_update_item};
pub use page::read_find_item;
pub use sync::read_sync_folder_items;
pub use version::server_version;

pub(super) use item::item_ref;
use response::MAX_ANSWER;
pub(super) use response::{only, response};
