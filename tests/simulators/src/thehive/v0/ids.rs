//! How are ids spelled? `~40960` on 4; on 3 like those of Elasticsearch, and an alert's like a digest.

use super::Flavour;
use crate::thehive::{
    kind::Kind,
    store::{parse_id, wire_id},
};

/// Begins the ids of 3.
const PREFIX: &str = "AX";
/// Digits after it.
const DIGITS: usize = 18;
/// Mixes a number into the first half of what looks like a digest.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// Hexadecimal digits of an MD5.
const DIGEST: usize = 32;

/// The id on the wire.
pub fn write(flavour: Flavour, kind: Kind, id: u64) -> String {
    match (flavour, kind) {
        (Flavour::V3, Kind::Alert) => format!("{:016x}{id:016x}", id.wrapping_mul(MIX)),
        (Flavour::V3, _) => format!("{PREFIX}{id:0DIGITS$}"),
        (Flavour::V4 | Flavour::V5, _) => wire_id(id),
    }
}

/// The id behind what is on the wire.
pub fn read(flavour: Flavour, text: &str) -> Option<u64> {
    if flavour != Flavour::V3 {
        return parse_id(text);
    }
    if let Some(digits) = text.strip_prefix(PREFIX) {
        return (digits.len() == DIGITS).then(|| digits.parse().ok())?;
    }
    let id = (text.len() == DIGEST).then(|| u64::from_str_radix(text.get(16..)?, 16).ok())??;
    (write(flavour, Kind::Alert, id) == text).then_some(id)
}

/// What the routes of v1 read; on 4 a case's number stays one.
pub fn v1(flavour: Flavour, text: &str) -> String {
    match read(flavour, text) {
        Some(id) => wire_id(id),
        None if flavour == Flavour::V3 => "~0".to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_were_written() {
        for (flavour, kind) in [
            (Flavour::V3, Kind::Alert),
            (Flavour::V3, Kind::Case),
            (Flavour::V4, Kind::Case),
        ] {
            let text = write(flavour, kind, 40_968);
            assert_eq!(read(flavour, &text), Some(40_968), "{text}");
            assert_eq!(v1(flavour, &text), "~40968");
        }
        assert_eq!(read(Flavour::V3, "~40968"), None);
        assert_eq!(read(Flavour::V3, &"0".repeat(31)), None);
        assert_eq!(v1(Flavour::V4, "7"), "7");
    }
}
