//! Attachments and MIME texts go to the spool byte by byte, and never further than their limit.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::blobs::Kept;
use crate::ews::{GetAttachment, GetMime};

fn attachment(lab: &Lab) -> GetAttachment {
    GetAttachment {
        message_id: "m".to_owned(),
        attachment_id: "a".to_owned(),
        spool: lab.spool.clone(),
    }
}

fn mime(lab: &Lab) -> GetMime {
    GetMime {
        id: "m".to_owned(),
        spool: lab.spool.clone(),
    }
}

/// Base64 in lines, as servers write it.
fn encoded(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join("\r\n")
}

fn attached(content: &str) -> String {
    let content = format!("<m:Attachments>{content}</m:Attachments>");
    response("GetAttachment", &[fine("GetAttachment", &content)])
}

fn file(name: &str, bytes: &[u8]) -> String {
    attached(&format!(
        r#"<t:FileAttachment><t:AttachmentId Id="a"/>{name}<t:Content>{}</t:Content></t:FileAttachment>"#,
        encoded(bytes)
    ))
}

fn kept(lab: &Lab, kept: &Kept) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::fs::File::open(lab.spool.path(&kept.sha256).unwrap())
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// Nothing but what was kept is left in the spool's folder.
fn files(lab: &Lab) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { count(&path) } else { 1 })
            .sum()
    }
    count(lab.folder.path())
}

#[tokio::test]
async fn a_file_arrives_byte_for_byte_with_the_senders_name() {
    for size in [0, 1, 2, 3, 4096, 3 << 20] {
        let bytes: Vec<u8> = (0..size)
            .map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let name = "<t:Name>../x.exe</t:Name><t:ContentType>application/x-msdownload</t:ContentType>";
        let answer = file(name, &bytes);
        let lab = Lab::start(move |_, _| answer.clone().into()).await;
        let found = lab.read(&attachment(&lab)).await.unwrap();
        assert_eq!((found.name.as_str(), found.size), ("../x.exe", u64::from(size)));
        assert_eq!(found.media_type, "application/x-msdownload");
        assert_eq!(kept(&lab, &found), bytes);
        assert_eq!(
            lab.operations(),
            ["GetAttachment"],
            "without a scope nothing else is asked"
        );
    }
}

#[tokio::test]
async fn what_has_no_name_or_type_gets_that_of_its_kind() {
    let plain = file("", b"x");
    let item = attached(&format!(
        r#"<t:ItemAttachment><t:AttachmentId Id="a"/><t:Message><t:MimeContent CharacterSet="UTF-8">{}</t:MimeContent></t:Message></t:ItemAttachment>"#,
        encoded(b"Subject: inner\r\n\r\n")
    ));
    for (answer, name, media_type) in [
        (plain, "attachment.bin", "application/octet-stream"),
        (item, "message.eml", "message/rfc822"),
    ] {
        let lab = Lab::start(move |_, _| answer.clone().into()).await;
        let found = lab.read(&attachment(&lab)).await.unwrap();
        assert_eq!((found.name.as_str(), found.media_type.as_str()), (name, media_type));
    }
}

#[tokio::test]
async fn a_mail_arrives_as_its_mime_text() {
    let text = b"Subject: x\r\n\r\nline\r\n";
    let content = format!(
        r#"<t:MimeContent CharacterSet="UTF-8">{}</t:MimeContent>"#,
        encoded(text)
    );
    let lab = Lab::start(move |asked, _| each(asked, |id| got(id, &content))).await;
    let found = lab.read(&mime(&lab)).await.unwrap();
    assert_eq!(
        (found.media_type.as_str(), kept(&lab, &found).as_slice()),
        ("message/rfc822", &text[..])
    );
}

#[tokio::test]
async fn more_than_the_limit_is_too_large_whatever_the_server_claimed_and_leaves_nothing() {
    let options = Options {
        max_attachment_bytes: 1_000,
        max_mime_bytes: 1_000,
        ..options()
    };
    // Just above it, and far above what an answer may have around it.
    for size in [1_001, 4 << 20] {
        let answer = file("<t:Size>1</t:Size>", &vec![7; size]);
        let lab = Lab::with(options.clone(), move |_, _| answer.clone().into()).await;
        assert_eq!(lab.read(&attachment(&lab)).await, Err(Error::TooLarge(1_000)), "{size}");
        assert_eq!(files(&lab), 0);
    }
}

#[tokio::test]
async fn a_reference_has_no_bytes_and_a_broken_mail_is_unreadable() {
    let link =
        attached(r#"<t:ReferenceAttachment><t:AttachmentId Id="a"/><t:Name>cloud</t:Name></t:ReferenceAttachment>"#);
    let lab = Lab::start(move |_, _| link.clone().into()).await;
    assert!(
        matches!(lab.read(&attachment(&lab)).await, Err(Error::Invalid(argument)) if argument.field == "attachment-id")
    );
    let lab =
        Lab::start(|_, _| response("GetItem", &[refused("GetItem", "ErrorMimeContentConversionFailed")]).into()).await;
    assert!(matches!(lab.read(&mime(&lab)).await, Err(Error::Unreadable(_))));
    let lab =
        Lab::start(|_, _| response("GetAttachment", &[refused("GetAttachment", "ErrorInvalidAttachmentId")]).into())
            .await;
    assert_eq!(lab.read(&attachment(&lab)).await, Err(Error::NotFound));
    assert_eq!(files(&lab), 0);
}

#[tokio::test]
async fn a_cut_answer_keeps_nothing() {
    let whole = file("", &vec![1; 300_000]);
    let cut = whole[..whole.len() / 2].to_owned();
    let lab = Lab::start(move |_, _| cut.clone().into()).await;
    assert!(lab.read(&attachment(&lab)).await.is_err());
    assert_eq!(files(&lab), 0);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_a_fault_under_500_is_understood() {
    let good = file("", b"x");
    let lab = Lab::start(move |_, before| match before {
        0 => response("GetAttachment", &[busy("GetAttachment", 10)]).into(),
        1 => fault("ErrorServerBusy"),
        _ => good.clone().into(),
    })
    .await;
    assert_eq!(lab.read(&attachment(&lab)).await.unwrap().size, 1);
    assert_eq!(lab.operations().len(), 3);
}
