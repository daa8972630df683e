//! Is a request in the wrong order refused, as Exchange does? Contract section 1.

use crate::support::{Ews, INBOX, find_item, mailbox, message};

async fn refused(ews: &Ews, operation: &str) {
    let answer = ews.ask(operation).await;
    let found = (answer.status, answer.code());
    assert_eq!(
        found,
        (500, "ErrorSchemaValidation".to_owned()),
        "{operation}: {}",
        answer.text
    );
}

#[tokio::test]
async fn elements_out_of_order_missing_or_unknown_are_schema_faults() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let shape = "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>";
    let parents = format!("<m:ParentFolderIds>{INBOX}</m:ParentFolderIds>");
    let view = "<m:IndexedPageItemView MaxEntriesReturned=\"10\" Offset=\"0\" BasePoint=\"Beginning\"/>";
    for operation in [
        format!("<m:FindItem Traversal=\"Shallow\">{view}{shape}{parents}</m:FindItem>"),
        format!("<m:FindItem Traversal=\"Shallow\">{shape}{parents}{view}</m:FindItem>"),
        format!("<m:FindItem Traversal=\"Shallow\">{shape}</m:FindItem>"),
        format!("<m:FindItem>{shape}{parents}</m:FindItem>"),
        format!("<m:GetItem><m:ItemIds><t:ItemId Id=\"x\"/></m:ItemIds>{shape}</m:GetItem>"),
        "<m:GetItem><m:ItemShape><t:AdditionalProperties/><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds/></m:GetItem>".to_owned(),
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:BodyType>Text</t:BodyType>\
         <t:IncludeMimeContent>true</t:IncludeMimeContent></m:ItemShape><m:ItemIds/></m:GetItem>".to_owned(),
        "<m:MoveItem><m:ItemIds/><m:ToFolderId/></m:MoveItem>".to_owned(),
        "<m:MoveItem><m:ToFolderId/><m:ReturnNewItemIds>true</m:ReturnNewItemIds><m:ItemIds/></m:MoveItem>".to_owned(),
        "<m:UpdateItem><m:ItemChanges/></m:UpdateItem>".to_owned(),
        format!("<m:SyncFolderItems>{shape}<m:SyncState/><m:SyncFolderId>{INBOX}</m:SyncFolderId>\
                 <m:MaxChangesReturned>1</m:MaxChangesReturned></m:SyncFolderItems>"),
        "<m:GetAttachment><m:AttachmentIds/><m:AttachmentShape/></m:GetAttachment>".to_owned(),
        "<m:NoSuchOperation/>".to_owned(),
    ] {
        refused(&ews, &operation).await;
    }
}

#[tokio::test]
async fn unknown_field_names_are_schema_faults_and_fields_of_other_kinds_are_left_out() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    assert_eq!(ews.get(&id, &["item:Subjekt"]).await.code(), "ErrorSchemaValidation");
    let answer = ews
        .get(&id, &["calendar:Start", "item:UniqueBody", "item:Subject"])
        .await;
    assert_eq!(answer.subjects(), ["one"]);
}

#[tokio::test]
async fn characters_that_xml_forbids_are_refused_in_requests() {
    let ews = Ews::new(mailbox(&[])).await;
    let restriction = "<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI=\"item:Subject\"/><t:FieldURIOrConstant>\
                       <t:Constant Value=\"a\"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>&#xB;";
    refused(&ews, &find_item(restriction, "", INBOX)).await;
    refused(&ews, "no element").await;
}

#[tokio::test]
async fn another_content_type_is_not_taken() {
    let ews = Ews::new(mailbox(&[])).await;
    let request = ews
        .peer
        .request("POST", "/EWS/Exchange.asmx")
        .basic_auth("soc@example.org", Some("secret"));
    let response = request
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 415);
}
