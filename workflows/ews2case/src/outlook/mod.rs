//! What is in Outlook's own files: `.msg` and `winmail.dat` (case D31)?
//!
//! Our own readers, because every byte may be an attacker's, and because attachments never pass through the workflow: a reader says where
//! they lie in the file, and the host puts them together. `source` (ranges of a large file), `compound` (the file system inside a
//! `.msg`), `msg` and `tnef` (the two forms of a mail), `mapi` (the properties that both have), `opened` (what came out).

pub mod compound;
mod mapi;
pub mod msg;
pub mod opened;
pub mod source;
pub mod tnef;

pub use mapi::MAIL_BYTES;
