//! How is an Outlook message file made for a test? With an independent writer of compound files.

use std::io::{Cursor, Write as _};

use cfb::{CompoundFile, Version};

type File = CompoundFile<Cursor<Vec<u8>>>;

/// A mail as Outlook's properties: streams by their tag, numbers by theirs.
#[derive(Default, Clone)]
pub struct Msg {
    streams: Vec<(u32, Vec<u8>)>,
    numbers: Vec<(u32, u64)>,
    recipients: Vec<Self>,
    attachments: Vec<Self>,
    inner: Option<Box<Self>>,
}

impl Msg {
    /// A mail with a subject and a sender, in UTF-16.
    pub fn new(subject: &str, name: &str, email: &str) -> Self {
        Self::default()
            .text(0x0037, subject)
            .text(0x0c1a, name)
            .text(0x5d01, email)
    }

    /// A text in UTF-16.
    pub fn text(self, id: u32, text: &str) -> Self {
        self.stream(
            id << 16 | 0x001f,
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        )
    }

    /// A text in a code page.
    pub fn narrow(self, id: u32, text: &[u8]) -> Self {
        self.stream(id << 16 | 0x001e, text.to_vec())
    }

    /// Any stream.
    pub fn stream(mut self, tag: u32, bytes: Vec<u8>) -> Self {
        self.streams.push((tag, bytes));
        self
    }

    /// A number.
    pub fn number(mut self, tag: u32, value: u64) -> Self {
        self.numbers.push((tag, value));
        self
    }

    /// A recipient: 1 is To, 2 is Cc.
    pub fn recipient(mut self, kind: u64, name: &str, email: &str) -> Self {
        let person = Self::default().number(0x0c15_0003, kind);
        self.recipients.push(person.text(0x3001, name).text(0x39fe, email));
        self
    }

    /// A file.
    pub fn file(self, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let file = Self::default().number(0x3705_0003, 1).text(0x3707, name);
        self.attachment(file.text(0x370e, media_type).stream(0x3701_0102, bytes.to_vec()))
    }

    /// A mail inside.
    pub fn mail(self, inner: Self) -> Self {
        let attached = Self::default().number(0x3705_0003, 5);
        self.attachment(Self {
            inner: Some(Box::new(inner)),
            ..attached
        })
    }

    /// Another program's object.
    pub fn object(mut self) -> Self {
        self.inner = Some(Box::default());
        self
    }

    /// Any attachment.
    pub fn attachment(mut self, attachment: Self) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// The file, with sectors of 512 bytes as Outlook has them.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_of(Version::V3)
    }

    /// The file in either form.
    pub fn bytes_of(&self, version: Version) -> Vec<u8> {
        let mut file = CompoundFile::create_with_version(version, Cursor::new(Vec::new())).unwrap();
        self.write(&mut file, "", 32);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn write(&self, file: &mut File, place: &str, header: usize) {
        let mut numbers = vec![0; header];
        for (tag, value) in &self.numbers {
            numbers.extend(tag.to_le_bytes());
            numbers.extend(6_u32.to_le_bytes());
            numbers.extend(value.to_le_bytes());
        }
        put(file, &format!("{place}/__properties_version1.0"), &numbers);
        for (tag, bytes) in &self.streams {
            put(file, &format!("{place}/__substg1.0_{tag:08X}"), bytes);
        }
        for (n, recipient) in self.recipients.iter().enumerate() {
            let inside = format!("{place}/__recip_version1.0_#{n:08X}");
            file.create_storage(&inside).unwrap();
            recipient.write(file, &inside, 8);
        }
        for (n, attachment) in self.attachments.iter().enumerate() {
            let inside = format!("{place}/__attach_version1.0_#{n:08X}");
            file.create_storage(&inside).unwrap();
            attachment.write(file, &inside, 8);
        }
        if let Some(inner) = &self.inner {
            let inside = format!("{place}/__substg1.0_3701000D");
            file.create_storage(&inside).unwrap();
            inner.write(file, &inside, 24);
        }
    }
}

fn put(file: &mut File, path: &str, bytes: &[u8]) {
    file.create_stream(path).unwrap().write_all(bytes).unwrap();
}
