//! D01, D02, D32: messages are read in batches, and what is wrong with one is its own answer.

use super::*;
use crate::bindings::synapse::ews::messages::{AttachmentKind, Message};
use crate::ews::GetMessages;

fn get(list: &[&str], html: bool) -> GetMessages {
    GetMessages { ids: ids(list), html }
}

async fn one(lab: &Lab, id: &str) -> Result<Message, Error> {
    lab.read(&get(&[id], false)).await.unwrap().remove(0)
}

fn is_html(asked: &Asked) -> bool {
    asked.has("<t:BodyType>HTML</t:BodyType>")
}

#[tokio::test]
async fn a_message_comes_with_all_that_the_server_says() {
    let content = r#"<t:ItemClass>IPM.Note</t:ItemClass><t:Subject>Fwd: &#x26; more</t:Subject><t:Body BodyType="Text">Hello</t:Body>
<t:Attachments><t:FileAttachment><t:AttachmentId Id="f"/><t:Name>../../etc/passwd</t:Name><t:Size>12</t:Size><t:IsInline>true</t:IsInline><t:ContentId>c1</t:ContentId></t:FileAttachment>
<t:ItemAttachment><t:AttachmentId Id="i"/><t:Name>inner</t:Name></t:ItemAttachment>
<t:ReferenceAttachment><t:AttachmentId Id="r"/><t:AttachLongPathName>https://cloud.example/x</t:AttachLongPathName></t:ReferenceAttachment></t:Attachments>
<t:DateTimeReceived>2026-11-25T00:00:01Z</t:DateTimeReceived><t:Size>4711</t:Size>
<t:Categories><t:String>TheHive</t:String><t:String>Case-42</t:String></t:Categories>
<t:InternetMessageHeaders><t:InternetMessageHeader HeaderName="Received">a</t:InternetMessageHeader><t:InternetMessageHeader HeaderName="Received">b</t:InternetMessageHeader></t:InternetMessageHeaders>
<t:ConversationId Id="conv"/><t:From><t:Mailbox><t:Name>Eve</t:Name><t:EmailAddress>eve@example.net</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:From>
<t:ToRecipients><t:Mailbox><t:EmailAddress>soc@example.org</t:EmailAddress></t:Mailbox></t:ToRecipients>
<t:InternetMessageId>&lt;1@example.net&gt;</t:InternetMessageId><t:IsRead>true</t:IsRead><t:References>&lt;a@x&gt; &lt;b@x&gt;</t:References>"#;
    let lab = Lab::start(move |asked, _| each(asked, |id| got(id, content))).await;
    let message = one(&lab, "m1").await.unwrap();
    assert_eq!(message.summary.id, "m1");
    assert_eq!(message.summary.change_key.as_deref(), Some("key-m1"));
    assert_eq!(message.summary.subject.as_deref(), Some("Fwd: & more"));
    assert_eq!(message.summary.categories, ["TheHive", "Case-42"]);
    assert_eq!(message.summary.internet_message_id.as_deref(), Some("<1@example.net>"));
    assert_eq!(message.references, ["<a@x>", "<b@x>"]);
    assert_eq!(message.text.as_deref(), Some("Hello"));
    assert_eq!(message.html, None);
    assert_eq!(message.from.unwrap().email.as_deref(), Some("eve@example.net"));
    assert_eq!(message.headers.len(), 2);
    let kinds: Vec<_> = message.attachments.iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        [AttachmentKind::File, AttachmentKind::Item, AttachmentKind::Reference]
    );
    // R7: a name is data.
    assert_eq!(message.attachments[0].name.as_deref(), Some("../../etc/passwd"));
    assert!(message.attachments[0].is_inline && !message.truncated);
}

#[tokio::test]
async fn d01_d02_absent_bodies_and_subjects_are_none_and_fail_nothing() {
    let lab = Lab::start(|asked, _| each(asked, |id| got(id, ""))).await;
    let message = lab.read(&get(&["m1"], true)).await.unwrap().remove(0).unwrap();
    assert_eq!(
        (message.text, message.html, message.summary.subject),
        (None, None, None)
    );
}

#[tokio::test]
async fn html_comes_by_a_second_request_and_its_failure_leaves_the_message() {
    for fails in [false, true] {
        let lab = Lab::start(move |asked, _| match is_html(asked) {
            true if fails => fault("ErrorInvalidRequest"),
            true => each(asked, |id| {
                got(id, r#"<t:Body BodyType="HTML">&lt;b&gt;hi&lt;/b&gt;</t:Body>"#)
            }),
            false => each(asked, |id| got(id, r#"<t:Body BodyType="Text">hi</t:Body>"#)),
        })
        .await;
        let message = lab.read(&get(&["m1"], true)).await.unwrap().remove(0).unwrap();
        assert_eq!(message.text.as_deref(), Some("hi"));
        assert_eq!(message.html.as_deref(), (!fails).then_some("<b>hi</b>"));
        assert_eq!(lab.operations().len(), 2);
    }
}

#[tokio::test]
async fn messages_are_asked_for_in_batches_of_ten_and_answered_in_order() {
    let lab = Lab::start(|asked, _| each(asked, |id| got(id, ""))).await;
    let wanted: Vec<String> = (0..25).map(|n| format!("m{n}")).collect();
    let call = GetMessages {
        ids: wanted.clone(),
        html: false,
    };
    let answers = lab.read(&call).await.unwrap();
    let found: Vec<String> = answers.into_iter().map(|answer| answer.unwrap().summary.id).collect();
    assert_eq!(found, wanted);
    let sizes: Vec<usize> = lab.asked().iter().map(|asked| asked.items().len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 25);
    assert!(sizes.iter().all(|size| *size <= 10));
}

#[tokio::test]
async fn d32_a_bad_id_or_a_corrupt_message_costs_the_others_nothing() {
    let lab = Lab::start(|asked, _| {
        let least = !asked.has("item:Body");
        each(asked, |id| match id {
            "gone" => refused("GetItem", "ErrorItemNotFound"),
            "corrupt" if least => got(id, "<t:IsRead>true</t:IsRead>"),
            "corrupt" | "lost" => refused("GetItem", "ErrorItemCorrupt"),
            _ => got(id, "<t:Subject>fine</t:Subject>"),
        })
    })
    .await;
    let answers = lab
        .read(&get(&["a", "gone", "corrupt", "lost", "not an id", "b"], false))
        .await
        .unwrap();
    assert_eq!(answers[0].as_ref().unwrap().summary.subject.as_deref(), Some("fine"));
    assert_eq!(answers[1], Err(Error::NotFound));
    // What can be read of it is delivered.
    let rest = answers[2].as_ref().unwrap();
    assert_eq!(
        (rest.summary.id.as_str(), rest.summary.is_read, &rest.text),
        ("corrupt", true, &None)
    );
    assert!(matches!(&answers[3], Err(Error::Unreadable(why)) if why.contains("ErrorItemCorrupt")));
    assert!(matches!(&answers[4], Err(Error::Invalid(argument)) if argument.field == "ids[4]"));
    assert!(answers[5].is_ok());
}

#[tokio::test]
async fn d32_a_message_that_spoils_the_whole_answer_is_found_out_by_asking_one_by_one() {
    let lab = Lab::start(
        |asked, _| match asked.items().contains(&"bomb".to_owned()) && asked.has("item:Body") {
            true => String::from("<not-soap/>").into(),
            false => each(asked, |id| got(id, "")),
        },
    )
    .await;
    let answers = lab.read(&get(&["a", "bomb", "b"], false)).await.unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    // Whole, three alone, and the least part of one.
    assert_eq!(lab.operations().len(), 5);
}

#[tokio::test]
async fn bodies_headers_and_lists_are_cut_to_their_limits_and_the_message_says_so() {
    let long = "ü".repeat(400 << 10);
    let header = r#"<t:InternetMessageHeader HeaderName="X">v</t:InternetMessageHeader>"#;
    let contents = [
        (format!(r#"<t:Body BodyType="Text">{long}</t:Body>"#), true),
        (
            format!(
                "<t:InternetMessageHeaders>{}</t:InternetMessageHeaders>",
                header.repeat(600)
            ),
            true,
        ),
        (
            r#"<t:Body BodyType="Text" IsTruncated="true">short</t:Body>"#.to_owned(),
            true,
        ),
        (r#"<t:Body BodyType="Text">short</t:Body>"#.to_owned(), false),
    ];
    for (content, cut) in contents {
        let lab = Lab::start(move |asked, _| each(asked, |id| got(id, &content))).await;
        let message = one(&lab, "m").await.unwrap();
        assert_eq!(message.truncated, cut);
        assert!(message.text.unwrap_or_default().len() <= 512 << 10);
        assert!(message.headers.len() <= 512);
    }
}

#[tokio::test]
async fn messages_that_do_not_fit_one_answer_say_so_and_fit_when_asked_for_alone() {
    let body = format!(r#"<t:Body BodyType="Text">{}</t:Body>"#, "x".repeat(500 << 10));
    let lab = Lab::start(move |asked, _| each(asked, |id| got(id, &body))).await;
    let wanted: Vec<String> = (0..10).map(|n| format!("m{n}")).collect();
    let call = GetMessages {
        ids: wanted,
        html: false,
    };
    let answers = lab.read(&call).await.unwrap();
    assert!(answers[0].is_ok());
    assert!(matches!(answers[9], Err(Error::TooLarge(_))));
    assert!(one(&lab, "m9").await.is_ok());
}

#[tokio::test]
async fn an_answer_about_another_message_is_refused_and_so_is_one_too_few() {
    let other = Lab::start(|_, _| response("GetItem", &[got("stranger", "")]).into()).await;
    let refused = other.read(&get(&["m1"], false)).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Other(why) if why.code == "upstream-inconsistent"),
        "{refused:?}"
    );
    let few = Lab::start(|_, _| response("GetItem", &[got("a", "")]).into()).await;
    assert!(few.read(&get(&["a", "b"], false)).await.is_err());
}

#[tokio::test]
async fn more_than_a_hundred_ids_are_refused_before_anything_is_asked() {
    let lab = Lab::start(|asked, _| each(asked, |id| got(id, ""))).await;
    let call = GetMessages {
        ids: (0..101).map(|n| format!("m{n}")).collect(),
        html: false,
    };
    assert!(matches!(lab.read(&call).await, Err(Error::Invalid(argument)) if argument.field == "ids"));
    assert!(lab.asked().is_empty());
}
