//! How do attachments come? Metadata with the message, content one by one. Contract section 2.

use crate::support::{Ews, get_attachment, mailbox, message_with};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

const NESTED: &str = "Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
    Content-Type: text/plain\r\n\r\nouter text\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n\
    Subject: inner\r\nMessage-ID: <inner@example.net>\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\n\
    inner text\r\n--i\r\nContent-Type: application/octet-stream; name=x.bin\r\nContent-Transfer-Encoding: base64\r\n\
    Content-Disposition: attachment; filename=x.bin\r\n\r\nAAECAw==\r\n--i\r\nContent-Type: message/rfc822\r\n\r\n\
    Subject: innermost\r\n\r\ndeep\r\n--i--\r\n--o--\r\n";

const MIME: &str = "<m:AttachmentShape><t:IncludeMimeContent>true</t:IncludeMimeContent></m:AttachmentShape>";

async fn attachments(state: serde_json::Value, subject: &str) -> (Ews, crate::support::Answer) {
    let ews = Ews::new(state).await;
    let (id, _) = ews.inbox(subject).await;
    let answer = ews.get(&id, &["item:Attachments", "item:HasAttachments"]).await;
    (ews, answer)
}

#[tokio::test]
async fn a_message_lists_what_is_attached_and_not_its_content() {
    let attached = json!([
        {"name": "logo.png", "content": "x", "content_type": "image/png", "content_id": "logo", "inline": true},
        {"name": "no type", "content": "y"},
        {"name": "cloud", "url": "https://cloud.example.org/x"},
    ]);
    let (_, answer) = attachments(
        mailbox(&[message_with("three", 1, json!({"attachments": attached}))]),
        "three",
    )
    .await;
    assert_eq!(answer.texts("t:Name"), ["logo.png", "no type", "cloud"]);
    assert_eq!(answer.texts("t:IsInline"), ["true", "false", "false"]);
    assert_eq!(answer.texts("t:ContentId"), ["logo"]);
    assert_eq!(answer.texts("t:ContentType"), ["image/png"]);
    assert_eq!(answer.texts("t:AttachLongPathName"), ["https://cloud.example.org/x"]);
    assert!(!answer.text.contains("<t:Content>"));
}

#[tokio::test]
async fn a_message_with_inline_attachments_alone_says_it_has_none() {
    let logo = json!([{"name": "logo.png", "content": "x", "content_id": "logo", "inline": true}]);
    let (_, answer) = attachments(
        mailbox(&[message_with("inline", 1, json!({"attachments": logo}))]),
        "inline",
    )
    .await;
    assert_eq!(answer.texts("t:HasAttachments"), ["false"]);
    assert_eq!(answer.texts("t:Name"), ["logo.png"]);
}

#[tokio::test]
async fn an_attached_message_has_its_mime_and_lists_what_is_attached_to_it() {
    let (ews, answer) = attachments(mailbox(&[json!({"eml": NESTED})]), "outer").await;
    assert_eq!(answer.texts("t:Name"), ["inner"]);
    let id = &answer.attributes("t:AttachmentId", "Id")[0];
    let inner = ews.ask(&get_attachment(id, MIME)).await;
    let mime = inner
        .text
        .split_once("<t:MimeContent CharacterSet=\"UTF-8\">")
        .unwrap()
        .1
        .split_once('<')
        .unwrap()
        .0;
    let mime = String::from_utf8(STANDARD.decode(mime).unwrap()).unwrap();
    assert!(
        mime.starts_with("Subject: inner\r\n") && mime.trim_end().ends_with("--i--"),
        "{mime}"
    );
    assert_eq!(inner.texts("t:InternetMessageId"), ["&lt;inner@example.net&gt;"]);
    assert_eq!(inner.texts("t:Name"), ["inner", "x.bin", "innermost"]);
    let nested = inner.attributes("t:AttachmentId", "Id");
    let file = ews.ask(&get_attachment(&nested[1], "")).await;
    assert_eq!(file.texts("t:Content"), ["AAECAw=="]);
    let innermost = ews.ask(&get_attachment(&nested[2], MIME)).await;
    assert!(
        innermost.texts("t:Subject").contains(&"innermost".to_owned()),
        "{}",
        innermost.text
    );
}

#[tokio::test]
async fn a_large_attachment_is_made_while_it_is_sent() {
    const BYTES: u64 = 20_000_003;
    let big = json!([{"name": "big.bin", "generate": {"bytes": BYTES, "seed": 11}}]);
    let (ews, answer) = attachments(mailbox(&[message_with("big", 1, json!({"attachments": big}))]), "big").await;
    assert_eq!(answer.texts("t:Size"), [BYTES.to_string()]);
    let id = &answer.attributes("t:AttachmentId", "Id")[0];
    let content = ews.ask(&get_attachment(id, "")).await.texts("t:Content").remove(0);
    let mut expected = Sha256::new();
    synapse_sim::ews::generated(BYTES, 11).for_each(|step| expected.update(step));
    assert_eq!(Sha256::digest(STANDARD.decode(content).unwrap()), expected.finalize());
}

#[tokio::test]
async fn bad_ids_and_refused_attachments_are_errors_of_their_own() {
    let locked = json!([{"name": "x", "content": "x", "refused": "ErrorCannotOpenFileAttachment"}]);
    let (ews, answer) = attachments(
        mailbox(&[message_with("locked", 1, json!({"attachments": locked}))]),
        "locked",
    )
    .await;
    let id = &answer.attributes("t:AttachmentId", "Id")[0];
    assert_eq!(
        ews.ask(&get_attachment(id, "")).await.code(),
        "ErrorCannotOpenFileAttachment"
    );
    assert_eq!(
        ews.ask(&get_attachment("AAAA", "")).await.code(),
        "ErrorInvalidAttachmentId"
    );
    let (item, _) = ews.inbox("locked").await;
    assert_eq!(
        ews.ask(&get_attachment(&item, "")).await.code(),
        "ErrorInvalidAttachmentId"
    );
}
