//! How are folders found, counted and made? Contract section 2.

use crate::support::{Ews, mailbox, message, message_with};
use serde_json::json;

fn find(name: &str, traversal: &str) -> String {
    format!(
        "<m:FindFolder Traversal=\"{traversal}\"><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>\
         <m:Restriction><t:IsEqualTo><t:FieldURI FieldURI=\"folder:DisplayName\"/><t:FieldURIOrConstant>\
         <t:Constant Value=\"{name}\"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>\
         <m:ParentFolderIds><t:DistinguishedFolderId Id=\"msgfolderroot\"/></m:ParentFolderIds></m:FindFolder>"
    )
}

fn get(id: &str) -> String {
    format!(
        "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>{id}</m:FolderIds></m:GetFolder>"
    )
}

#[tokio::test]
async fn a_folder_is_found_by_its_name_anywhere_below_and_not_when_only_looking_directly_below() {
    let ews = Ews::new(mailbox(&[])).await;
    let deep = ews.ask(&find("TheHive", "Deep")).await;
    assert_eq!(deep.texts("t:DisplayName"), ["TheHive"]);
    assert_eq!(deep.attributes("m:RootFolder", "IncludesLastItemInRange"), ["true"]);
    assert!(
        ews.ask(&find("TheHive", "Shallow"))
            .await
            .texts("t:DisplayName")
            .is_empty()
    );
}

#[tokio::test]
async fn counts_are_those_of_the_items_and_the_unread_items() {
    let messages = [message("one", 1), message_with("two", 2, json!({"is_read": true}))];
    let ews = Ews::new(mailbox(&messages)).await;
    let answer = ews.ask(&get("<t:DistinguishedFolderId Id=\"inbox\"/>")).await;
    assert_eq!(answer.texts("t:TotalCount"), ["2"]);
    assert_eq!(answer.texts("t:UnreadCount"), ["1"]);
    assert_eq!(answer.texts("t:ChildFolderCount"), ["1"]);
}

#[tokio::test]
async fn one_bad_folder_id_does_not_fail_the_others() {
    let ews = Ews::new(mailbox(&[])).await;
    let ids =
        "<t:FolderId Id=\"AAAA\"/><t:DistinguishedFolderId Id=\"inbox\"/><t:DistinguishedFolderId Id=\"calendar\"/>";
    let answer = ews.ask(&get(ids)).await;
    assert_eq!(
        answer.codes(),
        ["ErrorInvalidIdMalformed", "NoError", "ErrorFolderNotFound"]
    );
}

#[tokio::test]
async fn a_folder_is_made_once() {
    let ews = Ews::new(mailbox(&[])).await;
    let create = "<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id=\"inbox\"/></m:ParentFolderId><m:Folders>\
                  <t:Folder><t:DisplayName>New</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>";
    let made = ews.ask(create).await;
    assert_eq!(made.code(), "NoError");
    assert_eq!(ews.ask(create).await.code(), "ErrorFolderExists");
    let found = ews.ask(&find("new", "Deep")).await;
    assert_eq!(
        found.attributes("t:FolderId", "Id"),
        made.attributes("t:FolderId", "Id")
    );
    assert_eq!(ews.effects("create-folder").await[0]["folder"], "Inbox/New");
}
