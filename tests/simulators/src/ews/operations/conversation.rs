//! Which items belong to a conversation? Oldest first, in all folders of the mailbox but those to ignore.

use super::{Call, batch};
use crate::ews::{
    message::{Request, Shape, View, write_message},
    refusal::Refusal,
    versions,
    xml::{Element, Xml},
};

/// GetConversationItems.
pub fn get(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    if !versions::is_2013(&call.version) {
        return Err(Refusal::schema("GetConversationItems is not known to this version."));
    }
    let shape = Shape::read(operation.child("ItemShape"), Request::Get, call.text_body())?;
    let at = call
        .acting
        .ok_or_else(|| Refusal::new("ErrorMissingEmailAddress", "The account has no mailbox."))?;
    let ignored: Vec<u64> = operation
        .list("FoldersToIgnore")
        .iter()
        .filter_map(|id| call.folder(id).ok().map(|(_, number)| number))
        .collect();
    let max = operation
        .text_of("MaxItemsToReturn")
        .and_then(|max| max.parse().ok())
        .unwrap_or(100);
    let newest_first = operation
        .text_of("SortOrder")
        .is_some_and(|order| order.ends_with("Descending"));
    let one = |conversation: &Element| {
        let id = conversation
            .child("ConversationId")
            .and_then(|id| id.attribute("Id"))
            .unwrap_or_default();
        let mailbox = call.mailbox(at)?;
        let all = mailbox
            .items
            .values()
            .filter(|item| item.conversation == id && !ignored.contains(&item.folder));
        let mut items: Vec<_> = all.collect();
        if items.is_empty() {
            return Err(Refusal::of("ErrorItemNotFound"));
        }
        items.sort_by_key(|item| (item.received_ms, item.number));
        if newest_first {
            items.reverse();
        }
        let mut xml = Xml::default();
        xml.open("m:Conversation", &[]);
        xml.empty("t:ConversationId", &[("Id", id)]);
        xml.leaf("t:SyncState", id);
        xml.open("t:ConversationNodes", &[]);
        for item in items.into_iter().take(max) {
            xml.open("t:ConversationNode", &[]);
            if let Some(message_id) = &item.mail.message_id {
                xml.leaf("t:InternetMessageId", message_id);
            }
            if let Some(parent) = &item.mail.in_reply_to {
                xml.leaf("t:ParentInternetMessageId", parent);
            }
            xml.open("t:Items", &[]);
            write_message(&View::of(mailbox, item), &shape, &mut xml)?;
            xml.close("t:Items");
            xml.close("t:ConversationNode");
        }
        xml.close("t:ConversationNodes");
        xml.close("m:Conversation");
        Ok(xml)
    };
    Ok(batch(
        "GetConversationItems",
        operation.list("Conversations").iter().map(one),
    ))
}
