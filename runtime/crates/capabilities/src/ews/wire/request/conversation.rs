//! How are the messages of a conversation asked for? GetConversationItems (contract section 2; Exchange 2013 and newer).

use super::envelope::{Envelope, shape};
use super::list::SUMMARY;

/// GetConversationItems: the messages of one conversation in all folders, oldest first.
pub fn get_conversation_items(envelope: &Envelope<'_>, id: &str) -> Vec<u8> {
    envelope.request("m:GetConversationItems", &[], |xml| {
        shape(xml, "m:ItemShape", |_| {}, SUMMARY);
        xml.leaf("m:SortOrder", "DateOrderAscending");
        xml.parent("m:Conversations", |xml| {
            xml.parent("t:Conversation", |xml| xml.empty("t:ConversationId", &[("Id", id)]));
        });
    })
}
