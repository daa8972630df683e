//! Which messages belong together? Contract sections 2 and 3.

use crate::support::{As, Ews, OWNER, mailbox};
use serde_json::{Value, json};

fn mail(name: &str, headers: &str) -> Value {
    json!({"eml": format!("Subject: {name}\r\nMessage-ID: <{name}@x>\r\n{headers}\r\nx")})
}

fn items(id: &str) -> String {
    format!(
        "<m:GetConversationItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"item:Subject\"/></t:AdditionalProperties></m:ItemShape><m:Conversations><t:Conversation>\
         <t:ConversationId Id=\"{id}\"/></t:Conversation></m:Conversations></m:GetConversationItems>"
    )
}

async fn conversation(ews: &Ews, subject: &str) -> String {
    let (id, _) = ews.inbox(subject).await;
    let answer = ews.get(&id, &["item:ConversationId"]).await;
    answer.attributes("t:ConversationId", "Id").remove(0)
}

#[tokio::test]
async fn replies_and_messages_of_the_same_topic_belong_to_the_conversation() {
    let ews = Ews::new(mailbox(&[
        mail("locked", "Date: Mon, 2 Nov 2026 09:00:00 +0000\r\n"),
        mail(
            "renamed",
            "In-Reply-To: <locked@x>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n",
        ),
        mail(
            "far",
            "References: <other@x> <renamed@x>\r\nDate: Mon, 2 Nov 2026 11:00:00 +0000\r\n",
        ),
        json!({"eml": "Subject: RE: Fwd: locked\r\nDate: Mon, 2 Nov 2026 12:00:00 +0000\r\n\r\nx"}),
        json!({"eml": "Subject: by topic\r\nThread-Topic: locked\r\nDate: Mon, 2 Nov 2026 13:00:00 +0000\r\n\r\nx"}),
        mail("unrelated", ""),
    ]))
    .await;
    let first = conversation(&ews, "locked").await;
    for subject in ["renamed", "far", "RE: Fwd: locked", "by topic"] {
        assert_eq!(conversation(&ews, subject).await, first, "{subject}");
    }
    assert_ne!(conversation(&ews, "unrelated").await, first);
    let answer = ews.ask(&items(&first)).await;
    assert_eq!(
        answer.subjects(),
        ["locked", "renamed", "far", "RE: Fwd: locked", "by topic"]
    );
    assert_eq!(answer.texts("t:ParentInternetMessageId"), ["&lt;locked@x&gt;"]);
}

#[tokio::test]
async fn a_conversation_is_of_one_mailbox_and_an_unknown_one_is_not_found() {
    let same = [mail("same", "")];
    let ews = Ews::new(json!({"mailboxes": [
        {"address": "soc@example.org", "password": "secret", "messages": same},
        {"address": "alice@example.org", "password": "wonderland", "messages": same},
    ]}))
    .await;
    let id = conversation(&ews, "same").await;
    let alice = As {
        user: "alice@example.org",
        password: "wonderland",
        ..OWNER
    };
    assert_eq!(ews.ask_as(&alice, &items(&id)).await.code(), "ErrorItemNotFound");
    let old = As {
        version: "Exchange2010_SP2",
        ..OWNER
    };
    assert_eq!(ews.ask_as(&old, &items(&id)).await.code(), "ErrorSchemaValidation");
}
