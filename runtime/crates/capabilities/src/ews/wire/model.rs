//! What does the mailbox server's answer say, once it is read? Every field is optional: servers leave out what they like (contract section 4).

use std::io;

/// An item's id and, if the server said it, the version of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemRef {
    /// Opaque, up to 512 characters, case-sensitive; changes when the item is moved.
    pub id: String,
    /// Changes with every write.
    pub change_key: Option<String>,
}

/// One folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FolderRow {
    /// Opaque; stays when the folder is moved. Empty if the server left it out.
    pub id: String,
    /// Localised for well-known folders.
    pub display_name: Option<String>,
    /// Items in it.
    pub total: Option<u32>,
    /// Unread ones.
    pub unread: Option<u32>,
    /// May the account change what is in it? None: the server does not say.
    pub is_writable: Option<bool>,
    /// For instance `IPF.Note`.
    pub class: Option<String>,
    /// The folder it is in.
    pub parent: Option<String>,
}

/// A sender or recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The display name; for an internal address without a name that address, so that the evidence is not lost.
    pub name: Option<String>,
    /// The SMTP address; none where the server only knows an internal (`EX`) one.
    pub email: Option<String>,
    /// For instance `SMTP` or `EX`.
    pub routing_type: Option<String>,
}

/// How the bytes of an attachment can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentKind {
    /// A file.
    File,
    /// An item of the mailbox; its bytes are its MIME text.
    Item,
    /// A link into a cloud: no bytes.
    Reference,
}

/// One attachment, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// What it is.
    pub kind: AttachmentKind,
    /// Opaque. Empty if the server left it out.
    pub id: String,
    /// As the sender wrote it: data, never a path.
    pub name: Option<String>,
    /// As the sender wrote it.
    pub media_type: Option<String>,
    /// What `cid:` links of the body refer to.
    pub content_id: Option<String>,
    /// Bytes, about.
    pub size: Option<u64>,
    /// Shown inside the body.
    pub is_inline: bool,
    /// Where a reference leads.
    pub url: Option<String>,
}

impl AttachmentRow {
    /// One of this kind of which nothing is known yet.
    pub fn new(kind: AttachmentKind) -> Self {
        Self {
            kind,
            id: String::new(),
            name: None,
            media_type: None,
            content_id: None,
            size: None,
            is_inline: false,
            url: None,
        }
    }
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// HTML, otherwise plain text.
    pub html: bool,
    /// The text; U+FFFD stands for characters that XML forbids (D27).
    pub text: String,
    /// The server cut it.
    pub truncated: bool,
}

/// What an answer said about one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemRow {
    /// Its id; none where a server answers success without an item.
    pub item: Option<ItemRef>,
    /// Id of the folder it is in.
    pub parent_folder: Option<String>,
    /// For instance `IPM.Note`.
    pub item_class: Option<String>,
    /// The subject (D02: may be absent).
    pub subject: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub received_at: Option<u64>,
    /// Milliseconds since 1970, UTC.
    pub sent_at: Option<u64>,
    /// Milliseconds since 1970, UTC.
    pub created_at: Option<u64>,
    /// Bytes at the server, about.
    pub size: Option<u64>,
    /// Outlook categories.
    pub categories: Vec<String>,
    /// False where all attachments are inline: decide by `attachments`.
    pub has_attachments: Option<bool>,
    /// The read flag.
    pub is_read: Option<bool>,
    /// `Message-ID` header. Chosen by the sender: may be absent or duplicated.
    pub internet_message_id: Option<String>,
    /// `In-Reply-To` header.
    pub in_reply_to: Option<String>,
    /// `References` header, as one text.
    pub references: Option<String>,
    /// Opaque, valid in this mailbox only.
    pub conversation_id: Option<String>,
    /// In whose name.
    pub from: Option<Person>,
    /// Who sent it.
    pub sender: Option<Person>,
    /// Recipients.
    pub to: Vec<Person>,
    /// Recipients of a copy.
    pub cc: Vec<Person>,
    /// Recipients of a blind copy.
    pub bcc: Vec<Person>,
    /// Where answers go.
    pub reply_to: Vec<Person>,
    /// `item:Body` in the kind that was asked for.
    pub body: Option<Body>,
    /// `item:TextBody`, where a server answers it unasked (D01: older ones do not know it).
    pub text_body: Option<Body>,
    /// Internet headers in order, with duplicates.
    pub headers: Vec<(String, String)>,
    /// Attachments in order.
    pub attachments: Vec<AttachmentRow>,
}

/// What happened to an item of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncChange {
    /// It is new in the folder.
    Created(Box<ItemRow>),
    /// Something about it changed.
    Updated(Box<ItemRow>),
    /// It was deleted or moved out; its id.
    Deleted(String),
    /// Its read flag changed; its id and the flag.
    ReadFlag(String, bool),
}

/// Changes of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncAnswer {
    /// In the server's order.
    pub changes: Vec<SyncChange>,
    /// For the next call. Opaque, can be many kilobytes.
    pub state: String,
    /// There are more changes already.
    pub more: bool,
}

/// One page of items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindAnswer {
    /// In the order that was asked for.
    pub items: Vec<ItemRow>,
    /// Where the next page begins, as the server says.
    pub next_offset: Option<u32>,
    /// Matching items in the folder.
    pub total: Option<u32>,
    /// This was the last page. True if the server does not say.
    pub last: bool,
}

/// One page of folders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FolderAnswer {
    /// In the server's order.
    pub folders: Vec<FolderRow>,
    /// Where the next page begins, as the server says.
    pub next_offset: Option<u32>,
    /// Matching folders.
    pub total: Option<u32>,
    /// This was the last page. True if the server does not say.
    pub last: bool,
}

/// One item's error, or a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The response code, for instance `ErrorItemNotFound`: 480 are documented and new ones come, so it is a text. The last part of
    /// `faultcode` (`Client`, `Server`) where a fault has none. A code inside `ErrorInternalServerError` replaces it.
    pub code: String,
    /// For people.
    pub message: String,
    /// How long the server wants to be left alone.
    pub back_off_ms: Option<u64>,
}

/// Why an answer as a whole is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The server refused the call: a SOAP fault, or the error of an operation that has one result only.
    Fault(Refusal),
    /// It is not an EWS answer, or ends early, or breaks a cap on its structure. What is wrong, for people.
    Malformed(String),
    /// It answers another operation: the connection is out of step and must be dropped (contract section 0).
    OtherOperation {
        /// The body element that this operation is answered with.
        expected: String,
        /// The one that came.
        got: String,
    },
    /// More than this many bytes.
    TooLarge(u64),
    /// The source could not be read, or the sink could not take the bytes.
    Io(io::ErrorKind, String),
}

/// One result for each input, in order.
pub type PerItem<T> = Vec<Result<T, Refusal>>;
