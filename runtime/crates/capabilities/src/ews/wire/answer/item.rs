//! What is known about an item? GetItem, and the answers to changes (contract section 2, D01, D02, D04).

use std::io::BufRead;

use super::super::model::{Body, ItemRef, ItemRow, PerItem, Person, Trouble};
use super::super::reader::{Ns, Reader, Tag, flag};
use super::attachment::attachments;
use super::{MAX_ANSWER, only, response};

/// Reads the answer to GetItem in every shape but [`Shape::Mime`](super::super::request::Shape::Mime). MIME content is skipped.
pub fn read_get_item(answer: &[u8]) -> Result<PerItem<ItemRow>, Trouble> {
    response(&mut Reader::new(answer, MAX_ANSWER), "GetItem", first_item)
}

/// Reads the answer to UpdateItem: the item with its new change key, if the server says it.
pub fn read_update_item(answer: &[u8]) -> Result<PerItem<Option<ItemRef>>, Trouble> {
    item_refs(answer, "UpdateItem")
}

/// Reads the answer to MoveItem: the item's new id. None is said for moves to another mailbox, and by some servers never (fixture 055).
pub fn read_move_item(answer: &[u8]) -> Result<PerItem<Option<ItemRef>>, Trouble> {
    item_refs(answer, "MoveItem")
}

/// Reads the answer to GetConversationItems for one conversation: its items, node by node.
pub fn read_get_conversation_items(answer: &[u8]) -> Result<Vec<ItemRow>, Trouble> {
    let mut reader = Reader::new(answer, MAX_ANSWER);
    only(response(
        &mut reader,
        "GetConversationItems",
        |reader, tag, rows: &mut Vec<ItemRow>| {
            if !tag.is(Ns::Messages, "Conversation") {
                return Ok(false);
            }
            reader.children(tag, |reader, tag| {
                if !tag.is(Ns::Types, "ConversationNodes") {
                    return Ok(());
                }
                reader.children(tag, |reader, node| {
                    reader.children(node, |reader, tag| {
                        if tag.is(Ns::Types, "Items") {
                            items(reader, tag, rows)?;
                        }
                        Ok(())
                    })
                })
            })?;
            Ok(true)
        },
    )?)
}

fn item_refs(answer: &[u8], operation: &str) -> Result<PerItem<Option<ItemRef>>, Trouble> {
    let rows = response(&mut Reader::new(answer, MAX_ANSWER), operation, first_item)?;
    Ok(rows.into_iter().map(|row| row.map(|row| row.item)).collect())
}

fn first_item<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, row: &mut ItemRow) -> Result<bool, Trouble> {
    let mut found = Vec::new();
    if tag.is(Ns::Messages, "Items") {
        items(reader, tag, &mut found)?;
    }
    Ok(found.into_iter().next().map(|first| *row = first).is_some())
}

/// The items in an `Items` element, of whatever type.
pub fn items<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, list: &mut Vec<ItemRow>) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        if tag.ns != Ns::Types {
            return Ok(());
        }
        let row = item(reader, tag)?;
        reader.push(list, row)
    })
}

/// One item.
pub fn item<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<ItemRow, Trouble> {
    let mut row = ItemRow::default();
    reader.children(tag, |reader, tag| {
        if tag.ns == Ns::Types {
            property(reader, tag, &mut row)?;
        }
        Ok(())
    })?;
    Ok(row)
}

fn property<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, row: &mut ItemRow) -> Result<(), Trouble> {
    match tag.name.as_str() {
        "ItemId" => row.item = item_ref(tag),
        "ParentFolderId" => row.parent_folder = tag.attribute("Id"),
        "ItemClass" => row.item_class = reader.some_text(tag)?,
        "Subject" => row.subject = reader.some_text(tag)?,
        "Body" => row.body = Some(body(reader, tag)?),
        "TextBody" => row.text_body = Some(body(reader, tag)?),
        "Attachments" => attachments(reader, tag, &mut row.attachments)?,
        "DateTimeReceived" => row.received_at = reader.moment(tag)?,
        "DateTimeSent" => row.sent_at = reader.moment(tag)?,
        "DateTimeCreated" => row.created_at = reader.moment(tag)?,
        "Size" => row.size = reader.word(tag)?,
        "Categories" => strings(reader, tag, &mut row.categories)?,
        "HasAttachments" => row.has_attachments = reader.flag(tag)?,
        "IsRead" => row.is_read = reader.flag(tag)?,
        "InternetMessageId" => row.internet_message_id = reader.some_text(tag)?,
        "InReplyTo" => row.in_reply_to = reader.some_text(tag)?,
        "References" => row.references = reader.some_text(tag)?,
        "ConversationId" => row.conversation_id = tag.attribute("Id"),
        "InternetMessageHeaders" => headers(reader, tag, &mut row.headers)?,
        "From" => row.from = first_person(reader, tag)?,
        "Sender" => row.sender = first_person(reader, tag)?,
        "ToRecipients" => people(reader, tag, &mut row.to)?,
        "CcRecipients" => people(reader, tag, &mut row.cc)?,
        "BccRecipients" => people(reader, tag, &mut row.bcc)?,
        "ReplyTo" => people(reader, tag, &mut row.reply_to)?,
        _ => {}
    }
    Ok(())
}

/// The reference that an `ItemId` is.
pub fn item_ref(tag: &Tag) -> Option<ItemRef> {
    Some(ItemRef {
        id: tag.attribute("Id")?,
        change_key: tag.attribute("ChangeKey"),
    })
}

fn body<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Body, Trouble> {
    Ok(Body {
        html: tag
            .attribute("BodyType")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("HTML")),
        truncated: tag.attribute("IsTruncated").and_then(|text| flag(&text)) == Some(true),
        text: reader.text(tag)?,
    })
}

fn strings<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, list: &mut Vec<String>) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        if tag.is(Ns::Types, "String") {
            let text = reader.text(tag)?;
            reader.push(list, text)?;
        }
        Ok(())
    })
}

fn headers<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, list: &mut Vec<(String, String)>) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        if let Some(name) = tag
            .attribute("HeaderName")
            .filter(|_| tag.is(Ns::Types, "InternetMessageHeader"))
        {
            reader.keep(name.len())?;
            let value = reader.text(tag)?;
            reader.push(list, (name, value))?;
        }
        Ok(())
    })
}

fn first_person<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Option<Person>, Trouble> {
    let mut list = Vec::new();
    people(reader, tag, &mut list)?;
    Ok(list.into_iter().next())
}

fn people<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, list: &mut Vec<Person>) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        if tag.is(Ns::Types, "Mailbox") {
            let person = person(reader, tag)?;
            reader.push(list, person)?;
        }
        Ok(())
    })
}

/// A mailbox. Only SMTP addresses are evidence (D04); an internal one is kept where there is no name.
fn person<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Person, Trouble> {
    let mut person = Person::default();
    reader.children(tag, |reader, tag| {
        match (tag.ns, tag.name.as_str()) {
            (Ns::Types, "Name") => person.name = reader.some_text(tag)?,
            (Ns::Types, "EmailAddress") => person.email = reader.some_text(tag)?,
            (Ns::Types, "RoutingType") => person.routing_type = reader.some_text(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    let is_smtp = match &person.routing_type {
        Some(kind) => kind.eq_ignore_ascii_case("SMTP"),
        None => person.email.as_deref().is_some_and(|address| address.contains('@')),
    };
    if !is_smtp {
        let internal = person.email.take();
        person.name = person.name.or(internal);
    }
    Ok(person)
}
