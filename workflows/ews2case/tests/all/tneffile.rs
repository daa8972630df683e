//! How is a `winmail.dat` made for a test?

/// A container that is being written.
#[derive(Clone)]
pub struct Tnef(Vec<u8>);

/// A list of properties that is being written.
#[derive(Default, Clone)]
pub struct Properties {
    count: u32,
    bytes: Vec<u8>,
}

impl Tnef {
    /// An empty one.
    pub fn new() -> Self {
        Self([&0x223e_9f78_u32.to_le_bytes()[..], &[1, 0]].concat())
    }

    /// An attribute of the mail.
    pub fn of_mail(self, tag: u32, content: &[u8]) -> Self {
        self.attribute(1, tag, content)
    }

    /// An attribute of the attachment that was begun last.
    pub fn of_attachment(self, tag: u32, content: &[u8]) -> Self {
        self.attribute(2, tag, content)
    }

    /// A file.
    pub fn file(self, title: &[u8], content: &[u8], properties: &Properties) -> Self {
        self.of_attachment(0x0006_9002, &[0; 14])
            .of_attachment(0x0001_8010, &[title, &[0]].concat())
            .of_attachment(0x0006_800f, content)
            .of_attachment(0x0006_9005, &properties.bytes())
    }

    /// A mail inside.
    pub fn mail(self, inner: &Self) -> Self {
        let mark = [7, 3, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
        let object = Properties::default().variable(0x3701_000d, &[&mark[..], &inner.0].concat());
        self.of_attachment(0x0006_9002, &[0; 14])
            .of_attachment(0x0006_9005, &object.bytes())
    }

    fn attribute(mut self, level: u8, tag: u32, content: &[u8]) -> Self {
        let sum = content
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        self.0.push(level);
        self.0.extend(tag.to_le_bytes());
        self.0.extend((content.len() as u32).to_le_bytes());
        self.0.extend(content);
        self.0.extend(sum.to_le_bytes());
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

impl Properties {
    /// A number of four bytes.
    pub fn number(mut self, tag: u32, value: u32) -> Self {
        self.count += 1;
        self.bytes.extend(tag.to_le_bytes());
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// A text in UTF-16.
    pub fn text(self, id: u32, text: &str) -> Self {
        let units: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        self.variable(id << 16 | 0x001f, &units)
    }

    /// Bytes of any kind.
    pub fn variable(mut self, tag: u32, bytes: &[u8]) -> Self {
        self.count += 1;
        self.bytes.extend(tag.to_le_bytes());
        if tag >> 16 >= 0x8000 {
            // A name of its own: a set, and a text.
            self.bytes.extend([9; 16]);
            self.bytes.extend(1_u32.to_le_bytes());
            self.bytes.extend(6_u32.to_le_bytes());
            self.bytes.extend(b"a\0b\0\0\0\0\0");
        }
        self.bytes.extend(1_u32.to_le_bytes());
        self.bytes.extend((bytes.len() as u32).to_le_bytes());
        self.bytes.extend(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    /// The list.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.count.to_le_bytes()[..], &self.bytes].concat()
    }
}
