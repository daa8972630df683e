//! Does a request have its elements in the schema's order? The orders of contract section 1; whatever is not listed passes.

use super::{Element, Ns};

/// What the schema says about the children of one element: their namespace, and their names in order. `*` = must be there.
struct Rule {
    element: &'static str,
    ns: Ns,
    children: &'static [&'static str],
    attributes: &'static [&'static str],
}

const fn rule(element: &'static str, ns: Ns, children: &'static [&'static str]) -> Rule {
    with(element, ns, children, &[])
}

/// A rule with attributes that must be there.
const fn with(
    element: &'static str,
    ns: Ns,
    children: &'static [&'static str],
    attributes: &'static [&'static str],
) -> Rule {
    Rule {
        element,
        ns,
        children,
        attributes,
    }
}

const M: Ns = Ns::Messages;
const T: Ns = Ns::Types;

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("GetFolder", M, &["*FolderShape", "*FolderIds"]),
    with("FindFolder", M, &["*FolderShape", "IndexedPageFolderView", "FractionalPageFolderView", "Restriction", "*ParentFolderIds"], &["Traversal"]),
    rule("CreateFolder", M, &["*ParentFolderId", "*Folders"]),
    with("FindItem", M, &[
        "*ItemShape", "IndexedPageItemView", "FractionalPageItemView", "SeekToConditionPageItemView", "CalendarView", "ContactsView",
        "GroupBy", "DistinguishedGroupBy", "Restriction", "SortOrder", "*ParentFolderIds", "QueryString",
    ], &["Traversal"]),
    rule("GetItem", M, &["*ItemShape", "*ItemIds"]),
    rule("GetAttachment", M, &["AttachmentShape", "*AttachmentIds"]),
    rule("CreateAttachment", M, &["*ParentItemId", "*Attachments"]),
    with("UpdateItem", M, &["SavedItemFolderId", "*ItemChanges"], &["ConflictResolution"]),
    rule("MoveItem", M, &["*ToFolderId", "*ItemIds", "ReturnNewItemIds"]),
    rule("CopyItem", M, &["*ToFolderId", "*ItemIds", "ReturnNewItemIds"]),
    with("DeleteItem", M, &["*ItemIds"], &["DeleteType"]),
    rule("CreateItem", M, &["SavedItemFolderId", "*Items"]),
    rule("SyncFolderItems", M, &["*ItemShape", "*SyncFolderId", "SyncState", "Ignore", "*MaxChangesReturned", "SyncScope"]),
    rule("GetConversationItems", M, &["*ItemShape", "FoldersToIgnore", "MaxItemsToReturn", "SortOrder", "MailboxScope", "*Conversations"]),
    rule("ItemShape", T, &[
        "*BaseShape", "IncludeMimeContent", "BodyType", "UniqueBodyType", "NormalizedBodyType", "FilterHtmlContent",
        "ConvertHtmlCodePageToUTF8", "InlineImageUrlTemplate", "BlockExternalImages", "AddBlankTargetToLinks", "MaximumBodySize",
        "AdditionalProperties",
    ]),
    rule("FolderShape", T, &["*BaseShape", "AdditionalProperties"]),
    rule("AttachmentShape", T, &["IncludeMimeContent", "BodyType", "FilterHtmlContent", "AdditionalProperties"]),
    rule("ItemChange", T, &["*ItemId", "*Updates"]),
    rule("Conversation", T, &["*ConversationId", "SyncState"]),
    rule("FileAttachment", T, &[
        "AttachmentId", "Name", "ContentType", "ContentId", "ContentLocation", "Size", "LastModifiedTime", "IsInline",
        "IsContactPhoto", "Content",
    ]),
    rule("DistinguishedFolderId", T, &["Mailbox"]),
    rule("FieldURIOrConstant", T, &["FieldURI", "IndexedFieldURI", "ExtendedFieldURI", "Constant"]),
];

/// Checks an element and everything below it. The error is the violation as text.
pub fn check(element: &Element) -> Result<(), String> {
    if let Some(rule) = RULES.iter().find(|rule| rule.element == element.name) {
        check_one(rule, element)?;
    }
    element.children.iter().try_for_each(check)
}

fn check_one(rule: &Rule, element: &Element) -> Result<(), String> {
    for attribute in rule.attributes {
        if element.attribute(attribute).is_none() {
            return Err(format!("The required attribute '{attribute}' is missing."));
        }
    }
    let mut next = 0;
    for child in &element.children {
        let at = rule
            .children
            .iter()
            .position(|name| name.trim_start_matches('*') == child.name);
        match at {
            Some(at) if at >= next && child.ns == rule.ns => {
                let skipped = rule.children.get(next..at).unwrap_or_default();
                required(skipped, rule.element)?;
                next = at + 1;
            }
            _ => {
                return Err(format!(
                    "The element '{}' has invalid child element '{}'.",
                    element.name, child.name
                ));
            }
        }
    }
    required(rule.children.get(next..).unwrap_or_default(), rule.element)
}

fn required(skipped: &[&str], element: &str) -> Result<(), String> {
    match skipped.iter().find(|name| name.starts_with('*')) {
        Some(missing) => Err(format!(
            "The element '{element}' has incomplete content: '{}' is expected.",
            missing.trim_start_matches('*')
        )),
        None => Ok(()),
    }
}
