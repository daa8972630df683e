//! What does GetItem tell about a message? Contract section 2.

use crate::support::{As, Ews, OWNER, get_item, mailbox, message, message_with};
use serde_json::json;

const PHISH: &str = "Received: from evil (192.0.2.1)\r\n\tby mx; Mon, 2 Nov 2026 09:00:00 +0000\r\n\
    From: \"Evil, Corp\" <evil@example.net>\r\nTo: SOC <soc@example.org>, alice@example.org\r\nCc: Bob <bob@example.net>\r\n\
    Reply-To: reply@example.net\r\nSubject: =?utf-8?B?UGhpc2gg4pig?=\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n\
    Message-ID: <phish@example.net>\r\nIn-Reply-To: <first@example.org>\r\nReferences: <zero@example.org>\r\n\t<first@example.org>\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Click &amp; <b>lose</b></p></body></html>\r\n";

async fn phish() -> (Ews, String) {
    let ews = Ews::new(mailbox(&[json!({"eml": PHISH, "categories": ["A & B", "C"]})])).await;
    let (id, _) = ews.inbox("Phish \u{2620}").await;
    (ews, id)
}

#[tokio::test]
async fn fields_come_in_the_schemas_order_with_their_values() {
    let (ews, id) = phish().await;
    let fields = [
        "message:References",
        "message:InternetMessageId",
        "message:From",
        "message:CcRecipients",
        "message:ToRecipients",
        "item:HasAttachments",
        "item:DateTimeSent",
        "item:InReplyTo",
        "item:Categories",
        "item:DateTimeReceived",
        "item:Subject",
    ];
    let answer = ews.get(&id, &fields).await;
    assert_eq!(answer.texts("t:String"), ["A &amp; B", "C"]);
    assert_eq!(answer.texts("t:DateTimeReceived"), ["2026-11-02T09:00:00Z"]);
    assert_eq!(answer.texts("t:InternetMessageId"), ["&lt;phish@example.net&gt;"]);
    assert_eq!(
        answer.texts("t:References"),
        ["&lt;zero@example.org&gt; &lt;first@example.org&gt;"]
    );
    assert_eq!(
        answer.texts("t:Name"),
        ["SOC", "alice@example.org", "Bob", "Evil, Corp"]
    );
    let places: Vec<usize> = [
        "<t:ItemId",
        "<t:Subject",
        "<t:DateTimeReceived",
        "<t:Categories",
        "<t:InReplyTo",
        "<t:DateTimeSent",
        "<t:HasAttachments",
        "<t:ToRecipients",
        "<t:CcRecipients",
        "<t:From",
        "<t:InternetMessageId",
        "<t:References",
    ]
    .iter()
    .map(|open| answer.text.find(open).unwrap())
    .collect();
    assert!(places.is_sorted(), "{}", answer.text);
}

#[tokio::test]
async fn a_body_is_given_as_asked_and_cut_when_it_is_too_long() {
    let (ews, id) = phish().await;
    let ask = async |shape: &str| ews.ask(&get_item(&[&id], shape, &["item:Body"])).await;
    let html = ask("<t:BodyType>HTML</t:BodyType>").await;
    assert_eq!(html.attributes("t:Body", "BodyType"), ["HTML"]);
    assert!(html.text.contains("&lt;b&gt;lose&lt;/b&gt;"));
    let text = ask("<t:BodyType>Text</t:BodyType>").await;
    assert_eq!(text.attributes("t:Body", "BodyType"), ["Text"]);
    assert!(text.text.contains("Click &amp; lose"), "{}", text.text);
    let cut = ask("<t:BodyType>HTML</t:BodyType><t:MaximumBodySize>6</t:MaximumBodySize>").await;
    assert_eq!(cut.attributes("t:Body", "IsTruncated"), ["true"]);
    assert!(cut.text.contains("&lt;html&gt;</t:Body>"));
    assert!(
        ews.get(&id, &["item:TextBody"])
            .await
            .text
            .contains("<t:TextBody BodyType=\"Text\"")
    );
}

#[tokio::test]
async fn plain_text_is_converted_when_html_is_asked_for() {
    let ews = Ews::new(mailbox(&[message("plain", 1)])).await;
    let (id, _) = ews.inbox("plain").await;
    let best = ews
        .ask(&get_item(&[&id], "<t:BodyType>Best</t:BodyType>", &["item:Body"]))
        .await;
    assert_eq!(best.attributes("t:Body", "BodyType"), ["Text"]);
    let html = ews
        .ask(&get_item(&[&id], "<t:BodyType>HTML</t:BodyType>", &["item:Body"]))
        .await;
    assert!(html.text.contains("converted from text") && html.text.contains("Text of plain."));
}

#[tokio::test]
async fn an_older_server_does_not_know_the_text_body() {
    let ews = Ews::new(mailbox(&[message("plain", 1)])).await;
    let (id, _) = ews.inbox("plain").await;
    let old = As {
        version: "Exchange2010_SP2",
        ..OWNER
    };
    let answer = ews.ask_as(&old, &get_item(&[&id], "", &["item:TextBody"])).await;
    assert_eq!(answer.code(), "ErrorSchemaValidation");
}

#[tokio::test]
async fn headers_are_listed_in_order_and_the_transport_headers_come_as_they_were() {
    let (ews, id) = phish().await;
    let answer = ews.get(&id, &["item:InternetMessageHeaders"]).await;
    let names = answer.attributes("t:InternetMessageHeader", "HeaderName");
    assert_eq!(names[..3], ["Received", "From", "To"]);
    assert!(
        answer
            .text
            .contains(">from evil (192.0.2.1) by mx; Mon, 2 Nov 2026 09:00:00 +0000<")
    );
    let tag = "<t:AdditionalProperties><t:ExtendedFieldURI PropertyTag=\"0x007D\" PropertyType=\"String\"/></t:AdditionalProperties>";
    let raw = ews.ask(&get_item(&[&id], tag, &[])).await;
    assert!(
        raw.text
            .contains("<t:Value>Received: from evil (192.0.2.1)&#xD;\n\tby mx"),
        "{}",
        raw.text
    );
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_ids_and_one_bad_id_fails_alone() {
    let ews = Ews::new(mailbox(&[message("one", 1), message("two", 2)])).await;
    let (one, two) = (ews.inbox("one").await.0, ews.inbox("two").await.0);
    let lower = one.to_ascii_lowercase();
    let answer = ews
        .ask(&get_item(&[&two, "AAAA", &lower, &one], "", &["item:Subject"]))
        .await;
    let codes = [
        "NoError",
        "ErrorInvalidIdMalformed",
        "ErrorInvalidIdMalformed",
        "NoError",
    ];
    assert_eq!(answer.codes(), codes);
    assert_eq!(answer.texts("t:Subject"), ["two", "one"]);
}

#[tokio::test]
async fn a_corrupt_item_and_one_without_mime_fail_alone() {
    let ews = Ews::new(mailbox(&[
        message_with("corrupt", 1, json!({"corrupt": "ErrorItemCorrupt"})),
        message_with("no mime", 2, json!({"mime_fails": true})),
        message("fine", 3),
    ]))
    .await;
    let ids = [
        ews.inbox("corrupt").await.0,
        ews.inbox("no mime").await.0,
        ews.inbox("fine").await.0,
    ];
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mime = "<t:IncludeMimeContent>true</t:IncludeMimeContent>";
    let codes = ["ErrorItemCorrupt", "ErrorMimeContentConversionFailed", "NoError"];
    assert_eq!(ews.ask(&get_item(&ids, mime, &[])).await.codes(), codes);
    let codes = ["ErrorItemCorrupt", "NoError", "NoError"];
    assert_eq!(ews.ask(&get_item(&ids, "", &["item:Subject"])).await.codes(), codes);
}

#[tokio::test]
async fn forbidden_characters_in_subjects_and_bodies_come_as_forbidden_references() {
    let ews = Ews::new(mailbox(&[
        message_with("broken", 1, json!({"subject_xml": "a &#x0; b &#xD800; c"})),
        json!({"eml": "Subject: body\r\nContent-Type: text/plain\r\n\r\nbell \u{7} here"}),
    ]))
    .await;
    let (id, _) = ews.inbox("broken").await;
    assert!(
        ews.get(&id, &["item:Subject"])
            .await
            .text
            .contains("<t:Subject>a &#x0; b &#xD800; c</t:Subject>")
    );
    let (id, _) = ews.inbox("body").await;
    assert!(ews.get(&id, &["item:Body"]).await.text.contains("bell &#x7; here"));
}
