//! How are attachments read and added?

use super::{Call, batch, import};
use crate::ews::{
    ids::{Id, change_key},
    message::{Request, Shape, View, write_attachment, write_content},
    refusal::Refusal,
    xml::{Element, Xml},
};

/// GetAttachment.
pub fn get(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let shape = match operation.child("AttachmentShape") {
        Some(given) => Shape::read(Some(given), Request::Get, call.text_body())?,
        None => Shape::all(),
    };
    let one = |id: &Element| {
        let text = id.attribute("Id").unwrap_or_default();
        let Ok(Id::Attachment(store, number, path)) = Id::decode(text) else {
            return Err(Refusal::of("ErrorInvalidAttachmentId"));
        };
        let at = call
            .site
            .at_store(store)
            .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
        let mailbox = call.mailbox(at)?;
        let attachment = mailbox.attachment(number, &path)?;
        let view = View::of(mailbox, mailbox.item(number)?);
        let mut xml = Xml::default();
        xml.open("m:Attachments", &[]);
        write_content(&view, attachment, (text, &path), &shape, &mut xml)?;
        xml.close("m:Attachments");
        Ok(xml)
    };
    let results = operation.list("AttachmentIds").iter().map(one);
    Ok(batch("GetAttachment", results))
}

/// CreateAttachment: changes the item, so the answer has its new change key.
pub fn create(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let parent = operation
        .child("ParentItemId")
        .ok_or_else(|| Refusal::schema("ParentItemId is expected."))?;
    let parent = call.item(parent);
    let mut results = Vec::new();
    for given in operation.list("Attachments") {
        results.push(parent.clone().and_then(|parent| create_one(call, parent, given)));
    }
    Ok(batch("CreateAttachment", results))
}

fn create_one(call: &mut Call<'_>, (at, number): (usize, u64), given: &Element) -> Result<Xml, Refusal> {
    let now = call.now_ms();
    let attachment = import::attachment(given)?;
    let mailbox = call.mailbox_mut(at)?;
    let version = mailbox.next_version();
    let item = mailbox
        .items
        .get_mut(&number)
        .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
    item.added.push(attachment);
    item.version = version;
    item.content_version = version;
    item.changed_ms = now;
    let mailbox = call.mailbox(at)?;
    let item = mailbox.item(number)?;
    let last = item.attachments().count().saturating_sub(1);
    let root = Id::Item(mailbox.store(), number).encode();
    let id = View::of(mailbox, item).attachment_id(last);
    let mut xml = Xml::default();
    if let Some(attachment) = item.added.last() {
        xml.within("m:Attachments", |xml| {
            write_attachment(attachment, &id, (&root, &change_key(version)), xml);
        });
    }
    Ok(xml)
}
