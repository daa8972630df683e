//! Can the mailbox hold mail as odd as it comes? Every fixture is readable, and its raw form comes back byte by byte.

use crate::support::{Ews, INBOX, find_item, get_item, mailbox};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::path::Path;

/// The fixtures by name.
fn mails() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eml");
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut mails: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|found| found == "eml"))
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    mails.sort();
    assert!(mails.len() >= 20);
    mails
}

#[tokio::test]
async fn every_odd_mail_is_readable_and_keeps_its_bytes() {
    for (name, raw) in mails() {
        let ews = Ews::new(mailbox(&[json!({"eml_base64": STANDARD.encode(&raw)})])).await;
        let id = ews
            .ask(&find_item("", "", INBOX))
            .await
            .attributes("t:ItemId", "Id")
            .remove(0);
        let all = get_item(&[&id], "", &["item:TextBody"]).replace("IdOnly", "AllProperties");
        let answer = ews.ask(&all).await;
        assert_eq!(answer.code(), "NoError", "{name}: {}", answer.text);
        assert!(!answer.text.contains('\u{0}'), "{name}");
        let mime = ews
            .ask(&get_item(
                &[&id],
                "<t:IncludeMimeContent>true</t:IncludeMimeContent>",
                &[],
            ))
            .await;
        let mime = mime.texts("t:MimeContent CharacterSet=\"UTF-8\"").remove(0);
        assert_eq!(STANDARD.decode(mime).unwrap(), raw, "{name}");
    }
}

#[tokio::test]
async fn charsets_are_decoded() {
    for (file, subject) in [
        ("eml_with_special_utf_8_chars.eml", None),
        ("chinese_gb2312_encoding.eml", None),
        ("no_content.eml", Some("")),
    ] {
        let raw = mails().into_iter().find(|(name, _)| name == file).unwrap().1;
        let ews = Ews::new(mailbox(&[json!({"eml_base64": STANDARD.encode(&raw)})])).await;
        let answer = ews.ask(&find_item("", "", INBOX)).await;
        let found = answer.texts("t:Subject").join("");
        assert!(!found.contains('\u{fffd}'), "{file}: {found}");
        if let Some(subject) = subject {
            assert_eq!(found, subject, "{file}");
        }
    }
}

#[tokio::test]
async fn the_dump_shows_the_mailbox_without_secrets() {
    let ews = Ews::new(mailbox(&[crate::support::message("one", 1)])).await;
    let (_, dump) = ews.peer.call("GET", "/_sim/state", Value::Null).await;
    assert_eq!(
        dump["mailboxes"][0]["messages"][0]["internet_message_id"],
        "<one@example.net>"
    );
    assert_eq!(
        dump["mailboxes"][0]["messages"][0]["received_at"],
        "2026-11-02T09:01:00Z"
    );
    assert!(!dump.to_string().contains("secret"));
}
