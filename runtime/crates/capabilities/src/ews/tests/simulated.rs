//! Does all of it hold together at a mailbox? One walk of Ews2Case against the Exchange simulator.

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use serde_json::json;
use synapse_sim::start;

use super::*;
use crate::bindings::synapse::ews::messages::{AttachmentKind, Filter};
use crate::ews::{
    Conversation, FindFolder, GetAttachment, GetMessages, GetMime, ListMessages, MoveMessage, SetCategories, SetRead,
    SyncFolder,
};

const MAIL: &str = "From: Eve <eve@example.net>\r\nTo: soc@example.org\r\nSubject: Invoice\r\nMessage-ID: <one@example.net>\r\n\
    Date: Mon, 2 Nov 2026 09:00:00 +0000\r\nContent-Type: text/plain\r\n\r\nplease pay\r\n";

fn client(url: &str, impersonate: bool) -> Client {
    let options = Options {
        impersonate,
        max_attachment_bytes: 64 << 20,
        ..options()
    };
    Client::new(egress(&format!("{url}/EWS/Exchange.asmx")), options)
}

#[tokio::test]
async fn a_reported_mail_is_found_read_fetched_marked_and_moved() {
    const BYTES: u64 = 9_000_001;
    let attachments = json!([
        {"name": "../a.pdf", "content": "pdf", "content_type": "application/pdf"},
        {"name": "big.bin", "generate": {"bytes": BYTES, "seed": 3}},
        {"name": "inner", "eml": "Subject: inner\r\n\r\nx\r\n"},
        {"name": "cloud", "url": "https://cloud.example.org/x"},
    ]);
    let state = json!({
        "accounts": [{"user": "soc", "password": PASSWORD, "impersonates": ["*"]}],
        "mailboxes": [{
            "address": "soc@example.org", "name": "SOC", "delegates": ["soc"], "folders": ["Inbox/TheHive", "Inbox/Done"],
            "messages": [
                {"folder": "Inbox/TheHive", "eml": MAIL, "categories": ["Red"], "attachments": attachments},
                {"folder": "Inbox/TheHive", "eml": "Subject: broken\r\n\r\nx", "corrupt": "ErrorItemCorrupt"},
                {"folder": "Inbox", "eml": "Subject: elsewhere\r\n\r\nx"},
            ],
        }],
    });
    for impersonate in [false, true] {
        let sim = start::ews(SocketAddr::from(([127, 0, 0, 1], 0)), None, Some(state.clone()))
            .await
            .unwrap();
        let client = client(&sim.url(), impersonate);
        let (folder, scopes) = (tempfile::tempdir().unwrap(), scope(&["inbox/TheHive", "inbox/Done"]));
        let spool = crate::blobs::Spool::for_test(folder.path());
        let effect = effect(false);

        let find = |name: &str| FindFolder { name: name.to_owned() };
        let hive = find("inbox/TheHive").carry_out(&client, &scopes).await.unwrap();
        assert_eq!((hive.display_name.as_str(), hive.total, hive.unread), ("TheHive", 2, 2));
        let done = find("Done").carry_out(&client, &scopes).await.unwrap();
        assert_eq!(find("inbox").carry_out(&client, &scopes).await, Err(Error::NotFound));

        let list = |folder: &str, id: Option<&str>| ListMessages {
            folder_id: folder.to_owned(),
            filter: Filter {
                is_read: Some(false),
                received_since: None,
                internet_message_id: id.map(str::to_owned),
                subject_contains: None,
            },
            cursor: None,
        };
        let page = list(&hive.id, None).carry_out(&client, &scopes).await.unwrap();
        assert_eq!((page.messages.len(), page.cursor), (2, None));
        let page = list(&hive.id, Some("<one@example.net>"))
            .carry_out(&client, &scopes)
            .await
            .unwrap();
        let summary = page.messages[0].clone();
        assert_eq!((page.messages.len(), summary.categories), (1, ids(&["Red"])));

        let get = GetMessages {
            ids: vec![summary.id.clone()],
            html: true,
        };
        let message = get.carry_out(&client, &scopes).await.unwrap().remove(0).unwrap();
        assert_eq!(message.from.unwrap().email.as_deref(), Some("eve@example.net"));
        assert!(message.text.unwrap().contains("please pay"));
        let kinds: Vec<_> = message.attachments.iter().map(|one| one.kind).collect();
        let file = AttachmentKind::File;
        assert_eq!(kinds, [file, file, AttachmentKind::Item, AttachmentKind::Reference]);
        let fetch = |n: usize| GetAttachment {
            message_id: summary.id.clone(),
            attachment_id: message.attachments[n].id.clone(),
            spool: spool.clone(),
        };
        let pdf = fetch(0).carry_out(&client, &scopes).await.unwrap();
        assert_eq!(
            (pdf.name.as_str(), pdf.media_type.as_str(), pdf.size),
            ("../a.pdf", "application/pdf", 3)
        );
        assert_eq!(fetch(1).carry_out(&client, &scopes).await.unwrap().size, BYTES);
        assert_eq!(
            fetch(2).carry_out(&client, &scopes).await.unwrap().media_type,
            "message/rfc822"
        );
        assert!(matches!(
            fetch(3).carry_out(&client, &scopes).await,
            Err(Error::Invalid(_))
        ));
        let mime = GetMime {
            id: summary.id.clone(),
            spool: spool.clone(),
        };
        assert!(mime.carry_out(&client, &scopes).await.unwrap().size > 0);
        let conversation = Conversation {
            conversation_id: summary.conversation_id.clone().unwrap(),
        };
        match conversation.carry_out(&client, &scopes).await {
            Ok(messages) => assert_eq!((messages.len(), impersonate), (1, true)),
            Err(error) => assert!(matches!(error, Error::Unsupported(_)) && !impersonate, "{error:?}"),
        }
        let sync = SyncFolder {
            folder_id: hive.id.clone(),
            state: None,
        };
        assert_eq!(sync.carry_out(&client, &scopes).await.unwrap().changes.len(), 2);

        let label = SetCategories {
            id: summary.id.clone(),
            add: ids(&["Case-1"]),
            remove: Vec::new(),
        };
        let labelled = label.carry_out(&client, &scopes, &effect).await.unwrap();
        assert_eq!(labelled.answer, ids(&["Red", "Case-1"]));
        let read = SetRead {
            id: summary.id.clone(),
            is_read: true,
        };
        assert!(read.carry_out(&client, &scopes, &effect).await.unwrap().answer);
        let moving = MoveMessage {
            id: summary.id.clone(),
            folder_id: done.id.clone(),
            internet_message_id: summary.internet_message_id.clone(),
        };
        assert_eq!(moving.probe(&client, &effect).await, Ok(None));
        let moved = moving.carry_out(&client, &scopes, &effect).await.unwrap().answer;
        assert!(moved.is_some() && moved.as_deref() != Some(&summary.id));
        // Found again as if the answer had been lost.
        assert_eq!(moving.probe(&client, &effect).await, Ok(Some(moved)));
        let again = moving.carry_out(&client, &scopes, &effect).await.unwrap_err();
        assert_eq!(again.error, Error::NotFound);
    }
}
