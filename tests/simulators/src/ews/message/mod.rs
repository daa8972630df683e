//! How is a message shown, searched and sorted? One table of its fields serves all three.

mod attachments;
mod body;
mod fields;
mod known;
mod restriction;
mod shape;
mod show;
mod value;
mod view;

pub use attachments::{write_attachment, write_attachment_ids, write_content};
pub use restriction::{Restriction, SortOrder};
pub use shape::{Request, Shape};
pub use show::write_message;
pub use view::View;
