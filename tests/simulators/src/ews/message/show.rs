//! How is a message written? Its fields in the schema's order, MIME first, MAPI properties in their place.

use super::{
    fields::FIELDS,
    shape::{Shape, Tag},
    view::View,
};
use crate::ews::{content::Content, refusal::Refusal, xml::Xml};

/// The field that extended properties follow in the schema.
const BEFORE_TAGS: &str = "item:HasAttachments";

/// Writes `t:Message`. Errors: the item is corrupt, or its MIME cannot be made; nothing is written then.
pub fn write_message(view: &View<'_>, shape: &Shape, xml: &mut Xml) -> Result<(), Refusal> {
    if !shape.list && view.is_item() {
        if let Some(code) = &view.item.corrupt {
            return Err(Refusal::of(code));
        }
        if shape.mime && view.item.mime_fails {
            return Err(Refusal::of("ErrorMimeContentConversionFailed"));
        }
    }
    xml.open("t:Message", &[]);
    if shape.mime {
        let content = Content::Held(view.mail.raw.clone());
        xml.base64("t:MimeContent", &[("CharacterSet", "UTF-8")], content);
    }
    for field in FIELDS {
        if shape.shows(field) {
            (field.write)(view, shape, xml);
        }
        if field.uri == BEFORE_TAGS {
            shape.tags.iter().for_each(|tag| write_tag(view, tag, xml));
        }
    }
    xml.close("t:Message");
    Ok(())
}

/// The few MAPI properties that mail tools ask for by tag.
fn write_tag(view: &View<'_>, tag: &Tag, xml: &mut Xml) {
    let number = tag.tag.trim_start_matches("0x").trim_start_matches("0X");
    let value = match u32::from_str_radix(number, 16) {
        Ok(0x007d) => Some(view.mail.header_block.clone()),
        Ok(0x0037) => view.subject().map(str::to_owned),
        Ok(0x1035) => view.mail.message_id.clone(),
        Ok(0x1039) => view.mail.references.clone(),
        Ok(0x1042) => view.mail.in_reply_to.clone(),
        _ => None,
    };
    let Some(value) = value.filter(|value| tag.kind == "String" && !value.is_empty()) else {
        return;
    };
    xml.within("t:ExtendedProperty", |xml| {
        xml.empty(
            "t:ExtendedFieldURI",
            &[("PropertyTag", &tag.tag), ("PropertyType", &tag.kind)],
        );
        xml.leaf("t:Value", &value);
    });
}
