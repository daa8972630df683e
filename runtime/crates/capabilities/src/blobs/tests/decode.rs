//! Is a mail's part decoded as mail programs read it, whatever the chunks?

use proptest::prelude::*;

use crate::bindings::synapse::workflow::blobs::Encoding;
use crate::blobs::Decoder;

fn decoded(encoding: Encoding, chunks: &[&[u8]]) -> Vec<u8> {
    let (mut decoder, mut out) = (Decoder::of(encoding), Vec::new());
    for chunk in chunks {
        decoder.feed(chunk, &mut out);
    }
    decoder.end(&mut out);
    out
}

fn text(encoding: Encoding, input: &str) -> String {
    String::from_utf8(decoded(encoding, &[input.as_bytes()])).unwrap()
}

#[test]
fn base64_skips_what_is_outside_its_alphabet_and_goes_on_after_padding() {
    for (input, expected) in [
        ("", ""),
        ("aGVsbG8=", "hello"),
        ("aGVs\r\n bG8=\r\n", "hello"),
        ("aGVsbG8", "hello"),
        ("a!G*V-s_bG8=", "hello"),
        ("aGVsbG8=IHdvcmxk", "hello world"),
        ("aA==aQ==", "hi"),
        ("====", ""),
        ("aGVsbG8h", "hello!"),
        ("aGVsbG8hY", "hello!"),
    ] {
        assert_eq!(text(Encoding::Base64, input), expected, "{input:?}");
    }
}

#[test]
fn quoted_printable_joins_soft_lines_drops_added_space_and_keeps_what_is_no_code() {
    for (input, expected) in [
        ("a=3Db", "a=b"),
        ("caf=C3=A9", "caf\u{e9}"),
        ("caf=c3=a9", "caf\u{e9}"),
        ("one=\r\ntwo", "onetwo"),
        ("one=\ntwo", "onetwo"),
        ("one= \t\r\ntwo", "onetwo"),
        ("one =\r\ntwo", "one two"),
        ("one \t\r\ntwo", "one\r\ntwo"),
        ("one \ntwo", "one\ntwo"),
        ("one two", "one two"),
        ("a=ZZ", "a=ZZ"),
        ("a=4", "a=4"),
        ("a=4x", "a=4x"),
        ("a=4=41", "a=4A"),
        ("a= b", "a= b"),
        ("a==41", "a=A"),
        ("end=", "end"),
        ("end \t", "end"),
        ("one=\rtwo", "onetwo"),
    ] {
        assert_eq!(text(Encoding::QuotedPrintable, input), expected, "{input:?}");
    }
}

#[test]
fn a_line_of_nothing_but_space_needs_no_memory_of_its_own() {
    let space = vec![b' '; 1 << 20];
    let mut decoder = Decoder::of(Encoding::QuotedPrintable);
    let mut out = Vec::new();
    decoder.feed(&space, &mut out);
    assert!(out.len() > (1 << 20) - 2_048, "{} bytes came out", out.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_chunks_give_the_same_bytes(input in proptest::collection::vec(prop_oneof![
        Just(b'='), Just(b' '), Just(b'\r'), Just(b'\n'), Just(b'A'), Just(b'4'), any::<u8>(),
    ], 0..200), cut in 0_usize..200) {
        let cut = cut.min(input.len());
        let (head, tail) = input.split_at(cut);
        for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable] {
            let whole = decoded(encoding, &[&input]);
            prop_assert_eq!(&decoded(encoding, &[head, tail]), &whole);
            prop_assert!(whole.len() <= input.len(), "decoding never grows");
        }
    }

    #[test]
    fn what_an_encoder_wrote_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let folded: Vec<u8> = encoded.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"].concat()).collect();
        prop_assert_eq!(&decoded(Encoding::Base64, &[&folded]), &bytes);
        let quoted: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        prop_assert_eq!(&decoded(Encoding::QuotedPrintable, &[quoted.as_bytes()]), &bytes);
    }
}
