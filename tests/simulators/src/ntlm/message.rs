//! Where do the fields of NTLM's messages stand (MS-NLMP 2.2.1)? Little-endian; text is UTF-16.

/// The first bytes of every message.
const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// The client asks for a challenge.
pub const NEGOTIATE: u32 = 1;
/// The server's challenge.
pub const CHALLENGE: u32 = 2;
/// The client's answer.
pub const AUTHENTICATE: u32 = 3;

/// Kinds of the list in challenge and answer (2.2.2.1).
pub mod pair {
    /// The end of the list.
    pub const END: u16 = 0;
    /// Names of computer and domain: NetBIOS, then DNS.
    pub const COMPUTER: u16 = 1;
    pub const DOMAIN: u16 = 2;
    pub const DNS_COMPUTER: u16 = 3;
    pub const DNS_DOMAIN: u16 = 4;
    /// Bits; 2: the answer has an integrity code.
    pub const FLAGS: u16 = 6;
    /// When the challenge was made.
    pub const TIME: u16 = 7;
    /// MD5 of the channel's description.
    pub const BINDINGS: u16 = 10;
}

/// What kind of message is it? None: it is no message.
pub fn kind(message: &[u8]) -> Option<u32> {
    message.strip_prefix(SIGNATURE)?;
    number(message, SIGNATURE.len())
}

/// The beginning of a message of this kind.
pub fn start(kind: u32) -> Vec<u8> {
    [SIGNATURE, &kind.to_le_bytes()].concat()
}

/// The 32-bit number here.
pub fn number(message: &[u8], at: usize) -> Option<u32> {
    let (bytes, _) = message.get(at..)?.split_first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// What the field here (length, length again, offset) leads to.
pub fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let (length, _) = message.get(at..)?.split_first_chunk()?;
    let start = number(message, at.checked_add(4)?)?.try_into().ok()?;
    message.get(start..)?.get(..usize::from(u16::from_le_bytes(*length)))
}

/// A field that leads to `length` bytes at `offset`.
pub fn put_field(message: &mut Vec<u8>, length: usize, offset: usize) {
    let short = u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    message.extend(short);
    message.extend(short);
    message.extend(u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes());
}

/// Adds to a list.
pub fn put_pair(list: &mut Vec<u8>, kind: u16, value: &[u8]) {
    list.extend(kind.to_le_bytes());
    list.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    list.extend(value);
}

/// The first of this kind in a list.
pub fn find(mut list: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (kind, rest) = list.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        match u16::from_le_bytes(*kind) {
            kind if kind == wanted => return Some(value),
            pair::END => return None,
            _ => list = rest,
        }
    }
}

/// Text as messages hold it.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Text of a message.
pub fn text(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| pair.iter().rev().fold(0, |sum, byte| sum << 8 | u16::from(*byte)))
        .collect();
    String::from_utf16_lossy(&units)
}
