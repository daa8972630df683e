//! Are recorded answers of a server that nobody here wrote read as people would read them? (fixtures/ORIGIN.md)

use super::super::*;

/// The answer of a recorded pair.
macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name, ".response.xml")).as_slice()
    };
}
pub(super) use recorded;

/// Operation, answer, and what became of each input, as [`summary`] says it.
pub(super) const RECORDED: &[(&str, &[u8], &str)] = &[
    ("GetFolder", recorded!("001-GetFolder-inbox"), "Root Container"),
    ("FindFolder", recorded!("006-FindFolder-tree"), "28 of Some(28)"),
    ("FindItem", recorded!("009-FindItem-unread-all"), "5 of Some(5)"),
    (
        "GetItem",
        recorded!("012-GetItem-unread-only-ids"),
        "Suspicious invoice 0, FW: Your account is locked 0, [IDS] alert 4711 0, Phish with picture ☠ 🎣 0, Big one 0",
    ),
    ("GetItem", recorded!("013-GetItem-getitem-full"), "Suspicious invoice 2"),
    (
        "GetItem",
        recorded!("014-GetItem-getitem-with-item-attachment"),
        "FW: Your account is locked 1",
    ),
    ("MoveItem", recorded!("017-MoveItem-move-to-TheHive"), "item true"),
    (
        "SyncFolderItems",
        recorded!("023-SyncFolderItems-sync-initial"),
        "4 more false",
    ),
    (
        "SyncFolderItems",
        recorded!("025-SyncFolderItems-sync-incremental"),
        "1 more false",
    ),
    ("GetItem", recorded!("029-GetItem-export-mime"), " 0"),
    ("FindItem", recorded!("030-FindItem-raw-unread-page1"), "2 of Some(2)"),
    ("FindItem", recorded!("031-FindItem-raw-unread-page2"), "0 of Some(2)"),
    ("FindItem", recorded!("032-FindItem-raw-all"), "3 of Some(3)"),
    (
        "FindItem",
        recorded!("033-FindItem-raw-by-conversation"),
        "fault ErrorInvalidRestriction",
    ),
    (
        "GetConversationItems",
        recorded!("034-GetConversationItems-raw-conversation-items"),
        "fault Server",
    ),
    (
        "FindItem",
        recorded!("036-FindItem-raw-subject-contains"),
        "1 of Some(1)",
    ),
    (
        "FindFolder",
        recorded!("038-FindFolder-raw-find-TheHive"),
        "1 of Some(1)",
    ),
    (
        "GetItem",
        recorded!("039-GetItem-raw-bodytype-text"),
        "[IDS] alert 4711 0",
    ),
    ("GetItem", recorded!("041-GetItem-raw-attachments-only-big"), " 1"),
    (
        "GetItem",
        recorded!("043-GetItem-raw-allprops"),
        "FW: Your account is locked 0",
    ),
    ("GetItem", recorded!("044-GetItem-raw-attachments-itematt"), " 1"),
    (
        "GetAttachment",
        recorded!("045-GetAttachment-raw-itematt-mime"),
        "Some(2880)",
    ),
    (
        "GetItem",
        recorded!("046-GetItem-raw-getitem-batch"),
        " 0, ErrorInvalidId,  0",
    ),
    (
        "GetAttachment",
        recorded!("047-GetAttachment-raw-getattachment-badid"),
        "fault ErrorInvalidAttachmentId",
    ),
    ("UpdateItem", recorded!("048-UpdateItem-raw-isread"), "item true"),
    (
        "UpdateItem",
        recorded!("049-UpdateItem-raw-stale-changekey-NeverOverwrite"),
        "item true",
    ),
    ("UpdateItem", recorded!("054-UpdateItem-raw-badid"), "ErrorInvalidId"),
    ("MoveItem", recorded!("055-MoveItem-raw-move"), "item false"),
    (
        "GetItem",
        recorded!("056-GetItem-raw-get-oldid-after-move"),
        "ErrorItemNotFound",
    ),
    (
        "FindItem",
        recorded!("057-FindItem-raw-find-in-TheHive"),
        "2 of Some(2)",
    ),
    (
        "SyncFolderItems",
        recorded!("067-SyncFolderItems-raw-sync-start"),
        "2 more true",
    ),
    (
        "SyncFolderItems",
        recorded!("068-SyncFolderItems-raw-sync-continue"),
        "2 more false",
    ),
    (
        "SyncFolderItems",
        recorded!("069-SyncFolderItems-raw-sync-badstate"),
        "3 more false",
    ),
    (
        "GetFolder",
        recorded!("078-GetFolder-raw-folder-notfound"),
        "ErrorInvalidId",
    ),
    (
        "GetFolder",
        recorded!("079-GetFolder-raw-impersonate-alice"),
        "fault ErrorImpersonateUserDenied",
    ),
    (
        "GetFolder",
        recorded!("080-GetFolder-raw-other-mailbox"),
        "ErrorAccessDenied",
    ),
    ("GetFolder", recorded!("081-GetFolder-raw-bad-version"), ""),
    ("GetFolder", recorded!("082-GetFolder-raw-schema-fault"), "fault Client"),
    (
        "FindItem",
        recorded!("087-FindItem-raw-sent-items-conversations"),
        "4 of Some(4)",
    ),
    ("FindItem", recorded!("091-FindItem-x-list-TheHive"), "2 of Some(2)"),
    ("GetItem", recorded!("092-GetItem-x-attachments-invoice"), " 2"),
    (
        "GetAttachment",
        recorded!("093-GetAttachment-x-two-file-attachments"),
        "Some(29)",
    ),
    ("FindItem", recorded!("095-FindItem-x-trash-inline"), "1 of Some(1)"),
    (
        "GetItem",
        recorded!("096-GetItem-x-inline-image"),
        "Phish with picture ☠ 🎣 1",
    ),
];

/// What became of each input, in a few words.
pub(super) fn summary(operation: &str, answer: &[u8]) -> String {
    fn outcomes<T>(read: Result<PerItem<T>, Trouble>, what: impl Fn(T) -> String) -> Result<String, Trouble> {
        let each = read?
            .into_iter()
            .map(|one| one.map_or_else(|refusal| refusal.code, &what));
        Ok(each.collect::<Vec<_>>().join(", "))
    }
    let item = |item: Option<ItemRef>| format!("item {}", item.is_some());
    let said = match operation {
        "GetFolder" => outcomes(read_get_folder(answer), |row| row.display_name.unwrap_or_default()),
        "FindFolder" => read_find_folder(answer).map(|page| format!("{} of {:?}", page.folders.len(), page.total)),
        "FindItem" => read_find_item(answer).map(|page| format!("{} of {:?}", page.items.len(), page.total)),
        "GetItem" => outcomes(read_get_item(answer), |row| {
            format!("{} {}", row.subject.unwrap_or_default(), row.attachments.len())
        }),
        "UpdateItem" => outcomes(read_update_item(answer), item),
        "MoveItem" => outcomes(read_move_item(answer), item),
        "SyncFolderItems" => {
            read_sync_folder_items(answer).map(|page| format!("{} more {}", page.changes.len(), page.more))
        }
        "GetConversationItems" => read_get_conversation_items(answer).map(|rows| format!("{} items", rows.len())),
        "GetAttachment" => read_bytes(ByteOperation::GetAttachment, answer, &mut |_| Ok(()))
            .map(|answer| format!("{:?}", answer.written)),
        _ => unreachable!("{operation}"),
    };
    match said {
        Ok(said) => said,
        Err(Trouble::Fault(refusal)) => format!("fault {}", refusal.code),
        Err(trouble) => format!("{trouble:?}"),
    }
}

fn first_item(answer: &[u8]) -> ItemRow {
    read_get_item(answer).unwrap().remove(0).unwrap()
}

#[test]
fn every_recorded_answer_says_what_became_of_each_input() {
    for (operation, answer, expected) in RECORDED {
        assert_eq!(summary(operation, answer), *expected, "{operation}");
    }
}

#[test]
fn a_recorded_mail_is_read_whole() {
    let row = first_item(recorded!("039-GetItem-raw-bodytype-text"));
    let item = row.item.unwrap();
    assert!(item.id.ends_with("ADAAIAAAM=") && item.change_key.unwrap().ends_with("AAIg=="));
    assert_eq!(row.item_class.as_deref(), Some("IPM.Note"));
    assert_eq!(row.subject.as_deref(), Some("[IDS] alert 4711"));
    assert_eq!(row.received_at, Some(1_795_568_157_000));
    assert_eq!((row.sent_at, row.created_at), (row.received_at, row.received_at));
    assert_eq!(
        (row.size, row.has_attachments, row.is_read),
        (Some(2959), Some(false), None)
    );
    let body = row.body.unwrap();
    assert_eq!((body.html, body.truncated), (false, false));
    assert!(body.text.starts_with("line1\nctl:") && body.text.contains("emoji 😀"));
    assert_eq!(row.headers.len(), 12);
    assert_eq!(
        row.headers[5],
        ("Message-ID".to_owned(), "<m4@corp.example.net>".to_owned())
    );
    let sender = Person {
        name: Some("sensor@ids.example.net".to_owned()),
        email: Some("sensor@ids.example.net".to_owned()),
        routing_type: Some("SMTP".to_owned()),
    };
    assert_eq!((row.sender, row.from), (Some(sender.clone()), Some(sender)));
}

#[test]
fn recipients_have_addresses_d04() {
    let row = first_item(recorded!("014-GetItem-getitem-with-item-attachment"));
    let to: Vec<_> = row
        .to
        .iter()
        .map(|person| (person.name.as_deref(), person.email.as_deref()))
        .collect();
    assert_eq!(to, [(Some("SOC Mailbox"), Some("soc@example.org"))]);
    assert_eq!(row.internet_message_id.as_deref(), Some("<m3@corp.example.net>"));
    assert_eq!(row.conversation_id.as_deref(), Some("oTKZDMKOwke3WZ9NAetZjAE="));
    assert_eq!(row.is_read, Some(false));
    assert!(row.parent_folder.is_some());
}

#[test]
fn mime_that_nobody_asked_for_is_skipped() {
    let row = first_item(recorded!("014-GetItem-getitem-with-item-attachment"));
    let attachment = &row.attachments[0];
    assert_eq!((attachment.kind, attachment.size), (AttachmentKind::Item, Some(3747)));
    assert_eq!(attachment.name.as_deref(), Some("Your account is locked"));
    assert_eq!(attachment.media_type.as_deref(), Some("message/rfc822"));
    assert!(row.body.unwrap().html);
}

#[test]
fn two_categories_are_two_categories() {
    let row = first_item(recorded!("092-GetItem-x-attachments-invoice"));
    assert_eq!(row.categories, ["TheHive", "Case-42"]);
    let names: Vec<_> = row.attachments.iter().map(|one| one.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["invoice 2026.pdf", "Übersicht.csv"]);
    let page = read_find_item(recorded!("091-FindItem-x-list-TheHive")).unwrap();
    assert!(page.items.iter().any(|row| row.categories == ["TheHive", "Case-42"]));
}

#[test]
fn an_inline_image_keeps_its_content_id() {
    let row = first_item(recorded!("096-GetItem-x-inline-image"));
    assert_eq!(row.attachments[0].content_id.as_deref(), Some("pic1@corp.example.net"));
    assert!(row.body.unwrap().text.contains("&amp; reply"));
}

#[test]
fn a_page_says_where_the_next_begins() {
    let page = read_find_item(recorded!("030-FindItem-raw-unread-page1")).unwrap();
    assert_eq!((page.next_offset, page.total, page.last), (Some(2), Some(2), true));
    assert_eq!(page.items[0].received_at, Some(1_795_571_757_935));
    let folders = read_find_folder(recorded!("038-FindFolder-raw-find-TheHive")).unwrap();
    let folder = &folders.folders[0];
    assert_eq!(folder.display_name.as_deref(), Some("TheHive"));
    assert_eq!((folder.total, folder.unread, folders.last), (Some(1), Some(0), true));
    assert!(folder.id.starts_with("AAAAA"));
}

#[test]
fn changes_of_every_kind_are_read() {
    let first = read_sync_folder_items(recorded!("067-SyncFolderItems-raw-sync-start")).unwrap();
    assert!(
        first.more
            && first
                .changes
                .iter()
                .all(|change| matches!(change, SyncChange::Created(_)))
    );
    let next = read_sync_folder_items(recorded!("068-SyncFolderItems-raw-sync-continue")).unwrap();
    assert!(matches!(&next.changes[1], SyncChange::ReadFlag(id, true) if id.ends_with("ADAAQAAAM=")));
    assert!(!next.more && next.state.starts_with("AwACARd"));
    let update = read_sync_folder_items(recorded!("025-SyncFolderItems-sync-incremental")).unwrap();
    assert!(matches!(&update.changes[0], SyncChange::Updated(row) if row.is_read == Some(true)));
}

#[test]
fn the_server_says_who_it_is() {
    let version = server_version(recorded!("001-GetFolder-inbox"));
    assert_eq!(version.as_deref(), Some("15.0.847.4040 (V2017_07_11)"));
    assert_eq!(
        server_version(recorded!("034-GetConversationItems-raw-conversation-items")),
        None
    );
    assert_eq!(server_version(b"Unauthorized"), None);
}

#[test]
fn the_answer_to_another_question_is_told_apart() {
    let expect = |read: Trouble, operation: &str, other: &str| match read {
        Trouble::OtherOperation { expected, got } => {
            assert_eq!((expected, got), (format!("{operation}Response"), other.to_owned()));
        }
        trouble => panic!("{trouble:?}"),
    };
    let subscribe = recorded!("desync/067-MarkAllItemsAsRead-raw-markall");
    expect(read_get_item(subscribe).unwrap_err(), "GetItem", "SubscribeResponse");
    let echo = recorded!("desync/076-NoSuchOperation-raw-unknown-op");
    expect(read_get_folder(echo).unwrap_err(), "GetFolder", "GetFolder");
    let events = recorded!("desync/066-Subscribe-raw-subscribe-streaming");
    expect(
        read_sync_folder_items(events).unwrap_err(),
        "SyncFolderItems",
        "GetEvents",
    );
    let read = read_bytes(
        ByteOperation::GetItem,
        recorded!("023-SyncFolderItems-sync-initial"),
        &mut |_| Ok(()),
    );
    expect(read.unwrap_err(), "GetItem", "SyncFolderItemsResponse");
    assert!(matches!(read_get_folder(b"Unauthorized"), Err(Trouble::Malformed(_))));
}
