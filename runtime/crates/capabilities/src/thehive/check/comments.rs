//! Would TheHive accept this comment?

use super::{DEDUP_KEY, TEXT, invalid, named_id, optional_line, text};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::AddComment;
use crate::thehive::{owner, types};

/// `add-comment`
pub fn add_comment(call: &AddComment) -> Result<(), Error> {
    named_id("owner", owner::id(&call.owner))?;
    if call.message.is_empty() {
        return invalid("message", "it is empty".to_owned());
    }
    text("message", &call.message, TEXT.saturating_sub(types::MARK))?;
    optional_line("dedup-key", call.dedup_key.as_ref(), DEDUP_KEY)
}
