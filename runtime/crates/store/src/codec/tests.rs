//! Is a payload read back exactly as it was written, and is anything else refused?

use proptest::prelude::*;
use synapse_domain::limits::JOURNAL_PAYLOAD_BYTES;

use super::{COMPRESS_ABOVE, PLAIN_V1, ZSTD_V1, decode, encode};
use crate::error::StoreError;

proptest! {
    #[test]
    fn every_text_comes_back_as_it_was(text in any::<String>(), times in 1_usize..2_000) {
        let text = text.repeat(times);
        prop_assert_eq!(decode(&encode(&text).unwrap()).unwrap(), text);
    }

    #[test]
    fn no_flipped_bit_yields_another_text(text in "[ -~]{0,200}", times in prop_oneof![Just(1_usize), Just(200)], bit in any::<prop::sample::Index>()) {
        let text = text.repeat(times);
        let mut blob = encode(&text).unwrap();
        let bit = bit.index(blob.len() * 8);
        blob[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = decode(&blob) {
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(blob in prop::collection::vec(any::<u8>(), 0..200)) {
        decode(&blob).ok();
    }
}

/// One blob per line: name, text (as a JSON string), how often it is repeated, blob in hexadecimal. Never regenerated: what an older
/// version wrote must stay readable.
#[test]
fn blobs_of_version_1_stay_readable() {
    let golden = include_str!("../../tests/golden/journal-v1.txt");
    let mut seen = 0;
    for line in golden.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [name, text, times, blob] = line.split(" | ").collect::<Vec<_>>().try_into().expect("four fields");
        let text = serde_json::from_str::<String>(text)
            .unwrap()
            .repeat(times.parse().unwrap());
        let blob = hex::decode(blob).unwrap();
        assert_eq!(decode(&blob).unwrap(), text, "{name}");
        if blob[0] == PLAIN_V1 {
            assert_eq!(
                encode(&text).unwrap(),
                blob,
                "{name}: the plain format has one spelling"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn payloads_over_8_kib_are_compressed_and_smaller_ones_stay_legible() {
    assert_eq!(encode(&"a".repeat(COMPRESS_ABOVE)).unwrap()[0], PLAIN_V1);
    let large = encode(&"a".repeat(COMPRESS_ABOVE + 1)).unwrap();
    assert_eq!(large[0], ZSTD_V1);
    assert!(large.len() < 100, "{}", large.len());
}

#[test]
fn a_payload_over_the_limit_is_refused_by_name() {
    assert!(encode(&"a".repeat(JOURNAL_PAYLOAD_BYTES)).is_ok());
    assert!(matches!(
        encode(&"a".repeat(JOURNAL_PAYLOAD_BYTES + 1)),
        Err(StoreError::Quota("journal-payload-bytes"))
    ));
}

#[test]
fn a_decompression_bomb_is_refused_before_it_is_unpacked() {
    let mut blob = vec![ZSTD_V1, 0, 0, 0, 0];
    blob.extend(zstd::bulk::compress(&vec![b'a'; 256 << 20], 3).unwrap());
    let Err(StoreError::Damaged(why)) = decode(&blob) else {
        panic!("a bomb was accepted")
    };
    assert!(why.contains("more than a payload may hold"), "{why}");
}

#[test]
fn an_unknown_format_is_damage_and_says_so() {
    for blob in [
        &[][..],
        &[1],
        &[1, 0, 0],
        &[2, 0, 0, 0, 0, b'x'],
        &[PLAIN_V1, 0, 0, 0, 0, b'x'],
    ] {
        assert!(matches!(decode(blob), Err(StoreError::Damaged(_))), "{blob:?}");
    }
}
