//! How are items read and moved? GetItem in the shapes that are needed, MoveItem (contract section 2).

use super::envelope::{Envelope, FolderId, item_ids, shape};

/// How much of an item is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Everything but HTML and MIME, with the body as text.
    Text,
    /// The body as HTML.
    Html,
    /// The MIME text: one item for each request, and read with [`read_bytes`](super::super::read_bytes).
    Mime,
    /// Where it is: folder and conversation.
    Parent,
    /// Where it is, and its attachments.
    Attachments,
    /// What is needed to change it: change key, read flag, categories, `Message-ID`.
    Read,
}

/// Attachments are asked for by name: `AllProperties` leaves them out at some servers (fixture 043).
const TEXT: &[&str] = &[
    "item:ParentFolderId",
    "item:ItemClass",
    "item:Subject",
    "item:Body",
    "item:Attachments",
    "item:DateTimeReceived",
    "item:Size",
    "item:Categories",
    "item:InReplyTo",
    "item:InternetMessageHeaders",
    "item:DateTimeSent",
    "item:DateTimeCreated",
    "item:HasAttachments",
    "item:ConversationId",
    "message:Sender",
    "message:ToRecipients",
    "message:CcRecipients",
    "message:BccRecipients",
    "message:From",
    "message:InternetMessageId",
    "message:IsRead",
    "message:References",
    "message:ReplyTo",
];

/// GetItem: these items in this shape. At most about ten in one request (contract section 2).
pub fn get_item(envelope: &Envelope<'_>, ids: &[impl AsRef<str>], how: Shape) -> Vec<u8> {
    envelope.request("m:GetItem", &[], |xml| {
        match how {
            Shape::Text => shape(xml, "m:ItemShape", |xml| xml.leaf("t:BodyType", "Text"), TEXT),
            Shape::Html => shape(xml, "m:ItemShape", |xml| xml.leaf("t:BodyType", "HTML"), &["item:Body"]),
            Shape::Mime => shape(xml, "m:ItemShape", |xml| xml.leaf("t:IncludeMimeContent", "true"), &[]),
            Shape::Parent => shape(
                xml,
                "m:ItemShape",
                |_| {},
                &["item:ParentFolderId", "item:ConversationId"],
            ),
            Shape::Attachments => shape(xml, "m:ItemShape", |_| {}, &["item:ParentFolderId", "item:Attachments"]),
            Shape::Read => shape(
                xml,
                "m:ItemShape",
                |_| {},
                &["item:Categories", "message:InternetMessageId", "message:IsRead"],
            ),
        }
        item_ids(xml, ids);
    })
}

/// MoveItem: these items into this folder. Their ids change.
pub fn move_item(envelope: &Envelope<'_>, ids: &[impl AsRef<str>], folder: &FolderId<'_>) -> Vec<u8> {
    envelope.request("m:MoveItem", &[], |xml| {
        folder.inside(xml, "m:ToFolderId");
        item_ids(xml, ids);
        xml.leaf("m:ReturnNewItemIds", "true");
    })
}
