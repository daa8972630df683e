//! How does a message of a request become mail? Its parts are composed to a raw message, which is parsed like any other.

use crate::ews::{
    compose::{Draft, Part},
    content::Content,
    refusal::Refusal,
    store::{Attachment, Held, Mail, Person},
    xml::Element,
};
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::sync::Arc;

/// The raw message that a `t:Message` describes; `from` is used if it names no sender, `id` if it has no message id.
pub fn message(element: &Element, from: &Person, id: &str) -> Result<Mail, Refusal> {
    if let Some(mime) = element.text_of("MimeContent") {
        return Ok(Mail::parse(Bytes::from(decode(mime)?)));
    }
    Ok(Mail::parse(Bytes::from(draft(element, from, id)?.compose())))
}

/// A `t:FileAttachment` or `t:ItemAttachment` of CreateAttachment.
pub fn attachment(element: &Element) -> Result<Attachment, Refusal> {
    let text = |name: &str| element.text_of(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let held = match element.name.as_str() {
        "FileAttachment" => Held::File(Content::Held(Bytes::from(decode(
            element.text_of("Content").unwrap_or_default(),
        )?))),
        "ItemAttachment" => Held::Item(Arc::new(message(attached(element)?, &Person::default(), "")?)),
        other => {
            return Err(Refusal::new(
                "ErrorInvalidRequest",
                format!("The simulator does not make {other}."),
            ));
        }
    };
    let is_item = matches!(held, Held::Item(_));
    Ok(Attachment {
        name: text("Name").unwrap_or_default(),
        media_type: if is_item {
            Some("message/rfc822".to_owned())
        } else {
            text("ContentType")
        },
        content_id: text("ContentId"),
        inline: element.text_of("IsInline") == Some("true"),
        held,
        refused: None,
    })
}

fn draft(element: &Element, from: &Person, id: &str) -> Result<Draft, Refusal> {
    let text = |name: &str| element.text_of(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let sender = element.child("From").or_else(|| element.child("Sender"));
    let sender = sender.and_then(|sender| sender.children.first()).map(person);
    let body = element.child("Body");
    let html = body.is_some_and(|body| body.attribute("BodyType") == Some("HTML"));
    let body = body.map(|body| body.text.clone()).unwrap_or_default();
    Ok(Draft {
        subject: element.child("Subject").map(|subject| subject.text.clone()),
        from: sender.unwrap_or_else(|| from.clone()),
        to: people(element, "ToRecipients"),
        cc: people(element, "CcRecipients"),
        bcc: people(element, "BccRecipients"),
        reply_to: people(element, "ReplyTo"),
        message_id: text("InternetMessageId").unwrap_or_else(|| id.to_owned()),
        in_reply_to: text("InReplyTo"),
        references: text("References"),
        wants_receipt: element.text_of("IsReadReceiptRequested") == Some("true"),
        importance: text("Importance"),
        html,
        body,
        parts: element.list("Attachments").iter().map(part).collect::<Result<_, _>>()?,
    })
}

fn part(element: &Element) -> Result<Part, Refusal> {
    let text = |name: &str| element.text_of(name).filter(|text| !text.is_empty()).map(str::to_owned);
    match element.name.as_str() {
        "FileAttachment" => Ok(Part::File {
            name: text("Name").unwrap_or_default(),
            media_type: text("ContentType"),
            content_id: text("ContentId"),
            inline: element.text_of("IsInline") == Some("true"),
            content: decode(element.text_of("Content").unwrap_or_default())?,
        }),
        "ItemAttachment" => {
            let inner = message(attached(element)?, &Person::default(), "")?;
            Ok(Part::Message(inner.raw.to_vec()))
        }
        other => Err(Refusal::new(
            "ErrorInvalidRequest",
            format!("The simulator does not make {other}."),
        )),
    }
}

/// The message inside an `t:ItemAttachment`.
fn attached(element: &Element) -> Result<&Element, Refusal> {
    let item = element.child("Message").or_else(|| element.child("Item"));
    item.ok_or_else(|| Refusal::new("ErrorInvalidRequest", "The simulator attaches messages only."))
}

fn people(element: &Element, name: &str) -> Vec<Person> {
    element.list(name).iter().map(person).collect()
}

fn person(mailbox: &Element) -> Person {
    let address = mailbox.text_of("EmailAddress").map(str::to_owned);
    let name = mailbox.text_of("Name").map(str::to_owned).or_else(|| address.clone());
    Person {
        name: name.unwrap_or_default(),
        address,
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    let text: String = text.split_whitespace().collect();
    STANDARD
        .decode(text)
        .map_err(|_| Refusal::new("ErrorMimeContentInvalidBase64String", "The content is not base64."))
}
