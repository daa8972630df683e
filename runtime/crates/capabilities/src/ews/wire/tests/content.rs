//! Do bytes arrive as they were, however the answer is cut into pieces, and only if the whole answer arrived?

use std::io::{self, BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::*;
use super::recorded::recorded;

/// A source that gives pieces of these lengths, again and again.
struct Pieces<'a> {
    rest: &'a [u8],
    lengths: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths.next().unwrap_or(1).clamp(1, buf.len());
        let length = self.rest.read(&mut buf[..length])?;
        Ok(length)
    }
}

fn pieces(bytes: &[u8], lengths: Vec<usize>) -> impl BufRead {
    let lengths = if lengths.is_empty() { vec![1] } else { lengths };
    BufReader::new(Pieces {
        rest: bytes,
        lengths: lengths.into_iter().cycle(),
    })
}

fn read(operation: ByteOperation, source: impl BufRead) -> (Result<ByteAnswer, Trouble>, Vec<u8>) {
    let mut bytes = Vec::new();
    let answer = read_bytes(operation, source, &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    (answer, bytes)
}

fn envelope(content: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:GetAttachmentResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages><m:GetAttachmentResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Attachments><FileAttachment><AttachmentId Id="a"/><Name>a &amp; b</Name><ContentType>text/plain</ContentType>{content}<Size>12</Size></FileAttachment></m:Attachments></m:GetAttachmentResponseMessage></m:ResponseMessages></m:GetAttachmentResponse></s:Body></s:Envelope>"#
    )
}

fn file(content: &str) -> (Result<ByteAnswer, Trouble>, Vec<u8>) {
    read(ByteOperation::GetAttachment, envelope(content).as_bytes())
}

#[test]
fn a_recorded_file_and_what_is_around_it_are_read() {
    let (answer, bytes) = read(
        ByteOperation::GetAttachment,
        recorded!("093-GetAttachment-x-two-file-attachments"),
    );
    let answer = answer.unwrap();
    assert_eq!(bytes, b"%PDF-1.4 fake pdf body\n%%EOF\n");
    assert_eq!(
        (answer.kind, answer.written, answer.size),
        (Some(AttachmentKind::File), Some(29), Some(29))
    );
    assert_eq!(answer.name.as_deref(), Some("invoice 2026.pdf"));
    assert_eq!(answer.media_type.as_deref(), Some("application/pdf"));
}

#[test]
fn a_recorded_attached_mail_is_its_mime_text() {
    let (answer, bytes) = read(
        ByteOperation::GetAttachment,
        recorded!("045-GetAttachment-raw-itematt-mime"),
    );
    assert_eq!(answer.unwrap().kind, Some(AttachmentKind::Item));
    assert!(bytes.starts_with(b"MIME-Version: 1.0\r\nFrom: \"Evil Corp\""));
}

#[test]
fn a_recorded_mail_is_its_mime_text() {
    let (answer, bytes) = read(ByteOperation::GetItem, recorded!("029-GetItem-export-mime"));
    let answer = answer.unwrap();
    assert!(answer.item.unwrap().change_key.is_some());
    assert!(bytes.starts_with(b"MIME-Version") && bytes.ends_with(b"--\r\n"));
}

#[test]
fn an_error_instead_of_content_is_a_refusal_d32() {
    let (answer, bytes) = read(
        ByteOperation::GetAttachment,
        recorded!("047-GetAttachment-raw-getattachment-badid"),
    );
    assert!(matches!(answer, Err(Trouble::Fault(refusal)) if refusal.code == "ErrorInvalidAttachmentId"));
    assert!(bytes.is_empty());
}

#[test]
fn metadata_on_both_sides_of_the_content_is_read() {
    let (answer, bytes) = file("<Content>aGVs\r\n bG8=</Content>");
    let answer = answer.unwrap();
    assert_eq!(
        (answer.name.as_deref(), answer.size, answer.written),
        (Some("a & b"), Some(12), Some(5))
    );
    assert_eq!(bytes, b"hello");
}

#[test]
fn white_space_references_sections_and_comments_do_not_stop_content() {
    for content in [
        "aGVs&#xD;\nbG8=",
        "aGVs<!-- here -->bG8=",
        "<![CDATA[aGVs]]>bG8=",
        "&#97;GVsbG8=",
    ] {
        let (answer, bytes) = file(&format!("<Content>{content}</Content>"));
        assert_eq!(
            (answer.unwrap().written, bytes.as_slice()),
            (Some(5), b"hello".as_slice()),
            "{content}"
        );
    }
}

#[test]
fn an_empty_file_is_not_a_missing_one() {
    assert_eq!(file("<Content/>").0.unwrap().written, Some(0));
    assert_eq!(file("<Content></Content>").0.unwrap().written, Some(0));
    assert_eq!(file("").0.unwrap().written, None);
}

#[test]
fn what_is_not_base64_is_malformed() {
    for content in [
        "aGVsbG8",
        "aGVs*G8=",
        "aGV=bG8=",
        "====",
        "a",
        "aGVs<x/>bG8=",
        "aGVs&amp;bG8=",
        "aGVsbG9=",
    ] {
        let (answer, _) = file(&format!("<Content>{content}</Content>"));
        assert!(matches!(answer, Err(Trouble::Malformed(_))), "{content}: {answer:?}");
    }
}

#[test]
fn a_cut_answer_is_never_a_whole_one() {
    let answer = envelope("<Content>aGVsbG8=</Content>");
    for length in 0..answer.len() {
        let (answer, _) = read(ByteOperation::GetAttachment, &answer.as_bytes()[..length]);
        assert!(answer.is_err(), "cut at {length}");
    }
}

#[test]
fn a_refusing_sink_ends_the_reading_and_is_named() {
    let answer = envelope("<Content>aGVsbG8=</Content>");
    let read = read_bytes(ByteOperation::GetAttachment, answer.as_bytes(), &mut |_| {
        Err(io::Error::new(io::ErrorKind::QuotaExceeded, "full"))
    });
    assert_eq!(read, Err(Trouble::Io(io::ErrorKind::QuotaExceeded, "full".to_owned())));
}

/// A head, a middle that is repeated, and a tail, without holding them in one piece.
fn endless(head: &str, middle: Vec<u8>, times: usize, tail: &str) -> impl BufRead {
    let middle: &'static [u8] = middle.leak();
    let middles = (0..times).fold(Box::new(io::empty()) as Box<dyn BufRead>, |before, _| {
        Box::new(before.chain(middle))
    });
    Box::new(io::Cursor::new(head.as_bytes().to_vec()))
        .chain(middles)
        .chain(io::Cursor::new(tail.as_bytes().to_vec()))
}

#[test]
fn content_has_no_limit_of_its_own_and_what_surrounds_it_has() {
    let whole = envelope("<Content>|</Content>");
    let (head, tail) = whole.split_once('|').unwrap();
    let mut written = 0usize;
    let megabyte = "QUJD".repeat(256 << 10).into_bytes();
    let answer = read_bytes(
        ByteOperation::GetAttachment,
        endless(head, megabyte, 40, tail),
        &mut |piece| {
            assert!(piece.len() <= 16 << 10);
            written += piece.len();
            Ok(())
        },
    );
    assert_eq!(
        (answer.unwrap().written, written),
        (Some(40 * (768 << 10)), 40 * (768 << 10))
    );

    let whole = envelope("<ContentLocation>|</ContentLocation>");
    let (head, tail) = whole.split_once('|').unwrap();
    let (answer, _) = read(
        ByteOperation::GetAttachment,
        endless(head, vec![b'x'; 1 << 20], 20, tail),
    );
    assert_eq!(answer, Err(Trouble::TooLarge(16 << 20)));
}

#[test]
fn endless_white_space_is_malformed() {
    let whole = envelope("<Content>|</Content>");
    let (head, tail) = whole.split_once('|').unwrap();
    let (answer, _) = read(
        ByteOperation::GetAttachment,
        endless(head, vec![b' '; 1 << 20], 4, tail),
    );
    assert!(matches!(answer, Err(Trouble::Malformed(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn where_pieces_end_does_not_matter(
        bytes in proptest::collection::vec(any::<u8>(), 0..40_000),
        line in 1usize..200,
        lengths in proptest::collection::vec(1usize..5_000, 0..8),
    ) {
        let encoded = STANDARD.encode(&bytes);
        let lines: Vec<_> = encoded.as_bytes().chunks(line).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let whole = envelope(&format!("<Content>{}</Content>", lines.join("\r\n")));
        let (answer, got) = read(ByteOperation::GetAttachment, pieces(whole.as_bytes(), lengths));
        prop_assert_eq!(answer.unwrap().written, Some(bytes.len() as u64));
        prop_assert_eq!(got, bytes);
    }

    #[test]
    fn what_the_reference_decoder_refuses_is_refused(
        text in "[A-D+/=]{0,24}",
        lengths in proptest::collection::vec(1usize..9, 0..4),
    ) {
        let whole = envelope(&format!("<Content>{text}</Content>"));
        let (answer, got) = read(ByteOperation::GetAttachment, pieces(whole.as_bytes(), lengths));
        match STANDARD.decode(&text) {
            Ok(bytes) => prop_assert!(answer.is_ok() && got == bytes),
            Err(_) => prop_assert!(matches!(answer, Err(Trouble::Malformed(_)))),
        }
    }
}
