//! How is an attachment's content asked for? GetAttachment (contract section 2).

use super::envelope::Envelope;

/// GetAttachment: one file's bytes, or one item's MIME text. One for each request; read with [`read_bytes`](super::super::read_bytes).
pub fn get_attachment(envelope: &Envelope<'_>, id: &str) -> Vec<u8> {
    envelope.request("m:GetAttachment", &[], |xml| {
        xml.parent("m:AttachmentShape", |xml| xml.leaf("t:IncludeMimeContent", "true"));
        xml.parent("m:AttachmentIds", |xml| xml.empty("t:AttachmentId", &[("Id", id)]));
    })
}
