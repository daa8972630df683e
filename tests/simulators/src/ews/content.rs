//! Where do the bytes of an attachment come from? Held in memory, or made by a formula while they are sent.

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Bytes per step: a multiple of 3, so that the base64 of the steps is the base64 of the whole.
const STEP: u64 = 48 * 1024;

/// The content of a file attachment or a message.
#[derive(Clone, Debug)]
pub enum Content {
    /// Kept bytes.
    Held(Bytes),
    /// `bytes` bytes that follow from `seed`, see [`generated`].
    Generated {
        /// How many.
        bytes: u64,
        /// Where the sequence starts.
        seed: u64,
    },
}

impl Content {
    /// Number of bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Generated { bytes, .. } => *bytes,
        }
    }

    /// The base64 text, step by step.
    pub fn into_base64(self) -> impl Iterator<Item = Bytes> + Send {
        let steps = self.size().div_ceil(STEP);
        (0..steps).map(move |step| {
            let start = step * STEP;
            let end = (start + STEP).min(self.size());
            let text = match &self {
                Self::Held(bytes) => STANDARD.encode(&bytes[narrow(start)..narrow(end)]),
                Self::Generated { seed, .. } => STANDARD.encode(range(*seed, start, end)),
            };
            Bytes::from(text)
        })
    }
}

/// The bytes of a generated attachment, in steps that fit into memory: what a test compares a download with.
pub fn generated(bytes: u64, seed: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.div_ceil(STEP)).map(move |step| range(seed, step * STEP, ((step + 1) * STEP).min(bytes)))
}

/// `start` is a multiple of the word size.
fn range(seed: u64, start: u64, end: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(narrow(end - start) + 8);
    for word in start / 8..end.div_ceil(8) {
        bytes.extend(mix(seed.wrapping_add(word)).to_le_bytes());
    }
    bytes.truncate(narrow(end - start));
    bytes
}

/// SplitMix64: each word follows from its number alone, so that a step needs nothing before it.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base64_of_generated_content_decodes_to_the_generated_bytes() {
        for bytes in [0, 1, 7, STEP - 1, STEP, STEP + 1, 3 * STEP + 5] {
            let text: Vec<u8> = Content::Generated { bytes, seed: 7 }.into_base64().flatten().collect();
            let whole: Vec<u8> = generated(bytes, 7).flatten().collect();
            assert_eq!(STANDARD.decode(text).unwrap(), whole);
            assert_eq!(whole.len() as u64, bytes);
        }
    }
}
