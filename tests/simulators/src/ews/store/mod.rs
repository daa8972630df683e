//! What does the simulated Exchange hold? Accounts, mailboxes, folders, items, attachments, and how it shall misbehave.

mod attachment;
mod conversation;
mod deliver;
mod item;
mod load;
mod mail;
mod mailbox;
mod quirk;
mod site;

pub use attachment::{Attachment, Held};
pub use conversation::{index as conversation_index, topic as conversation_topic};
pub use deliver::{Message, put};
pub use item::Item;
pub use load::load;
pub use mail::{Mail, Person};
pub use mailbox::{Folder, Mailbox};
pub use quirk::{Quirk, Quirks};
pub use site::{Account, Auth, Settings, Site};
