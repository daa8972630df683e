//! How do files get into the simulator? `parts` splits a multipart body, `vault` keeps and hashes contents, `form` is what a
//! handler sees.

mod form;
mod parts;
mod vault;

pub use form::{File, Form};
pub use vault::{Content, Vault};
