//! What can be done with an observable? Of cases and alerts, with text or a file. Answers of creation are lists, or 207.

mod change;
mod create;
mod input;

pub use change::Observable;
pub use create::{add, copy_all, post_to_alert, post_to_case};
pub use input::{first_duplicate, prepare};
