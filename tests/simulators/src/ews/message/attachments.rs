//! How are attachments written? In a message only what they are, in GetAttachment with their content.

use super::{shape::Shape, show::write_message, view::View};
use crate::ews::{
    refusal::Refusal,
    store::{Attachment, Held},
    time,
    xml::Xml,
};

/// Writes `t:Attachments` with the metadata of all, if there are any.
pub fn write_list(view: &View<'_>, xml: &mut Xml) {
    let all = view.attachments();
    if all.is_empty() {
        return;
    }
    xml.within("t:Attachments", |xml| {
        for (at, attachment) in all.into_iter().enumerate() {
            xml.open(attachment.element(), &[]);
            metadata(view, attachment, &view.attachment_id(at), xml);
            xml.close(attachment.element());
        }
    });
}

/// Writes `t:Attachments` with the ids alone, as CreateItem answers them.
pub fn write_attachment_ids(view: &View<'_>, xml: &mut Xml) {
    xml.within("t:Attachments", |xml| {
        for (at, attachment) in view.attachments().into_iter().enumerate() {
            xml.within(attachment.element(), |xml| {
                xml.empty("t:AttachmentId", &[("Id", &view.attachment_id(at))]);
            });
        }
    });
}

/// Writes only the id, as CreateAttachment answers it.
pub fn write_attachment(attachment: &Attachment, id: &str, root: (&str, &str), xml: &mut Xml) {
    xml.open(attachment.element(), &[]);
    let (root_id, root_key) = root;
    let attributes = [("Id", id), ("RootItemId", root_id), ("RootItemChangeKey", root_key)];
    xml.empty("t:AttachmentId", &attributes);
    xml.close(attachment.element());
}

/// Writes one attachment with its content. Errors: it is refused.
pub fn write_content(
    view: &View<'_>,
    attachment: &Attachment,
    (id, path): (&str, &[u8]),
    shape: &Shape,
    xml: &mut Xml,
) -> Result<(), Refusal> {
    if let Some(code) = &attachment.refused {
        return Err(Refusal::of(code));
    }
    xml.open(attachment.element(), &[]);
    metadata(view, attachment, id, xml);
    match &attachment.held {
        Held::File(content) => {
            xml.flag("t:IsContactPhoto", false);
            xml.base64("t:Content", &[], content.clone());
        }
        Held::Item(mail) => write_message(&view.attached(mail, path), shape, xml)?,
        Held::Reference { .. } => {}
    }
    xml.close(attachment.element());
    Ok(())
}

fn metadata(view: &View<'_>, attachment: &Attachment, id: &str, xml: &mut Xml) {
    xml.empty("t:AttachmentId", &[("Id", id)]);
    xml.leaf("t:Name", &attachment.name);
    if let Some(media_type) = &attachment.media_type {
        xml.leaf("t:ContentType", media_type);
    }
    if let Some(content_id) = &attachment.content_id {
        xml.leaf("t:ContentId", content_id);
    }
    xml.leaf("t:Size", &attachment.size().to_string());
    xml.leaf("t:LastModifiedTime", &time::write(view.item.created_ms));
    xml.flag("t:IsInline", attachment.inline);
    if let Held::Reference { url, provider } = &attachment.held {
        xml.leaf("t:AttachLongPathName", url);
        xml.leaf("t:ProviderType", provider);
        xml.leaf("t:PermissionType", "0");
    }
}
