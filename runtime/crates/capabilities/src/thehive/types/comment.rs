//! How does TheHive spell a comment (contract 2.6)?

use serde::{Deserialize, Serialize};

use crate::bindings::synapse::thehive::comments::Comment;
use crate::marked;

/// `InputComment`
#[derive(Debug, Serialize)]
pub struct CommentBody {
    pub message: String,
}

/// `OutputComment`: the only entity whose dates have no underscore; a query may spell them either way.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub message: String,
    #[serde(alias = "_createdBy")]
    pub created_by: String,
    #[serde(alias = "_createdAt")]
    pub created_at: u64,
}

impl CommentRow {
    /// As guests see it.
    pub fn into_comment(self) -> Comment {
        Comment {
            id: self.id,
            message: marked::unmark(self.message),
            created_by: self.created_by,
            created_at: self.created_at,
        }
    }
}
