//! What does an Outlook message file (`.msg`, MS-OXMSG) say?
//!
//! Each mail is a storage: a stream of numbers, a stream per text, and a storage per recipient and attachment. A mail inside a mail is a
//! storage inside its attachment's.

use super::compound::{Children, Compound};
use super::mapi::{ATTACHMENT_BYTES, Bag, OBJECT, PROPERTIES, RECIPIENT_BYTES, RECIPIENTS, id};
use super::opened::{ATTACHMENTS, Content, Item, Opened};
use super::source::{Broken, le};

/// The stream of numbers; a storage without it is no mail.
const NUMBERS: &str = "__properties_version1.0";
const RECIPIENT: &str = "__recip_version1.0_#";
const ATTACHMENT: &str = "__attach_version1.0_#";
const PROPERTY: &str = "__substg1.0_";
/// Bytes before the numbers of the outermost mail.
const ROOT_HEADER: usize = 32;
/// Bytes before the numbers of a mail inside a mail.
const INNER_HEADER: usize = 24;
/// Bytes before the numbers of a recipient or an attachment.
const PART_HEADER: usize = 8;
/// Bytes of one number's entry.
const ENTRY: usize = 16;
/// An attachment that another program made.
const OLE_OBJECT: u32 = 6;

/// Reads the mail in a storage: the root, or a [`Content::Message`], and at most `room` bytes of its words. None: the file is a compound file of another kind.
///
/// # Errors
/// The file is damaged. What is damaged in one part only is a note.
pub fn open(file: &mut Compound<'_>, storage: u32, room: u64) -> Result<Option<Opened<u32>>, Broken> {
    let children = file.children(storage)?;
    if !children.by_name.contains_key(NUMBERS) {
        return Ok(None);
    }
    let header = if storage == file.root() {
        ROOT_HEADER
    } else {
        INNER_HEADER
    };
    let mut notes = Vec::new();
    let bag = bag(file, &children, header, Bag::new(None, room))?;
    if bag.is_rtf_only() {
        notes.push("its body is in Outlook's RTF only and is not shown".to_owned());
    }
    let recipients = below(&children, RECIPIENT, RECIPIENTS, "recipients", &mut notes);
    let (mut people, mut unread) = (Vec::new(), 0);
    for recipient in recipients {
        match part(file, recipient, Bag::new(bag.code_page(), RECIPIENT_BYTES)) {
            Ok((person, _)) => people.push(person),
            Err(Broken::Damaged(_)) => unread += 1,
            Err(error @ Broken::Host(_)) => return Err(error),
        }
    }
    if unread > 0 {
        notes.push(format!("{unread} recipients cannot be read"));
    }
    let attachments = below(&children, ATTACHMENT, ATTACHMENTS, "attachments", &mut notes);
    let mut items = Vec::new();
    for (n, attachment) in (1..).zip(attachments) {
        match item(file, attachment, bag.code_page()) {
            Ok(item) => items.push(item),
            Err(Broken::Damaged(why)) => notes.push(format!("its attachment {n} cannot be read: {why}")),
            Err(error @ Broken::Host(_)) => return Err(error),
        }
    }
    Ok(Some(Opened {
        letter: bag.letter(&people),
        items,
        notes,
    }))
}

/// The storages of one kind, in order.
fn below(children: &Children, prefix: &str, limit: usize, what: &str, notes: &mut Vec<String>) -> Vec<u32> {
    let all = children.by_name.range(prefix.to_owned()..);
    let all: Vec<u32> = all
        .take_while(|(name, _)| name.starts_with(prefix))
        .map(|(_, id)| *id)
        .collect();
    if all.len() > limit {
        notes.push(format!(
            "{} {what} over the limit of {limit} were left out",
            all.len() - limit
        ));
    }
    all.into_iter().take(limit).collect()
}

/// A recipient or an attachment.
fn part(file: &mut Compound<'_>, storage: u32, empty: Bag) -> Result<(Bag, Children), Broken> {
    let children = file.children(storage)?;
    let bag = bag(file, &children, PART_HEADER, empty)?;
    Ok((bag, children))
}

fn item(file: &mut Compound<'_>, storage: u32, code_page: Option<u32>) -> Result<Item<u32>, Broken> {
    let (bag, children) = part(file, storage, Bag::new(code_page, ATTACHMENT_BYTES))?;
    let named = |type_: u16| {
        children
            .by_name
            .get(&format!("{PROPERTY}{:04x}{type_:04x}", id::DATA))
            .copied()
    };
    let content = match (named(0x0102), named(OBJECT)) {
        (Some(data), _) => match file.spans(data, u64::MAX) {
            Ok(spans) => Content::Bytes(spans),
            Err(Broken::Damaged(why)) => Content::Missing(why),
            Err(error @ Broken::Host(_)) => return Err(error),
        },
        (None, Some(_)) if bag.u32(id::METHOD) == Some(OLE_OBJECT) => {
            Content::Missing("it is another program's object")
        }
        (None, Some(message)) => Content::Message(message),
        (None, None) => Content::Missing("the file holds no bytes of it"),
    };
    Ok(Item::of(&bag, content))
}

/// The properties of a storage that are looked at.
fn bag(file: &mut Compound<'_>, children: &Children, header: usize, mut bag: Bag) -> Result<Bag, Broken> {
    if let Some(numbers) = children.by_name.get(NUMBERS) {
        let bytes = file.bytes(*numbers, (header + PROPERTIES * ENTRY) as u64)?;
        for entry in bytes.get(header..).unwrap_or_default().chunks_exact(ENTRY) {
            let (type_, id) = (le(&entry[..2]) as u16, le(&entry[2..4]) as u16);
            match type_ {
                // Numbers of four bytes, then moments; of texts there is only the length here.
                0x0003 => bag.number(id, le(&entry[8..12])),
                0x0040 => bag.number(id, le(&entry[8..16])),
                _ => {}
            }
        }
    }
    let texts = children
        .by_name
        .range(PROPERTY.to_owned()..)
        .take_while(|(name, _)| name.starts_with(PROPERTY));
    for (name, stream) in texts.take(PROPERTIES) {
        let tag = name
            .get(PROPERTY.len()..)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let Some(tag) = tag else { continue };
        let (id, type_) = ((tag >> 16) as u16, tag as u16);
        let Some(limit) = bag.wants(id, type_).filter(|_| file.stream_size(*stream).is_some()) else {
            continue;
        };
        bag.raw(id, type_, file.bytes(*stream, limit)?);
    }
    Ok(bag)
}
