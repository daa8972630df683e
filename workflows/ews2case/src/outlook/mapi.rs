//! What do the properties of a mail say, in whichever file they were?

use std::collections::BTreeMap;

use mail_parser::decoders::charsets::map::charset_decoder;

use crate::letter::{Letter, Person, not_blank};
use crate::mime;

/// Recipients of one mail that are read.
pub const RECIPIENTS: usize = 500;
/// Properties of one object that are looked at.
pub const PROPERTIES: usize = 4_096;
/// Bytes of a body that are read.
const BODY_BYTES: u64 = 1 << 20;
/// Bytes of any other property that are read; transport headers are the longest.
const TEXT_BYTES: u64 = 256 << 10;
/// Bytes of all texts of a mail.
pub const MAIL_BYTES: u64 = 4 << 20;
/// Bytes of all texts of an attachment: its names.
pub const ATTACHMENT_BYTES: u64 = 4 << 10;
/// Bytes of all texts of a recipient.
pub const RECIPIENT_BYTES: u64 = 1 << 10;
/// Milliseconds from 1601, where Windows begins to count, to 1970.
const EPOCH_MS: u64 = 11_644_473_600_000;

/// The properties that are looked at, named as MS-OXPROPS means them.
pub mod id {
    pub const SUBJECT: u16 = 0x0037;
    pub const SUBMITTED: u16 = 0x0039;
    pub const FOR_NAME: u16 = 0x0042;
    pub const FOR_ADDRESS: u16 = 0x0065;
    pub const HEADERS: u16 = 0x007d;
    pub const RECIPIENT_TYPE: u16 = 0x0c15;
    pub const SENDER_NAME: u16 = 0x0c1a;
    pub const SENDER_ADDRESS: u16 = 0x0c1f;
    pub const DISPLAY_CC: u16 = 0x0e03;
    pub const DISPLAY_TO: u16 = 0x0e04;
    pub const DELIVERED: u16 = 0x0e06;
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const MESSAGE_ID: u16 = 0x1035;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const ADDRESS: u16 = 0x3003;
    pub const DATA: u16 = 0x3701;
    pub const SHORT_NAME: u16 = 0x3704;
    pub const METHOD: u16 = 0x3705;
    pub const LONG_NAME: u16 = 0x3707;
    pub const MEDIA_TYPE: u16 = 0x370e;
    pub const CONTENT_ID: u16 = 0x3712;
    pub const SMTP_ADDRESS: u16 = 0x39fe;
    pub const BODY_CODE_PAGE: u16 = 0x3fde;
    pub const CODE_PAGE: u16 = 0x3ffd;
    pub const SENDER_SMTP: u16 = 0x5d01;
    pub const FOR_SMTP: u16 = 0x5d02;
}

/// The properties that are text.
const TEXTS: [u16; 21] = [
    id::SUBJECT,
    id::FOR_NAME,
    id::FOR_ADDRESS,
    id::HEADERS,
    id::SENDER_NAME,
    id::SENDER_ADDRESS,
    id::DISPLAY_CC,
    id::DISPLAY_TO,
    id::BODY,
    id::HTML,
    id::MESSAGE_ID,
    id::DISPLAY_NAME,
    id::ADDRESS,
    id::SHORT_NAME,
    id::LONG_NAME,
    id::MEDIA_TYPE,
    id::CONTENT_ID,
    id::SMTP_ADDRESS,
    id::SENDER_SMTP,
    id::FOR_SMTP,
    id::RTF,
];

/// A property's type: text in UTF-16.
pub const UNICODE: u16 = 0x001f;
/// Text in the mail's code page.
pub const NARROW: u16 = 0x001e;
/// Bytes.
pub const BINARY: u16 = 0x0102;
/// An object: a mail, or another program's data.
pub const OBJECT: u16 = 0x000d;

/// How many bytes of a property are read; none: it is not looked at.
fn wanted(id: u16, type_: u16) -> Option<u64> {
    let is_text = matches!(type_, UNICODE | NARROW) || type_ == BINARY && matches!(id, id::HTML | id::RTF);
    if !is_text || !TEXTS.contains(&id) {
        return None;
    }
    Some(match id {
        id::BODY | id::HTML => BODY_BYTES,
        // Only whether there is one.
        id::RTF => 1,
        _ => TEXT_BYTES,
    })
}

/// The properties of one object.
#[derive(Debug, Default)]
pub struct Bag {
    numbers: BTreeMap<u16, u64>,
    texts: BTreeMap<u16, (u16, Vec<u8>)>,
    code_page: Option<u32>,
    room: u64,
}

impl Bag {
    /// For an object inside one with this code page; its texts are cut where they have more than `room` bytes together.
    pub fn new(code_page: Option<u32>, room: u64) -> Self {
        Self {
            code_page,
            room,
            ..Self::default()
        }
    }

    /// How many bytes of a text are to be read; none: it is not looked at.
    pub fn wants(&self, id: u16, type_: u16) -> Option<u64> {
        wanted(id, type_)
            .map(|bytes| bytes.min(self.room))
            .filter(|bytes| *bytes > 0)
    }

    /// Takes a number; the first one counts.
    pub fn number(&mut self, id: u16, value: u64) {
        if self.numbers.len() < PROPERTIES {
            self.numbers.entry(id).or_insert(value);
        }
    }

    /// Takes a text's bytes; UTF-16 counts before a code page.
    pub fn raw(&mut self, id: u16, type_: u16, bytes: Vec<u8>) {
        self.room = self.room.saturating_sub(bytes.len() as u64);
        if type_ == UNICODE {
            self.texts.insert(id, (type_, bytes));
        } else {
            self.texts.entry(id).or_insert((type_, bytes));
        }
    }

    /// A number of four bytes.
    pub fn u32(&self, id: u16) -> Option<u32> {
        self.numbers.get(&id).map(|number| *number as u32)
    }

    /// The code page of its texts.
    pub fn code_page(&self) -> Option<u32> {
        self.u32(id::CODE_PAGE).or(self.code_page)
    }

    /// A text, if it is there and not blank.
    pub fn text(&self, id: u16) -> Option<String> {
        let (type_, bytes) = self.texts.get(&id)?;
        let text = match *type_ {
            UNICODE => {
                let units: Vec<u16> = bytes
                    .chunks_exact(2)
                    .map(|two| u16::from_le_bytes([two[0], two[1]]))
                    .collect();
                String::from_utf16_lossy(&units)
            }
            BINARY => decode(bytes, self.u32(id::BODY_CODE_PAGE).or_else(|| self.code_page())),
            _ => decode(bytes, self.code_page()),
        };
        not_blank(Some(text.trim_end_matches('\0')))
    }

    /// The first of these that looks like a mail address: Exchange's own people have directory names instead.
    fn address(&self, ids: &[u16]) -> Option<String> {
        ids.iter()
            .filter_map(|id| self.text(*id))
            .find(|address| address.contains('@'))
    }

    fn person(&self, name: u16, addresses: &[u16]) -> Option<Person> {
        let person = Person {
            name: self.text(name),
            email: self.address(addresses),
        };
        (person != Person::default()).then_some(person)
    }

    /// A moment, milliseconds.
    fn time(&self, id: u16) -> Option<u64> {
        (self.numbers.get(&id)? / 10_000).checked_sub(EPOCH_MS)
    }

    /// The body is there, but only in a form that nobody here reads.
    pub fn is_rtf_only(&self) -> bool {
        self.texts.contains_key(&id::RTF) && self.text(id::BODY).is_none() && self.text(id::HTML).is_none()
    }

    /// The mail's words. What its properties do not say, its transport headers may.
    pub fn letter(&self, recipients: &[Self]) -> Letter {
        let headers = self.text(id::HEADERS).map(|text| mime::headers(text.as_bytes()));
        let headers = headers.unwrap_or_default();
        let from = self
            .person(id::FOR_NAME, &[id::FOR_SMTP, id::FOR_ADDRESS])
            .into_iter()
            .chain(self.person(id::SENDER_NAME, &[id::SENDER_SMTP, id::SENDER_ADDRESS]))
            .chain(headers.from);
        // Somebody with an address, else somebody with a name.
        let people: Vec<Person> = from.collect();
        let from = people
            .iter()
            .find(|person| person.email.is_some())
            .or(people.first())
            .cloned();
        let people = |kind: u32, shown: u16, stated: Vec<Person>| {
            let listed: Vec<Person> = recipients
                .iter()
                .filter(|bag| bag.u32(id::RECIPIENT_TYPE).map_or(1, |kind| kind & 0xf) == kind)
                .filter_map(|bag| bag.person(id::DISPLAY_NAME, &[id::SMTP_ADDRESS, id::ADDRESS]))
                .collect();
            match (listed.is_empty(), stated.is_empty()) {
                (false, _) => listed,
                (true, false) => stated,
                (true, true) => names(self.text(shown)),
            }
        };
        Letter {
            from,
            reply_to: headers.reply_to,
            to: people(1, id::DISPLAY_TO, headers.to),
            cc: people(2, id::DISPLAY_CC, headers.cc),
            subject: self.text(id::SUBJECT).or(headers.subject),
            sent: self
                .time(id::SUBMITTED)
                .or_else(|| self.time(id::DELIVERED))
                .or(headers.sent),
            message_id: self.text(id::MESSAGE_ID).or(headers.message_id),
            text: self.text(id::BODY),
            html: self.text(id::HTML),
        }
    }
}

/// `A; B`: names without addresses.
fn names(shown: Option<String>) -> Vec<Person> {
    let shown = shown.unwrap_or_default();
    let person = |name: &str| {
        let name = not_blank(Some(name.trim()))?;
        let email = name.contains('@').then(|| name.clone());
        Some(Person {
            name: Some(name),
            email,
        })
    };
    shown.split(';').filter_map(person).take(RECIPIENTS).collect()
}

/// Text in a Windows code page. Without one: UTF-8 if it is, else the western one.
fn decode(bytes: &[u8], code_page: Option<u32>) -> String {
    let utf8 = || std::str::from_utf8(bytes).map(str::to_owned);
    let western = || charset_decoder(b"windows-1252").map_or_else(String::new, |decode| decode(bytes));
    let name = match code_page.unwrap_or(65_001) {
        65_001 | 20_127 => return utf8().unwrap_or_else(|_| western()),
        page @ (874 | 1_250..=1_258) => format!("windows-{page}"),
        850 => "ibm850".to_owned(),
        866 => "ibm866".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 | 51_949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        1_200 => "utf-16le".to_owned(),
        20_866 => "koi8-r".to_owned(),
        21_866 => "koi8-u".to_owned(),
        page @ 28_591..=28_606 => format!("iso-8859-{}", page - 28_590),
        50_220..=50_222 => "iso-2022-jp".to_owned(),
        51_932 | 20_932 => "euc-jp".to_owned(),
        54_936 => "gb18030".to_owned(),
        65_000 => "utf-7".to_owned(),
        _ => String::new(),
    };
    match charset_decoder(name.as_bytes()).filter(|_| !name.is_empty()) {
        Some(decode) => decode(bytes),
        None => western(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_by_its_code_page_and_a_page_that_nobody_knows_is_western() {
        assert_eq!(decode(b"\xcf\xf0\xe8\xe2\xe5\xf2", Some(1_251)), "Привет");
        assert_eq!(decode(b"\x83n\x83\x8D", Some(932)), "ハロ");
        assert_eq!(decode("über".as_bytes(), None), "über");
        for page in [None, Some(0), Some(7), Some(65_001), Some(u32::MAX)] {
            assert_eq!(decode(b"\xfcber", page), "über", "{page:?}");
        }
    }

    #[test]
    fn a_directory_name_is_no_address_and_the_headers_know_better() {
        let mut bag = Bag::new(None, MAIL_BYTES);
        let mut say = |id, text: &str| bag.raw(id, NARROW, text.as_bytes().to_vec());
        say(id::SENDER_NAME, "Eve");
        say(id::SENDER_ADDRESS, "/O=EXCHANGELABS/OU=X/CN=EVE");
        say(
            id::HEADERS,
            "From: Eve <eve@evil.example>\r\nMessage-ID: <1@evil.example>\r\n\r\n",
        );
        say(id::DISPLAY_TO, "Bob; carla@corp.example");
        let letter = bag.letter(&[]);
        assert_eq!(letter.sender().as_deref(), Some("eve@evil.example"));
        assert_eq!(letter.message_id.as_deref(), Some("<1@evil.example>"));
        assert_eq!(letter.to[0].shown(), "Bob (no address known)");
        assert_eq!(letter.recipients(), ["carla@corp.example"]);
    }
}
