//! What is in Outlook's container `winmail.dat` (MS-OXTNEF)?
//!
//! A list of attributes: those of the mail first, then each attachment's. Two of them hold lists of properties, in which a mail inside the
//! mail is a whole container of its own.

use synapse_guest::blobs::Span;

use super::mapi::{
    ATTACHMENT_BYTES, BINARY, Bag, NARROW, OBJECT, PROPERTIES, RECIPIENT_BYTES, RECIPIENTS, UNICODE, id,
};
use super::opened::{ATTACHMENTS, Content, Item, Opened};
use super::source::{Broken, Source, le};

/// What a container begins with.
const SIGNATURE: u32 = 0x223e_9f78;
/// Attributes of one container that are read.
const ATTRIBUTES: usize = 2_048;
/// Bytes before an attribute's content: level, tag, length.
const HEAD: u64 = 9;
/// Marks a mail inside the mail, in front of its container.
const MESSAGE: [u8; 16] = [7, 3, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];

const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800c;
const CODE_PAGE: u32 = 0x0006_9007;
const PROPERTIES_OF_MAIL: u32 = 0x0006_9003;
const RECIPIENT_TABLE: u32 = 0x0006_9004;
const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
const ATTACHMENT_TITLE: u32 = 0x0001_8010;
const ATTACHMENT_DATA: u32 = 0x0006_800f;
const PROPERTIES_OF_ATTACHMENT: u32 = 0x0006_9005;

/// An attachment that is being read.
struct Part {
    bag: Bag,
    content: Content<Span>,
}

/// Reads the container in a range of the file: all of it, or a [`Content::Message`], and at most `room` bytes of its words.
///
/// # Errors
/// It is damaged. If only its end is, what was read before is answered, with a note.
pub fn open(file: &mut Source<'_>, range: &Span, room: u64) -> Result<Opened<Span>, Broken> {
    let end = range.offset.saturating_add(range.len);
    if range.len < 6 || file.u32(range.offset)? != SIGNATURE {
        return Err(Broken::Damaged("it does not begin as one"));
    }
    let mut reading = Reading {
        file,
        bag: Bag::new(None, room),
        people: Vec::new(),
        parts: Vec::new(),
        notes: Vec::new(),
        over: 0,
    };
    let (mut at, mut count) = (range.offset + 6, 0);
    // Some end with a few bytes of nothing.
    while at + HEAD <= end {
        count += 1;
        if count > ATTRIBUTES {
            reading
                .notes
                .push(format!("it has more than {ATTRIBUTES} parts; the others were left out"));
            break;
        }
        match reading.attribute(at, end) {
            Ok(next) => at = next,
            Err(Broken::Damaged(why)) if count > 1 => {
                reading
                    .notes
                    .push(format!("it is damaged ({why}); what is behind that was not read"));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if reading.over > 0 {
        reading.notes.push(format!(
            "{} attachments over the limit of {ATTACHMENTS} were left out",
            reading.over
        ));
    }
    if reading.bag.is_rtf_only() {
        reading
            .notes
            .push("its body is in Outlook's RTF only and is not shown".to_owned());
    }
    Ok(Opened {
        letter: reading.bag.letter(&reading.people),
        items: reading
            .parts
            .into_iter()
            .map(|part| Item::of(&part.bag, part.content))
            .collect(),
        notes: reading.notes,
    })
}

struct Reading<'f, 'a> {
    file: &'f mut Source<'a>,
    bag: Bag,
    people: Vec<Bag>,
    parts: Vec<Part>,
    notes: Vec<String>,
    over: usize,
}

impl Reading<'_, '_> {
    /// One attribute; answers where the next one begins.
    fn attribute(&mut self, at: u64, end: u64) -> Result<u64, Broken> {
        let tag = self.file.u32(at + 1)?;
        let content = Span {
            offset: at + HEAD,
            len: u64::from(self.file.u32(at + 5)?),
        };
        // Behind the content is a checksum that many programs get wrong.
        let next = content.offset + content.len + 2;
        if next > end {
            return Err(Broken::Damaged("it ends too early"));
        }
        let page = self.bag.code_page();
        match tag {
            CODE_PAGE if content.len >= 4 => {
                let page = self.file.u32(content.offset)?;
                self.bag.number(id::CODE_PAGE, u64::from(page));
            }
            SUBJECT => self.text(id::SUBJECT, &content)?,
            BODY => self.text(id::BODY, &content)?,
            PROPERTIES_OF_MAIL => {
                Properties::new(self.file, &content).read(&mut self.bag)?;
            }
            RECIPIENT_TABLE if content.len >= 4 => {
                let rows = self.file.u32(content.offset)?;
                let mut list = Properties::new(self.file, &content);
                list.at += 4;
                for _ in 0..rows.min(RECIPIENTS as u32) {
                    let mut bag = Bag::new(page, RECIPIENT_BYTES);
                    list.read(&mut bag)?;
                    self.people.push(bag);
                }
            }
            ATTACHMENT_BEGINS if self.parts.len() == ATTACHMENTS => self.over += 1,
            ATTACHMENT_BEGINS => self.parts.push(Part {
                bag: Bag::new(page, ATTACHMENT_BYTES),
                content: Content::Missing("the file holds no bytes of it"),
            }),
            _ if self.over > 0 => {}
            ATTACHMENT_TITLE => {
                if let Some(part) = self.parts.last_mut()
                    && let Some(limit) = part.bag.wants(id::SHORT_NAME, NARROW)
                {
                    let bytes = self.file.bytes(content.offset, content.len.min(limit))?;
                    part.bag.raw(id::SHORT_NAME, NARROW, bytes);
                }
            }
            ATTACHMENT_DATA => {
                if let Some(part) = self
                    .parts
                    .last_mut()
                    .filter(|part| !matches!(part.content, Content::Message(_)))
                {
                    part.content = Content::Bytes(vec![content]);
                }
            }
            PROPERTIES_OF_ATTACHMENT => {
                if let Some(part) = self.parts.last_mut() {
                    let data = Properties::new(self.file, &content).read(&mut part.bag)?;
                    self.object(data)?;
                }
            }
            _ => {}
        }
        Ok(next)
    }

    fn text(&mut self, id: u16, content: &Span) -> Result<(), Broken> {
        if let Some(limit) = self.bag.wants(id, NARROW) {
            let bytes = self.file.bytes(content.offset, content.len.min(limit))?;
            self.bag.raw(id, NARROW, bytes);
        }
        Ok(())
    }

    /// The data property of the last attachment: a mail, or bytes that no attribute of its own holds.
    fn object(&mut self, data: Option<(u16, Span)>) -> Result<(), Broken> {
        let Some((type_, span)) = data else { return Ok(()) };
        let mark = self.file.bytes(span.offset, span.len.min(16))?;
        let Some(part) = self.parts.last_mut() else {
            return Ok(());
        };
        if type_ == OBJECT && mark == MESSAGE {
            part.content = Content::Message(Span {
                offset: span.offset + 16,
                len: span.len - 16,
            });
        } else if matches!(part.content, Content::Missing(_)) {
            part.content = if type_ == OBJECT {
                Content::Missing("it is another program's object")
            } else {
                Content::Bytes(vec![span])
            };
        }
        Ok(())
    }
}

/// A list of properties in the file.
struct Properties<'f, 'a> {
    file: &'f mut Source<'a>,
    at: u64,
    end: u64,
}

impl<'f, 'a> Properties<'f, 'a> {
    fn new(file: &'f mut Source<'a>, content: &Span) -> Self {
        Self {
            file,
            at: content.offset,
            end: content.offset + content.len,
        }
    }

    /// Puts a list into the bag; answers where its data property lies.
    fn read(&mut self, bag: &mut Bag) -> Result<Option<(u16, Span)>, Broken> {
        let mut data = None;
        let count = self.u32()?;
        if count as usize > PROPERTIES {
            return Err(Broken::Damaged("it has too many properties"));
        }
        for _ in 0..count {
            let tag = self.u32()?;
            let (id, type_) = ((tag >> 16) as u16, tag as u16);
            if id >= 0x8000 {
                self.skip_name()?;
            }
            let is_many = type_ & 0x1000 != 0;
            let plain = type_ & !0x1000;
            let is_variable = matches!(plain, NARROW | UNICODE | BINARY | OBJECT);
            let values = if is_many || is_variable { self.u32()? } else { 1 };
            for n in 0..values {
                if !is_variable {
                    let span = self.take(width(plain)?)?;
                    if !is_many && matches!(plain, 0x0003 | 0x0040) {
                        let bytes = self.file.bytes(span.offset, span.len)?;
                        bag.number(id, le(&bytes));
                    }
                    continue;
                }
                let len = self.u32()?;
                let span = self.take(u64::from(len))?;
                self.align(u64::from(len))?;
                if n > 0 || is_many {
                    continue;
                }
                if id == id::DATA {
                    data = Some((plain, span));
                } else if let Some(limit) = bag.wants(id, plain) {
                    let bytes = self.file.bytes(span.offset, span.len.min(limit))?;
                    bag.raw(id, plain, bytes);
                }
            }
        }
        Ok(data)
    }

    /// A property with a name of its own has it in front of its value.
    fn skip_name(&mut self) -> Result<(), Broken> {
        self.take(16)?;
        if self.u32()? == 0 {
            self.take(4)?;
        } else {
            let len = u64::from(self.u32()?);
            self.take(len)?;
            self.align(len)?;
        }
        Ok(())
    }

    /// Values begin at multiples of four.
    fn align(&mut self, len: u64) -> Result<(), Broken> {
        self.take(len.wrapping_neg() % 4).map(drop)
    }

    fn u32(&mut self) -> Result<u32, Broken> {
        let span = self.take(4)?;
        self.file.u32(span.offset)
    }

    fn take(&mut self, len: u64) -> Result<Span, Broken> {
        let next = self.at.checked_add(len).filter(|next| *next <= self.end);
        let offset = self.at;
        self.at = next.ok_or(Broken::Damaged("a property ends too late"))?;
        Ok(Span { offset, len })
    }
}

/// Bytes of a number of this type in a list.
fn width(type_: u16) -> Result<u64, Broken> {
    match type_ {
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Ok(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Ok(8),
        0x0048 => Ok(16),
        _ => Err(Broken::Damaged("it has a property of an unknown kind")),
    }
}
