//! What is one mailbox? A tree of folders and the items in them.

use super::{attachment::Attachment, item::Item};
use crate::ews::{ids, refusal::Refusal};
use std::collections::BTreeMap;

/// Items of one mailbox; a test that needs more is not about mail.
pub const MAX_ITEMS: usize = 200_000;
/// Folders of one mailbox.
const MAX_FOLDERS: usize = 1000;

/// The folders every mailbox has: the name a request may use, the parent's, the display name, the class.
const STANDARD_FOLDERS: [(&str, &str, &str, &str); 8] = [
    ("root", "", "Root", ""),
    ("msgfolderroot", "root", "Top of Information Store", "IPF.Note"),
    ("inbox", "msgfolderroot", "Inbox", "IPF.Note"),
    ("drafts", "msgfolderroot", "Drafts", "IPF.Note"),
    ("sentitems", "msgfolderroot", "Sent Items", "IPF.Note"),
    ("deleteditems", "msgfolderroot", "Deleted Items", "IPF.Note"),
    ("outbox", "msgfolderroot", "Outbox", "IPF.Note"),
    ("junkemail", "msgfolderroot", "Junk Email", "IPF.Note"),
];

/// One folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its number; never changes.
    pub number: u64,
    /// The folder it is in.
    pub parent: Option<u64>,
    /// Display name.
    pub name: String,
    /// `IPF.Note` for mail.
    pub class: String,
    /// The name a request may use in place of the id.
    pub distinguished: Option<&'static str>,
}

/// One mailbox.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// SMTP address.
    pub address: String,
    /// Display name.
    pub name: String,
    /// The account it belongs to.
    pub owner: Option<String>,
    /// Accounts and addresses with full access.
    pub delegates: Vec<String>,
    /// Accounts and addresses that may read everything and change nothing.
    pub readers: Vec<String>,
    /// Folders in the order they were made.
    pub folders: Vec<Folder>,
    /// Items by number.
    pub items: BTreeMap<u64, Item>,
    numbers: u64,
    versions: u64,
}

impl Mailbox {
    /// A mailbox with the standard folders.
    pub fn new(address: &str, name: &str, owner: Option<String>, delegates: Vec<String>) -> Self {
        let mut mailbox = Self {
            address: address.to_owned(),
            name: name.to_owned(),
            owner,
            delegates,
            readers: Vec::new(),
            folders: Vec::new(),
            items: BTreeMap::new(),
            numbers: 0,
            versions: 0,
        };
        for (distinguished, parent, name, class) in STANDARD_FOLDERS {
            let parent = mailbox.distinguished(parent).map(|folder| folder.number);
            let number = mailbox.next_number();
            mailbox.folders.push(Folder {
                number,
                parent,
                name: name.to_owned(),
                class: class.to_owned(),
                distinguished: Some(distinguished),
            });
        }
        mailbox
    }

    /// A number nothing else in this mailbox has.
    pub fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A version later than all before.
    pub fn next_version(&mut self) -> u64 {
        self.versions += 1;
        self.versions
    }

    /// The bytes for this mailbox in ids.
    pub fn store(&self) -> ids::Store {
        ids::store(&self.address)
    }

    /// A folder by its number.
    pub fn folder(&self, number: u64) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.number == number)
    }

    /// A folder by the name for requests (`inbox`), any case.
    pub fn distinguished(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| {
            folder
                .distinguished
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        })
    }

    /// Adds a folder. Errors: one with that name is there, too many.
    pub fn create_folder(&mut self, parent: u64, name: &str, class: &str) -> Result<u64, Refusal> {
        let same = |folder: &Folder| folder.parent == Some(parent) && folder.name.eq_ignore_ascii_case(name);
        if self.folders.iter().any(same) {
            return Err(Refusal::of("ErrorFolderExists"));
        }
        if self.folders.len() >= MAX_FOLDERS {
            return Err(Refusal::new("ErrorQuotaExceeded", "Too many folders."));
        }
        let number = self.next_number();
        self.folders.push(Folder {
            number,
            parent: Some(parent),
            name: name.to_owned(),
            class: class.to_owned(),
            distinguished: None,
        });
        Ok(number)
    }

    /// A folder by a path such as `inbox` or `Inbox/TheHive`, made where it is missing.
    pub fn folder_at(&mut self, path: &str) -> Result<u64, Refusal> {
        let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
        let root = self.distinguished("msgfolderroot").map_or(0, |folder| folder.number);
        let first = parts
            .peek()
            .and_then(|first| self.distinguished(first))
            .map(|folder| folder.number);
        let mut at = match first {
            Some(number) => {
                parts.next();
                number
            }
            None => root,
        };
        for part in parts {
            let same = |folder: &&Folder| folder.parent == Some(at) && folder.name.eq_ignore_ascii_case(part);
            let found = self.folders.iter().find(same).map(|folder| folder.number);
            at = match found {
                Some(number) => number,
                None => self.create_folder(at, part, "IPF.Note")?,
            };
        }
        Ok(at)
    }

    /// The path of a folder below the root, for logs: `Inbox/TheHive`.
    pub fn path(&self, number: u64) -> String {
        let mut names = Vec::new();
        let mut at = self.folder(number);
        while let Some(folder) = at {
            if matches!(folder.distinguished, Some("root" | "msgfolderroot")) {
                break;
            }
            names.push(folder.name.clone());
            at = folder.parent.and_then(|parent| self.folder(parent));
        }
        names.reverse();
        names.join("/")
    }

    /// The folders directly or anywhere below one.
    pub fn below(&self, parent: u64, deep: bool) -> Vec<&Folder> {
        let mut found = Vec::new();
        for folder in self.folders.iter().filter(|folder| folder.parent == Some(parent)) {
            found.push(folder);
            if deep {
                found.extend(self.below(folder.number, true));
            }
        }
        found
    }

    /// The items of a folder.
    pub fn in_folder(&self, folder: u64) -> impl Iterator<Item = &Item> {
        self.items.values().filter(move |item| item.folder == folder)
    }

    /// An item by its number. Errors: `ErrorItemNotFound`.
    pub fn item(&self, number: u64) -> Result<&Item, Refusal> {
        self.items.get(&number).ok_or_else(|| Refusal::of("ErrorItemNotFound"))
    }

    /// The attachment of an item, from the outer one inwards. Errors: `ErrorItemNotFound`, `ErrorInvalidAttachmentId`.
    pub fn attachment(&self, number: u64, path: &[u8]) -> Result<&Attachment, Refusal> {
        let missing = || Refusal::of("ErrorInvalidAttachmentId");
        let item = self.item(number)?;
        let (first, rest) = path.split_first().ok_or_else(missing)?;
        let mut at = item.attachments().nth(usize::from(*first)).ok_or_else(missing)?;
        for step in rest {
            let super::Held::Item(mail) = &at.held else {
                return Err(missing());
            };
            at = mail.attachments.get(usize::from(*step)).ok_or_else(missing)?;
        }
        Ok(at)
    }
}
