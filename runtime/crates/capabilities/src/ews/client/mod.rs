//! How is a mailbox asked? Typed upstream calls over one egress, without policy.
//!
//! `ask` carries one envelope there and back; the others know what to ask.

mod ask;
mod bytes;
mod changes;
mod fault;
mod folders;
mod lists;
mod messages;
mod patience;
mod watch;

use std::sync::atomic::{AtomicBool, AtomicUsize};

use tokio::sync::Mutex;

use self::folders::Known;
use self::patience::Busy;
use super::wire::FolderId;
use crate::egress::Egress;

pub(super) use self::bytes::reference;
pub(super) use self::fault::Fault;
pub(super) use self::messages::Content;
pub use self::watch::{FolderChanges, MailChange, MailSample};

/// Versions to speak, the newest first (contract section 1: 2019 and the subscription edition have no value of their own).
const VERSIONS: [&str; 2] = ["Exchange2016", "Exchange2013_SP1"];

/// What an operator says about a mailbox beyond the way to it.
#[derive(Debug, Clone)]
pub struct Options {
    /// SMTP address of the mailbox; none: the account's own.
    pub mailbox: Option<String>,
    /// Act as the mailbox's owner (`ApplicationImpersonation`), instead of as a delegate with rights on its folders.
    pub impersonate: bool,
    /// Largest attachment that is fetched, bytes.
    pub max_attachment_bytes: u64,
    /// Largest MIME text that is fetched, bytes.
    pub max_mime_bytes: u64,
}

/// The client of one mailbox. Making it asks nothing.
#[derive(Debug)]
pub struct Client {
    egress: Egress,
    options: Options,
    /// Index into [`VERSIONS`]: where the server understood us last.
    version: AtomicUsize,
    /// Has the server known us? Then a 401 may be its way to say "too often" (contract section 4).
    trusted: AtomicBool,
    /// Until when the server wants to be left alone.
    busy: Busy,
    /// Folders by the names that operators write.
    folders: Mutex<Known>,
}

impl Client {
    /// The way to the target.
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// A client over this way.
    pub fn new(egress: Egress, options: Options) -> Self {
        Self {
            egress,
            options,
            version: AtomicUsize::new(0),
            trusted: AtomicBool::new(false),
            busy: Busy::default(),
            folders: Mutex::default(),
        }
    }

    /// The schema version that the server understood last.
    pub(super) fn spoken(&self) -> &'static str {
        VERSIONS.get(self.version()).copied().unwrap_or_default()
    }

    /// Whose mailbox it is, for people.
    pub(super) fn whose(&self) -> String {
        let mailbox = self.options.mailbox.as_deref();
        mailbox.map_or_else(|| "the account itself".to_owned(), |mailbox| format!("`{mailbox}`"))
    }

    /// Whom we act as.
    fn impersonated(&self) -> Option<&str> {
        self.options.mailbox.as_deref().filter(|_| self.options.impersonate)
    }

    /// A well-known folder of the mailbox. A delegate has to say whose.
    fn well_known<'a>(&'a self, name: &'a str) -> FolderId<'a> {
        FolderId::Known {
            name,
            mailbox: self.options.mailbox.as_deref().filter(|_| !self.options.impersonate),
        }
    }
}
