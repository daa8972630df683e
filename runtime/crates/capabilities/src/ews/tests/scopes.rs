//! G9: outside a grant's folders everything answers like what does not exist, and nothing is changed there.

use super::*;
use crate::bindings::synapse::ews::messages::Filter;
use crate::ews::{
    Conversation, FindFolder, GetAttachment, GetMessages, GetMime, ListMessages, Movable, MoveMessage, SetCategories,
    SetRead, SyncFolder,
};
use crate::gate::Certainty;
use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};

/// A mailbox whose message `in` is in the inbox and `out` elsewhere.
fn mailbox(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "GetFolder" if asked.has("\"inbox\"") => one_folder(INBOX),
        "GetFolder" => one_folder("elsewhere"),
        "FindFolder" => page("FindFolder", "Folders", "", 0, true).into(),
        "GetItem" => each(asked, |id| {
            let folder = if id == "in" { INBOX } else { "elsewhere" };
            let attachments = r#"<t:Attachments><t:FileAttachment><t:AttachmentId Id="a"/><t:Size>3</t:Size></t:FileAttachment><t:FileAttachment><t:AttachmentId Id="big"/><t:Size>99999999</t:Size></t:FileAttachment><t:ReferenceAttachment><t:AttachmentId Id="link"/></t:ReferenceAttachment></t:Attachments>"#;
            let attachments = if asked.has("item:Attachments") { attachments } else { "" };
            let mime = if asked.has("IncludeMimeContent") {
                "<t:MimeContent>eA==</t:MimeContent>"
            } else {
                ""
            };
            let place = if asked.has("item:ParentFolderId") {
                parent(folder)
            } else {
                String::new()
            };
            got(id, &format!("{mime}{place}{attachments}"))
        }),
        "GetAttachment" => {
            let content = r#"<m:Attachments><t:FileAttachment><t:AttachmentId Id="a"/><t:Content>eHl6</t:Content></t:FileAttachment></m:Attachments>"#;
            response("GetAttachment", &[fine("GetAttachment", content)]).into()
        }
        "GetConversationItems" => {
            let nodes: String = [("in", INBOX), ("out", "elsewhere"), ("nowhere", "")]
                .iter()
                .map(|(id, folder)| {
                    let place = if folder.is_empty() {
                        String::new()
                    } else {
                        parent(folder)
                    };
                    format!(
                        "<t:ConversationNode><t:Items>{}</t:Items></t:ConversationNode>",
                        item(id, &place)
                    )
                })
                .collect();
            let content =
                format!("<m:Conversation><t:ConversationNodes>{nodes}</t:ConversationNodes></m:Conversation>");
            response("GetConversationItems", &[fine("GetConversationItems", &content)]).into()
        }
        "FindItem" => page("FindItem", "Items", "", 0, true).into(),
        "SyncFolderItems" => {
            let content =
                "<m:SyncState>s</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes/>";
            response("SyncFolderItems", &[fine("SyncFolderItems", content)]).into()
        }
        operation => response(operation, &[fine(operation, "<m:Items/>")]).into(),
    }
}

async fn lab() -> Lab {
    Lab::start(|asked, _| mailbox(asked)).await
}

impl Lab {
    async fn scoped<C: Read<Target = Client>>(&self, call: &C) -> Result<C::Answer, Error> {
        call.carry_out(&self.client, &scope(&["inbox"])).await
    }

    async fn change<C: Write<Target = Client>>(&self, call: &C) -> Result<Done<C::Answer>, Failure> {
        call.carry_out(&self.client, &scope(&["inbox"]), &effect(false)).await
    }

    fn changes(&self) -> usize {
        let changes = |name: &String| matches!(name.as_str(), "UpdateItem" | "MoveItem");
        self.operations().iter().filter(|name| changes(name)).count()
    }
}

fn list(folder: &str) -> ListMessages {
    ListMessages {
        folder_id: folder.to_owned(),
        filter: Filter {
            is_read: None,
            received_since: None,
            internet_message_id: None,
            subject_contains: None,
        },
        cursor: None,
    }
}

fn sync(folder: &str) -> SyncFolder {
    SyncFolder {
        folder_id: folder.to_owned(),
        state: None,
    }
}

#[tokio::test]
async fn folders_outside_the_scope_do_not_exist() {
    let lab = lab().await;
    let find = |name: &str| FindFolder { name: name.to_owned() };
    assert_eq!(lab.scoped(&find("inbox")).await.unwrap().id, INBOX);
    assert_eq!(lab.scoped(&find("sentitems")).await, Err(Error::NotFound));
    assert!(lab.scoped(&list(INBOX)).await.is_ok());
    assert_eq!(lab.scoped(&list("elsewhere")).await, Err(Error::NotFound));
    assert!(lab.scoped(&sync(INBOX)).await.is_ok());
    assert_eq!(lab.scoped(&sync("elsewhere")).await, Err(Error::NotFound));
}

#[tokio::test]
async fn messages_outside_the_scope_do_not_exist() {
    let lab = lab().await;
    let get = |html| GetMessages {
        ids: ids(&["in", "out"]),
        html,
    };
    for html in [false, true] {
        let answers = lab.scoped(&get(html)).await.unwrap();
        assert!(answers[0].is_ok());
        assert_eq!(answers[1], Err(Error::NotFound));
    }
    let mime = |id: &str| GetMime {
        id: id.to_owned(),
        spool: lab.spool.clone(),
    };
    assert!(lab.scoped(&mime("in")).await.is_ok());
    assert_eq!(lab.scoped(&mime("out")).await, Err(Error::NotFound));
    let call = Conversation {
        conversation_id: "c".to_owned(),
    };
    let found: Vec<_> = lab.scoped(&call).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(
        found,
        ["in"],
        "where it is not known where a message is, it is not shown"
    );
}

#[tokio::test]
async fn an_attachment_has_to_be_one_of_a_message_in_scope() {
    let lab = lab().await;
    let get = |message: &str, attachment: &str| GetAttachment {
        message_id: message.to_owned(),
        attachment_id: attachment.to_owned(),
        spool: lab.spool.clone(),
    };
    assert_eq!(lab.scoped(&get("in", "a")).await.unwrap().size, 3);
    assert_eq!(lab.scoped(&get("out", "a")).await, Err(Error::NotFound));
    assert_eq!(lab.scoped(&get("in", "of-another-message")).await, Err(Error::NotFound));
    assert_eq!(lab.scoped(&get("in", "big")).await, Err(Error::TooLarge(4 << 20)));
    assert!(matches!(lab.scoped(&get("in", "link")).await, Err(Error::Invalid(_))));
    let fetched = lab.operations().iter().filter(|name| *name == "GetAttachment").count();
    assert_eq!(fetched, 1);
}

#[tokio::test]
async fn nothing_outside_the_scope_is_changed_or_moved_there() {
    let lab = lab().await;
    let read = |id: &str| SetRead {
        id: id.to_owned(),
        is_read: true,
    };
    let label = |id: &str| SetCategories {
        id: id.to_owned(),
        add: ids(&["x"]),
        remove: Vec::new(),
    };
    let moved = |id: &str, folder: &str| MoveMessage {
        id: id.to_owned(),
        folder_id: folder.to_owned(),
        internet_message_id: None,
    };
    let gone = |failure: Failure| {
        assert_eq!(
            (failure.error, failure.certainty),
            (Error::NotFound, Certainty::Refused)
        );
    };
    gone(lab.change(&read("out")).await.unwrap_err());
    gone(lab.change(&label("out")).await.unwrap_err());
    gone(lab.change(&moved("out", INBOX)).await.unwrap_err());
    gone(lab.change(&moved("in", "elsewhere")).await.unwrap_err());
    let movable = Movable {
        ids: ids(&["in", "out"]),
    };
    assert_eq!(lab.scoped(&movable).await.unwrap(), [Ok(None), Err(Error::NotFound)]);
    assert_eq!(lab.changes(), 0);
    lab.change(&read("in")).await.unwrap();
    lab.change(&label("in")).await.unwrap();
    lab.change(&moved("in", INBOX)).await.unwrap();
    assert_eq!(lab.changes(), 3);
}

#[tokio::test]
async fn a_scope_is_resolved_once_for_a_while_and_asks_nothing_where_there_is_none() {
    let lab = lab().await;
    for _ in 0..3 {
        lab.scoped(&list(INBOX)).await.unwrap();
    }
    assert_eq!(lab.operations(), ["GetFolder", "FindItem", "FindItem", "FindItem"]);
    let before = lab.asked().len();
    lab.read(&list("anything")).await.unwrap();
    assert_eq!(lab.asked().len(), before + 1);
}

#[tokio::test]
async fn a_scope_that_names_no_folder_allows_nothing_and_one_that_is_not_understood_denies() {
    let lab = lab().await;
    let missing = list(INBOX).carry_out(&lab.client, &scope(&["Nowhere"])).await;
    assert_eq!(missing, Err(Error::NotFound));
    for bad in [&[][..], &["inbox//x"][..]] {
        let denied = list(INBOX).carry_out(&lab.client, &scope(bad)).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
    }
}
