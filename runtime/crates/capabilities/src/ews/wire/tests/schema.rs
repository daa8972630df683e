//! In which order does the schema want elements? Written from the contract, section 1, and not from the writer.

use super::tree::Element;

/// Element, and its children in order. `*`: may repeat; everything may be absent.
const ORDER: &[(&str, &[&str])] = &[
    ("soap:Envelope", &["soap:Header", "soap:Body"]),
    ("soap:Header", &["t:RequestServerVersion", "t:ExchangeImpersonation"]),
    ("t:ExchangeImpersonation", &["t:ConnectingSID"]),
    ("t:ConnectingSID", &["t:PrimarySmtpAddress"]),
    ("m:GetFolder", &["m:FolderShape", "m:FolderIds"]),
    (
        "m:FindFolder",
        &[
            "m:FolderShape",
            "m:IndexedPageFolderView",
            "m:Restriction",
            "m:ParentFolderIds",
        ],
    ),
    ("m:FolderShape", &["t:BaseShape", "t:AdditionalProperties"]),
    (
        "m:FindItem",
        &[
            "m:ItemShape",
            "m:IndexedPageItemView",
            "m:GroupBy",
            "m:Restriction",
            "m:SortOrder",
            "m:ParentFolderIds",
            "m:QueryString",
        ],
    ),
    ("m:GetItem", &["m:ItemShape", "m:ItemIds"]),
    (
        "m:ItemShape",
        &[
            "t:BaseShape",
            "t:IncludeMimeContent",
            "t:BodyType",
            "t:UniqueBodyType",
            "t:NormalizedBodyType",
            "t:FilterHtmlContent",
            "t:ConvertHtmlCodePageToUTF8",
            "t:MaximumBodySize",
            "t:AdditionalProperties",
        ],
    ),
    ("t:AdditionalProperties", &["t:FieldURI*"]),
    ("m:GetAttachment", &["m:AttachmentShape", "m:AttachmentIds"]),
    (
        "m:AttachmentShape",
        &[
            "t:IncludeMimeContent",
            "t:BodyType",
            "t:FilterHtmlContent",
            "t:AdditionalProperties",
        ],
    ),
    ("m:AttachmentIds", &["t:AttachmentId*"]),
    ("m:UpdateItem", &["m:SavedItemFolderId", "m:ItemChanges"]),
    ("m:ItemChanges", &["t:ItemChange*"]),
    ("t:ItemChange", &["t:ItemId", "t:Updates"]),
    ("t:Updates", &["t:SetItemField", "t:DeleteItemField"]),
    ("t:SetItemField", &["t:FieldURI", "t:Message"]),
    ("t:DeleteItemField", &["t:FieldURI"]),
    ("t:Message", &["t:IsRead", "t:Categories"]),
    ("t:Categories", &["t:String*"]),
    ("m:MoveItem", &["m:ToFolderId", "m:ItemIds", "m:ReturnNewItemIds"]),
    ("m:ItemIds", &["t:ItemId*"]),
    (
        "m:SyncFolderItems",
        &[
            "m:ItemShape",
            "m:SyncFolderId",
            "m:SyncState",
            "m:Ignore",
            "m:MaxChangesReturned",
            "m:SyncScope",
        ],
    ),
    (
        "m:GetConversationItems",
        &[
            "m:ItemShape",
            "m:FoldersToIgnore",
            "m:MaxItemsToReturn",
            "m:SortOrder",
            "m:MailboxScope",
            "m:Conversations",
        ],
    ),
    ("m:Conversations", &["t:Conversation*"]),
    ("t:Conversation", &["t:ConversationId", "t:SyncState"]),
    ("m:FolderIds", &["t:FolderId", "t:DistinguishedFolderId"]),
    ("m:ParentFolderIds", &["t:FolderId", "t:DistinguishedFolderId"]),
    ("m:SyncFolderId", &["t:FolderId", "t:DistinguishedFolderId"]),
    ("m:ToFolderId", &["t:FolderId", "t:DistinguishedFolderId"]),
    ("t:DistinguishedFolderId", &["t:Mailbox"]),
    ("t:Mailbox", &["t:Name", "t:EmailAddress", "t:RoutingType"]),
    (
        "m:Restriction",
        &["t:And", "t:IsEqualTo", "t:IsGreaterThanOrEqualTo", "t:Contains"],
    ),
    ("t:And", &["t:IsEqualTo*", "t:IsGreaterThanOrEqualTo*", "t:Contains*"]),
    ("t:IsEqualTo", &["t:FieldURI", "t:FieldURIOrConstant"]),
    ("t:IsGreaterThanOrEqualTo", &["t:FieldURI", "t:FieldURIOrConstant"]),
    ("t:Contains", &["t:FieldURI", "t:Constant"]),
    ("t:FieldURIOrConstant", &["t:Constant"]),
    ("m:SortOrder", &["t:FieldOrder*"]),
    ("t:FieldOrder", &["t:FieldURI"]),
];

/// Elements whose children the schema lets stand in any order.
const ANY_ORDER: &[&str] = &["t:And"];

/// Elements that hold one child of several kinds.
const CHOICE: &[&str] = &[
    "t:Updates",
    "m:Restriction",
    "m:FolderIds",
    "m:ParentFolderIds",
    "m:SyncFolderId",
    "m:ToFolderId",
];

/// Panics at the first element that the schema would refuse. The body holds one operation, whatever it is.
pub fn check(element: &Element) {
    element.children.iter().for_each(check);
    let names = element.order();
    if element.name == "soap:Body" || names.is_empty() {
        return;
    }
    let (_, wanted) = ORDER.iter().find(|(name, _)| *name == element.name).unwrap_or_else(|| {
        panic!(
            "<{}> has children that the table does not know: {names:?}",
            element.name
        )
    });
    let mut at = 0;
    for name in &names {
        let place = wanted.iter().position(|one| one.trim_end_matches('*') == *name);
        let place = place.unwrap_or_else(|| panic!("<{name}> in <{}>", element.name));
        let repeats = wanted[place].ends_with('*');
        let in_order = place >= at || ANY_ORDER.contains(&element.name.as_str());
        assert!(in_order, "<{}>: {names:?} instead of {wanted:?}", element.name);
        at = if repeats { place } else { place + 1 };
    }
    assert!(
        names.len() == 1 || !CHOICE.contains(&element.name.as_str()),
        "<{}> holds one child, not {names:?}",
        element.name
    );
}
