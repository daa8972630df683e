//! Is what Exchange itself answers understood? Shapes from Microsoft's documentation, made by hand.

use super::super::*;

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" xmlns="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:xsd="http://www.w3.org/2001/XMLSchema"/></s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#;

fn answer(body: &str) -> Vec<u8> {
    format!("\u{FEFF}{HEAD}{body}</s:Body></s:Envelope>").into_bytes()
}

/// Response messages of an operation.
fn messages(operation: &str, messages: &str) -> Vec<u8> {
    answer(&format!(
        r#"<m:{operation}Response xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages>{messages}</m:ResponseMessages></m:{operation}Response>"#
    ))
}

/// One item of GetItem.
fn item(properties: &str) -> ItemRow {
    let message = format!(
        r#"<m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items><t:Message>{properties}</t:Message></m:Items></m:GetItemResponseMessage>"#
    );
    read_get_item(&messages("GetItem", &message))
        .unwrap()
        .remove(0)
        .unwrap()
}

fn fault(fault: &str) -> Refusal {
    match read_get_item(&answer(&format!("<s:Fault>{fault}</s:Fault>"))) {
        Err(Trouble::Fault(refusal)) => refusal,
        read => panic!("{read:?}"),
    }
}

#[test]
fn a_busy_server_says_how_long_in_a_fault_d28() {
    let refusal = fault(
        r#"<faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:ErrorServerBusy</faultcode><faultstring xml:lang="en-US">Try again later.</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors"> ErrorServerBusy
        </e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">Other words.</e:Message><t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><t:LineNumber>5</t:LineNumber><t:Value Name="Policy">17</t:Value><t:Value Name="BackOffMilliseconds"> 297749 </t:Value></t:MessageXml></detail>"#,
    );
    assert_eq!(refusal.code, "ErrorServerBusy");
    assert_eq!(
        (refusal.message.as_str(), refusal.back_off_ms),
        ("Try again later.", Some(297_749))
    );
}

#[test]
fn a_busy_server_says_how_long_in_a_response_message_d28() {
    let busy = r#"<m:FindItemResponseMessage ResponseClass="Error"><m:MessageText>Busy</m:MessageText><m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:MessageXml><t:Value Name="Policy">5</t:Value><t:Value Name="BackOffMilliseconds">300000</t:Value></m:MessageXml></m:FindItemResponseMessage>"#;
    let Err(Trouble::Fault(refusal)) = read_find_item(&messages("FindItem", busy)) else {
        panic!("no refusal");
    };
    assert_eq!(
        (refusal.code.as_str(), refusal.back_off_ms),
        ("ErrorServerBusy", Some(300_000))
    );
}

#[test]
fn a_code_inside_an_internal_error_counts() {
    let hidden = r#"<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>An internal server error occurred.</m:MessageText><m:ResponseCode>ErrorInternalServerError</m:ResponseCode><m:MessageXml><t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value></m:MessageXml><m:Folders/></m:GetFolderResponseMessage>"#;
    let refusal = read_get_folder(&messages("GetFolder", hidden))
        .unwrap()
        .remove(0)
        .unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.back_off_ms), ("ErrorServerBusy", None));
}

#[test]
fn a_version_that_is_too_new_is_a_fault_with_its_code() {
    let refusal = fault(
        r#"<faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:ErrorInvalidServerVersion</faultcode><faultstring xml:lang="en-US">The specified server version is invalid.</faultstring>"#,
    );
    assert_eq!(refusal.code, "ErrorInvalidServerVersion");
    assert_eq!(refusal.message, "The specified server version is invalid.");
}

#[test]
fn what_was_not_tried_is_refused_and_a_warning_with_content_is_an_answer() {
    let two = r#"<m:GetItemResponseMessage ResponseClass="Warning"><m:ResponseCode>ErrorNameResolutionMultipleResults</m:ResponseCode><m:Items><t:Message><t:Subject>here</t:Subject></t:Message></m:Items></m:GetItemResponseMessage><m:GetItemResponseMessage ResponseClass="Warning"><m:MessageText>stopped</m:MessageText><m:ResponseCode>ErrorBatchProcessingStopped</m:ResponseCode><m:Items/></m:GetItemResponseMessage>"#;
    let read = read_get_item(&messages("GetItem", two)).unwrap();
    assert_eq!(read[0].as_ref().unwrap().subject.as_deref(), Some("here"));
    assert_eq!(read[1].as_ref().unwrap_err().code, "ErrorBatchProcessingStopped");
}

#[test]
fn unknown_codes_items_headers_and_a_missing_header_fail_nothing() {
    let strange = r#"<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><GetItemResponse xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><ResponseMessages><GetItemResponseMessage ResponseClass="Error"><ResponseCode>ErrorOfTheYear2031</ResponseCode></GetItemResponseMessage><GetItemResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode><Items><Hologram xmlns="http://schemas.microsoft.com/exchange/services/2006/types"><x:Subject xmlns:x="urn:other">not this one</x:Subject><Subject>this one</Subject><Colour><Subject>nor this</Subject></Colour></Hologram></Items></GetItemResponseMessage></ResponseMessages></GetItemResponse></env:Body></env:Envelope>"#;
    let read = read_get_item(strange.as_bytes()).unwrap();
    assert_eq!(read[0].as_ref().unwrap_err().code, "ErrorOfTheYear2031");
    assert_eq!(read[1].as_ref().unwrap().subject.as_deref(), Some("this one"));
}

#[test]
fn forbidden_characters_are_replaced_and_the_rest_is_read_d27() {
    let row = item(
        "<t:Subject>a&#x0;b&#xB;c&#xD800;d&#xFFFE;e\u{1}f&nbsp;g&#99999999999;h&#x41;&lt;</t:Subject><t:Body BodyType=\"Text\"><![CDATA[<raw> & \u{2}]]> and&#xD;\r\nmore<!-- not this --></t:Body>",
    );
    assert_eq!(
        row.subject.as_deref(),
        Some("a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f\u{FFFD}g\u{FFFD}hA<")
    );
    assert_eq!(row.body.unwrap().text, "<raw> & \u{FFFD} and\r\nmore");
}

#[test]
fn a_mail_without_subject_or_body_is_a_mail_d01_d02() {
    let row = item(
        r#"<t:ItemId Id="i" ChangeKey="k"/><t:Subject/><t:DateTimeReceived>soon</t:DateTimeReceived><t:Size>-1</t:Size>"#,
    );
    assert_eq!(row.item.unwrap().id, "i");
    assert_eq!(
        (row.subject, row.body, row.received_at, row.size),
        (None, None, None, None)
    );
}

#[test]
fn bodies_say_what_they_are() {
    let row = item(
        r#"<t:Body BodyType="HTML" IsTruncated="true">&lt;p&gt;</t:Body><t:TextBody BodyType="Text" IsTruncated="false">p</t:TextBody>"#,
    );
    let body = row.body.unwrap();
    assert_eq!((body.html, body.truncated, body.text.as_str()), (true, true, "<p>"));
    assert_eq!(row.text_body.unwrap().text, "p");
}

#[test]
fn internal_addresses_are_no_mail_addresses_d04() {
    let row = item(
        "<t:CcRecipients><t:Mailbox><t:Name>Bob</t:Name><t:EmailAddress>/O=ORG/CN=BOB</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox><t:Mailbox><t:EmailAddress>/O=ORG/CN=EVE</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox><t:Mailbox><t:Name>Al</t:Name><t:EmailAddress>al@example.org</t:EmailAddress></t:Mailbox></t:CcRecipients>",
    );
    let cc: Vec<_> = row
        .cc
        .iter()
        .map(|one| (one.name.as_deref(), one.email.as_deref()))
        .collect();
    assert_eq!(
        cc,
        [
            (Some("Bob"), None),
            (Some("/O=ORG/CN=EVE"), None),
            (Some("Al"), Some("al@example.org"))
        ]
    );
}

#[test]
fn attachments_of_all_kinds_are_listed_whatever_they_lack() {
    let row = item(
        r#"<t:Attachments><t:FileAttachment><t:AttachmentId Id="f"/><t:Name>x</t:Name><t:IsInline>true</t:IsInline></t:FileAttachment><t:ReferenceAttachment><t:AttachmentId Id="r"/><t:Name>plan.docx</t:Name><t:AttachLongPathName>https://cloud.example.org/plan</t:AttachLongPathName></t:ReferenceAttachment><t:ScentAttachment/><t:ItemAttachment/></t:Attachments>"#,
    );
    let kinds: Vec<_> = row.attachments.iter().map(|one| (one.kind, one.id.as_str())).collect();
    let expected = [
        (AttachmentKind::File, "f"),
        (AttachmentKind::Reference, "r"),
        (AttachmentKind::Item, ""),
    ];
    assert_eq!(kinds, expected);
    assert!(row.attachments[0].is_inline && row.attachments[0].media_type.is_none());
    assert_eq!(
        row.attachments[1].url.as_deref(),
        Some("https://cloud.example.org/plan")
    );
}

#[test]
fn a_conversation_is_the_items_of_all_its_nodes() {
    let conversation = r#"<m:GetConversationItemsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Conversation><t:ConversationId Id="c"/><t:SyncState>AAAA</t:SyncState><t:ConversationNodes><t:ConversationNode><t:InternetMessageId>&lt;1@x&gt;</t:InternetMessageId><t:Items><t:Message><t:ItemId Id="1"/></t:Message></t:Items></t:ConversationNode><t:ConversationNode><t:Items><t:Message><t:ItemId Id="2"/></t:Message><t:MeetingRequest><t:ItemId Id="3"/></t:MeetingRequest></t:Items></t:ConversationNode></t:ConversationNodes></m:Conversation></m:GetConversationItemsResponseMessage>"#;
    let rows = read_get_conversation_items(&messages("GetConversationItems", conversation)).unwrap();
    let ids: Vec<_> = rows.into_iter().map(|row| row.item.unwrap().id).collect();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[test]
fn deleted_items_are_told_and_unknown_changes_left_out() {
    let changes = r#"<m:SyncFolderItemsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:SyncState>S</m:SyncState><m:IncludesLastItemInRange>false</m:IncludesLastItemInRange><m:Changes><t:Delete><t:ItemId Id="d"/></t:Delete><t:Archive><t:ItemId Id="a"/></t:Archive><t:ReadFlagChange><t:ItemId Id="r"/></t:ReadFlagChange></m:Changes></m:SyncFolderItemsResponseMessage>"#;
    let read = read_sync_folder_items(&messages("SyncFolderItems", changes)).unwrap();
    assert_eq!(read.changes, [SyncChange::Deleted("d".to_owned())]);
    assert!(read.more);
}

#[test]
fn the_version_is_in_the_header() {
    assert_eq!(
        server_version(&messages("GetItem", "")).as_deref(),
        Some("15.2.1544.4 (V2017_07_11)")
    );
}

#[test]
fn an_error_page_is_no_answer() {
    for page in [
        "",
        "<html><body>Service unavailable</body></html>",
        "<!DOCTYPE html><html/>",
        "<a/><b/>",
        HEAD,
    ] {
        assert!(
            matches!(read_get_item(page.as_bytes()), Err(Trouble::Malformed(_))),
            "{page}"
        );
    }
    assert!(matches!(read_get_item(&answer("")), Err(Trouble::Malformed(_))));
}
