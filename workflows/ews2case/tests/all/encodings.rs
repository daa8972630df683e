//! Are mails in odd encodings read, whatever their bytes are?

use ews2case::mime::{Walked, walk};
use ews2case::names;
use ews2case::{html, smime, sniff};
use proptest::prelude::*;

use crate::support::*;

fn read(name: &str) -> (Vec<u8>, Walked) {
    let path = format!("{}/tests/eml/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let walked = walk(&bytes);
    (bytes, walked)
}

#[test]
fn bodies_and_subjects_in_many_encodings_are_read() {
    for (name, subject, text) in [
        ("chinese_big5_encoding", "Hello from China", "圖形碼"),
        ("chinese_iso_2022_jp_encoding", "Hello from China", "中文字"),
        ("chinese_gb2312_encoding", "Greeting in Chinese", ""),
        (
            "eml_with_special_utf_8_chars",
            "Tèst àttæchêmęnt sùbjëct",
            "Tèst àttæchêmęnt bœdy",
        ),
        ("utf_8_with_bom", "Test UTF Email", "עברית"),
        ("email_with_special_char_bytes", "Hello dear friend", ""),
        ("test_text_before_headers", "test bcc", "test bcc"),
        ("test-unknown-8bit", "test bcc", "test bcc"),
        ("no_content_type", "No content type", ""),
    ] {
        let letter = read(name).1.letter;
        assert_eq!(letter.subject.as_deref(), Some(subject), "{name}");
        assert!(letter.body().contains(text), "{name}: {}", letter.body());
        assert!(!letter.body().contains('\u{fffd}'), "{name}: {}", letter.body());
    }
}

#[test]
fn parts_say_where_their_bytes_lie() {
    let (bytes, walked) = read("eml_contains_htm_attachment");
    let part = &walked.parts[0];
    assert_eq!(
        (part.name.as_deref(), part.media_type.as_str()),
        (Some("1.htm"), "text/html")
    );
    assert_eq!(&bytes[part.range.clone()], b"PGh0bWw+CjwvaHRtbD4=");
    let (bytes, walked) = read("multipart_with_eml_attachment_containing_html");
    let part = &walked.parts[0];
    assert_eq!(
        (part.name.as_deref(), part.media_type.as_str()),
        (Some("original_message.eml"), "message/rfc822")
    );
    let inner = walk(&bytes[part.range.clone()]);
    assert_eq!(inner.letter.subject.as_deref(), Some("Attached email subject"));
    assert!(inner.letter.html.unwrap().contains("<meta"));
}

#[test]
fn a_mail_with_nothing_in_it_is_a_mail_with_nothing_in_it() {
    assert_eq!(read("no_content").1, Walked::default());
}

#[test]
fn every_odd_mail_becomes_a_case_when_it_is_attached() {
    let mut seen = 0;
    for entry in std::fs::read_dir(format!("{}/tests/eml", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "eml") {
            continue;
        }
        let host = host();
        let mut message = mail(1);
        attach_mail(&host, &mut message, "a", "odd", &std::fs::read(&path).unwrap());
        host.add_mail("TheHive", message);
        let answer = run(&host);
        assert!(answer.success && answer.created == 1, "{path:?}: {:?}", told(&answer));
        assert!(
            files(&host, &only_case(&host)).contains(&"odd.eml".to_owned()),
            "{path:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 14);
}

#[test]
fn d27_replaced_characters_arrive_as_they_are() {
    let mut message = mail(1);
    message.summary.subject = Some("a\u{fffd}b".into());
    let (_, case) = case_of(message);
    assert_eq!(case.title, "a\u{fffd}b");
}

#[test]
fn multiparts_in_multiparts_are_followed_down_to_a_limit() {
    let mut raw = String::from("Content-Type: multipart/mixed; boundary=b0\n\n");
    for level in 0..500 {
        raw.push_str(&format!(
            "--b{level}\nContent-Type: multipart/mixed; boundary=b{}\n\n",
            level + 1
        ));
    }
    raw.push_str("--b500\n\ntext\n");
    assert!(walk(raw.as_bytes()).cut);
}

#[test]
fn very_many_mails_in_each_other_do_not_exhaust_the_stack() {
    let raw = "Content-Type: message/rfc822\n\n".repeat(100_000);
    let walked = walk(raw.as_bytes());
    assert_eq!(
        (walked.parts.len(), walked.parts[0].media_type.as_str()),
        (1, "message/rfc822")
    );
}

/// Text that looks like a mail often enough to get past the first checks.
fn mailish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"Content-Type: multipart/mixed; boundary=\"b\"\r\n".to_vec()),
        Just(b"Content-Type: message/rfc822\r\n".to_vec()),
        Just(b"Content-Type: text/html; charset=utf-7\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: quoted-printable\r\n".to_vec()),
        Just(b"Content-Disposition: attachment; filename*0*=utf-8''%F0%9F; filename*1=x\r\n".to_vec()),
        Just(b"Subject: =?utf-8?B?4oCu?= =?x?Q?=\r\n".to_vec()),
        Just(b"From: \"a\" <b@c>, =?unknown-8bit?q?=\r\n".to_vec()),
        Just(b"Date: Fri, 31 Feb 99999 25:61:61 +9999\r\n".to_vec()),
        Just(b"\r\n--b\r\n".to_vec()),
        Just(b"\r\n--b--\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_ends_with_parts_inside_the_mail_whatever_the_bytes_are(raw in prop_oneof![mailish(), prop::collection::vec(any::<u8>(), 0..600)]) {
        let walked = walk(&raw);
        for part in &walked.parts {
            prop_assert!(part.range.start <= part.range.end && part.range.end <= raw.len());
        }
        let _ = walked.letter.body();
        let _ = smime::open(&raw);
        let _ = sniff::kind("x.eml", "message/rfc822", &raw);
    }

    #[test]
    fn a_name_is_never_a_path_and_never_too_long(name in ".{0,400}", subject in ".{0,400}") {
        for clean in [names::clean(Some(&name), "attachment-1"), names::mail(Some(&name), Some(&subject)), names::mail(None, Some(&subject))] {
            prop_assert!(!clean.is_empty() && clean.chars().count() <= 160);
            prop_assert!(!clean.contains('/') && !clean.chars().any(char::is_control));
            prop_assert!(clean != "." && clean != "..");
        }
    }

    #[test]
    fn html_is_read_whatever_it_is(html in prop_oneof![".{0,300}", "(<|>|script|/|&#x;|href=|'|\"|ü| |--|!|title){0,60}"]) {
        let _ = html::to_text(&html);
        let _ = html::links(&html);
    }
}
