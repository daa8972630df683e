//! What comes out of attachments: files, pictures, mails inside mails?

use serde_json::json;
use synapse_guest::ews::{Attachment, AttachmentKind};
use synapse_guest::fake::FakeBlob;

use crate::support::*;

/// A mail with a multipart of these parts: name, media type, encoding, content.
fn eml(subject: &str, from: &str, parts: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let mut text = format!(
        "From: {from}\r\nTo: victim@corp.example\r\nSubject: {subject}\r\nMessage-ID: <inner@evil.example>\r\n\
         Date: Wed, 25 Nov 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{subject}-b\"\r\n\r\n\
         --{subject}-b\r\nContent-Type: text/plain\r\n\r\nPay at https://pay.evil.example/now\r\n"
    );
    for (name, media_type, encoding, content) in parts {
        text.push_str(&format!(
            "--{subject}-b\r\nContent-Type: {media_type}; name=\"{name}\"\r\nContent-Transfer-Encoding: {encoding}\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"
        ));
    }
    text.push_str(&format!("--{subject}-b--\r\n"));
    text.into_bytes()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_reported_mail_with_an_attached_mail_is_about_the_inner_one() {
    let host = host();
    let mut message = mail(1);
    let inner = eml(
        "Invoice",
        "Eve <eve@evil.example>",
        &[("tool.exe", "application/x-msdownload", "base64", "TVqQAAM=")],
    );
    attach(&host, &mut message, "a", "notes.pdf", "application/pdf", b"%PDF");
    attach_mail(&host, &mut message, "b", "Invoice", &inner);
    host.add_mail("TheHive", message);
    let answer = run(&host);
    assert!(answer.success, "{:?}", told(&answer));
    let case = only_case(&host);
    assert_eq!(case.title, "Invoice");
    for row in [
        "| **From** | `Eve ‹eve@evil.example›` |",
        "| **Reported by** | `Bob B. ‹bob@corp.example›` |",
    ] {
        assert!(case.description.contains(row), "{}", case.description);
    }
    assert!(
        case.tags.contains(&"reporter:bob@corp.example".to_owned()),
        "{:?}",
        case.tags
    );
    let expected = [
        ("mail", "eve@evil.example"),
        ("mail-subject", "Invoice"),
        ("url", "https://pay.evil.example/now"),
    ];
    assert_eq!(
        texts(&host, &case),
        expected.map(|(one, two)| (one.to_owned(), two.to_owned()))
    );
    assert_eq!(files(&host, &case), ["notes.pdf", "Invoice.eml", "tool.exe"]);
    let exe = host.observables(&case.id).pop().unwrap();
    assert!(
        exe.message
            .unwrap()
            .starts_with("Inside the attached mail Invoice.eml: tool.exe")
    );
    assert_eq!(
        exe.sha256,
        Some(FakeBlob::new("", "", b"MZ\x90\0\x03").info().sha256.clone())
    );
}

#[test]
fn d03_an_attached_mail_is_kept_whatever_is_flagged_inline() {
    let host = host();
    let mut message = mail(1);
    message.html = Some("<img src=\"cid:Logo@1\">".into());
    attach(&host, &mut message, "a", "logo.png", "image/png", b"PNG");
    attach(&host, &mut message, "b", "photo.png", "image/png", b"PNG2");
    attach_mail(
        &host,
        &mut message,
        "c",
        "Invoice",
        &eml("Invoice", "eve@evil.example", &[]),
    );
    for (n, id) in [(0, "logo@1"), (1, "other"), (2, "third")] {
        message.attachments[n].is_inline = true;
        message.attachments[n].content_id = Some(format!("<{id}>"));
    }
    host.add_mail("TheHive", message.clone());
    run(&host);
    let case = only_case(&host);
    assert_eq!(files(&host, &case), ["photo.png", "Invoice.eml"]);
    assert!(only_log(&host, &case).contains("1 inline images were left out"));

    let host = configured(
        host_of(&message),
        json!({ "inline_images": true, "skip_image_hashes": [sha256(b"PNG2")] }),
    );
    run(&host);
    assert_eq!(files(&host, &only_case(&host)), ["logo.png", "Invoice.eml"]);
}

fn host_of(message: &synapse_guest::ews::Message) -> synapse_guest::fake::Fake {
    let host = host();
    for (id, name, bytes) in [("a", "logo.png", b"PNG".to_vec()), ("b", "photo.png", b"PNG2".to_vec())] {
        host.add_attachment(id, Ok(FakeBlob::new(name, "image/png", &bytes)));
    }
    host.add_attachment(
        "c",
        Ok(FakeBlob::new(
            "Invoice",
            "message/rfc822",
            &eml("Invoice", "eve@evil.example", &[]),
        )),
    );
    host.add_mail("TheHive", message.clone());
    host
}

fn sha256(bytes: &[u8]) -> String {
    FakeBlob::new("", "", bytes).info().sha256.clone()
}

#[test]
fn d05_mails_are_taken_apart_level_by_level_down_to_the_limit() {
    let mut deepest = eml(
        "level-4",
        "eve@evil.example",
        &[("x.exe", "application/octet-stream", "7bit", "MZ")],
    );
    for level in (1..4).rev() {
        deepest = eml(
            &format!("level-{level}"),
            "eve@evil.example",
            &[("fwd.eml", "message/rfc822", "8bit", &text(&deepest))],
        );
    }
    for (limit, last) in [(5, "x.exe"), (2, "fwd.eml")] {
        let host = configured(host(), json!({ "nesting_max": limit }));
        let mut message = mail(1);
        attach_mail(&host, &mut message, "a", "level-1", &deepest);
        host.add_mail("TheHive", message);
        run(&host);
        let case = only_case(&host);
        let names = files(&host, &case);
        assert_eq!(names.last().map(String::as_str), Some(last), "{names:?}");
        assert_eq!(only_log(&host, &case).contains("deeper than 2 levels"), limit == 2);
    }
}

#[test]
fn d31_a_mail_attached_as_a_file_is_taken_apart_the_same_way() {
    let inner = eml(
        "Invoice",
        "eve@evil.example",
        &[("tool.exe", "application/octet-stream", "base64", "TVo=")],
    );
    for (name, media_type) in [
        ("report.eml", "application/octet-stream"),
        ("report", "message/rfc822"),
        ("report.bin", "application/octet-stream"),
    ] {
        let host = host();
        let mut message = mail(1);
        attach(&host, &mut message, "a", name, media_type, &inner);
        host.add_mail("TheHive", message);
        run(&host);
        let case = only_case(&host);
        assert_eq!(case.title, "Invoice", "{name}");
        assert!(files(&host, &case).contains(&"tool.exe".to_owned()), "{name}");
    }
    let host = host();
    let mut message = mail(1);
    attach(
        &host,
        &mut message,
        "a",
        "old.msg",
        "application/vnd.ms-outlook",
        &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0],
    );
    attach(
        &host,
        &mut message,
        "b",
        "winmail.dat",
        "application/ms-tnef",
        &[0x78, 0x9f, 0x3e, 0x22],
    );
    host.add_mail("TheHive", message);
    run(&host);
    let case = only_case(&host);
    assert_eq!(files(&host, &case), ["old.msg", "winmail.dat"]);
    let log = only_log(&host, &case);
    assert!(
        log.contains("old.msg is an Outlook message that cannot be read")
            && log.contains("winmail.dat is an Outlook container (TNEF) that cannot be read"),
        "{log}"
    );
}

#[test]
fn the_same_bytes_twice_are_one_file() {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "a.pdf", "application/pdf", b"%PDF");
    attach(&host, &mut message, "b", "b.pdf", "application/pdf", b"%PDF");
    host.add_mail("TheHive", message);
    run(&host);
    assert_eq!(files(&host, &only_case(&host)), ["a.pdf"]);
}

#[test]
fn a_reference_is_a_link_and_no_file() {
    let host = host();
    let mut message = mail(1);
    message.attachments.push(Attachment {
        kind: AttachmentKind::Reference,
        url: Some("https://cloud.example/x".into()),
        ..file("a", "shared.docx", "", 0)
    });
    host.add_mail("TheHive", message);
    run(&host);
    assert!(texts(&host, &only_case(&host)).contains(&("url".into(), "https://cloud.example/x".into())));
    assert_eq!(host.count("ews/messages.get-attachment"), 0);
}

/// CMS `SignedData` around a content, as an opaque-signed mail has it.
fn signed(content: &[u8]) -> Vec<u8> {
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        [&[tag, 0x82, (len >> 8) as u8, len as u8], content].concat()
    }
    let oid = |last: u8| der(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, last]);
    let inner = der(0x30, &[oid(1), der(0xa0, &der(0x04, content))].concat());
    let body = der(0x30, &[der(0x02, &[1]), der(0x31, &[]), inner].concat());
    der(0x30, &[oid(2), der(0xa0, &body)].concat())
}

#[test]
fn d35_a_signed_mail_is_unwrapped_and_the_original_kept() {
    let host = host();
    let mut message = mail(1);
    message.text = None;
    message.summary.item_class = Some("IPM.Note.SMIME".into());
    let content = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe real text\r\n\
                   --b\r\nContent-Type: application/pdf; name=real.pdf\r\n\r\n%PDF\r\n--b--\r\n";
    attach(
        &host,
        &mut message,
        "a",
        "smime.p7m",
        "application/pkcs7-mime",
        &signed(content.as_bytes()),
    );
    host.add_mail("TheHive", message);
    run(&host);
    let case = only_case(&host);
    assert_eq!(
        (case.title.as_str(), files(&host, &case)),
        ("Strange mail 1", vec!["smime.p7m".to_owned(), "real.pdf".to_owned()])
    );
    assert!(
        only_log(&host, &case).contains("```text\nThe real text\n```"),
        "{}",
        only_log(&host, &case)
    );
}

#[test]
fn d35_an_encrypted_mail_is_said_to_be_encrypted_and_not_shown_as_empty() {
    let enveloped = [
        0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03,
    ];
    for (name, media_type, bytes) in [
        ("smime.p7m", "application/pkcs7-mime", &enveloped[..]),
        ("message.rpmsg", "application/x-microsoft-rpmsg-message", &b"vR"[..]),
    ] {
        let host = host();
        let mut message = mail(1);
        message.text = None;
        attach(&host, &mut message, "a", name, media_type, bytes);
        host.add_mail("TheHive", message);
        run(&host);
        let case = only_case(&host);
        let log = only_log(&host, &case);
        assert!(
            log.contains("(encrypted: the body cannot be read here)") && log.contains("encrypted"),
            "{log}"
        );
        assert_eq!(files(&host, &case), [name]);
    }
}

#[test]
fn what_is_taken_from_inner_and_outer_bodies_is_counted_and_capped() {
    let host = configured(host(), json!({ "observables_max": 3 }));
    let mut message = mail(1);
    message.text = Some((0..30).map(|n| format!("https://{n}.example/ ")).collect());
    host.add_mail("TheHive", message);
    run(&host);
    let case = only_case(&host);
    assert_eq!(texts(&host, &case).len(), 3);
    assert!(only_log(&host, &case).contains("3 of 32 text observables were added"));
}
