//! What is in an id? To clients nothing: base64 that only we can read. Case matters, and an id is longer than it seems.

use super::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Bytes that name a mailbox in an id.
pub type Store = [u8; 16];

/// What an id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A folder by its number.
    Folder(Store, u64),
    /// An item by its number; a move gives it another one.
    Item(Store, u64),
    /// An attachment: the item, and the places from the outer attachment inwards.
    Attachment(Store, u64, Vec<u8>),
}

/// Every Exchange id starts like this.
const START: [u8; 6] = [0x00, 0x02, 0x40, 0x12, 0x3d, 0x00];

/// The bytes for a mailbox address.
pub fn store(address: &str) -> Store {
    let hash = Sha256::digest(address.to_ascii_lowercase());
    std::array::from_fn(|at| hash[at])
}

impl Id {
    /// The text that clients see.
    pub fn encode(&self) -> String {
        let (store, kind, number, path): (_, u8, _, &[u8]) = match self {
            Self::Folder(store, number) => (store, 1, number, &[]),
            Self::Item(store, number) => (store, 2, number, &[]),
            Self::Attachment(store, number, path) => (store, 3, number, path),
        };
        let mut bytes = START.to_vec();
        bytes.extend(store);
        // Real ids hold the GUID of the folder and of the store once more: about 150 characters.
        bytes.extend(&Sha256::digest(store)[..]);
        bytes.extend(number.to_be_bytes());
        bytes.push(kind);
        bytes.extend(path);
        let check = Sha256::digest(&bytes);
        bytes.extend(&check[..4]);
        STANDARD.encode(bytes)
    }

    /// Reads an id. Errors: `ErrorInvalidIdMalformed`.
    pub fn decode(text: &str) -> Result<Self, Refusal> {
        Self::read(text).ok_or_else(|| Refusal::of("ErrorInvalidIdMalformed"))
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        let (body, check) = bytes.split_last_chunk::<4>()?;
        if Sha256::digest(body)[..4] != check[..] {
            return None;
        }
        let (store, rest) = body.strip_prefix(&START)?.split_first_chunk::<16>()?;
        let (number, rest) = rest.get(32..)?.split_first_chunk::<8>()?;
        let number = u64::from_be_bytes(*number);
        match rest.split_first()? {
            (1, []) => Some(Self::Folder(*store, number)),
            (2, []) => Some(Self::Item(*store, number)),
            (3, path) if !path.is_empty() => Some(Self::Attachment(*store, number, path.to_vec())),
            _ => None,
        }
    }
}

/// The change key of a version.
pub fn change_key(version: u64) -> String {
    let mut bytes = vec![0x09, 0, 0, 0, 0x16, 0, 0, 0];
    bytes.extend(version.to_be_bytes());
    let check = Sha256::digest(&bytes);
    bytes.extend(&check[..3]);
    STANDARD.encode(bytes)
}

/// The version of a change key. Errors: `ErrorInvalidChangeKey`.
pub fn version_of(key: &str) -> Result<u64, Refusal> {
    let read = || {
        let bytes = STANDARD.decode(key).ok()?;
        let version = u64::from_be_bytes(*bytes.get(8..16)?.first_chunk()?);
        (change_key(version) == key).then_some(version)
    };
    read().ok_or_else(|| Refusal::of("ErrorInvalidChangeKey"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_change_keys_survive_their_text_and_damaged_ones_are_refused() {
        let store = store("soc@example.org");
        for id in [
            Id::Folder(store, 7),
            Id::Item(store, 1),
            Id::Attachment(store, 1, vec![0, 3]),
        ] {
            assert_eq!(Id::decode(&id.encode()).unwrap(), id);
            assert!(Id::decode(&id.encode().to_ascii_lowercase()).is_err());
        }
        assert_eq!(Id::decode("AAAA").unwrap_err().code, "ErrorInvalidIdMalformed");
        assert_eq!(version_of(&change_key(9)).unwrap(), 9);
        assert!(version_of("AQAA").is_err());
    }
}
