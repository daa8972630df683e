//! What may a workflow do with comments?

use super::{Owner, TheHive};
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::comments::Comment;

/// `synapse:thehive/comments`.
pub trait Comments: TheHive {
    /// Adds a comment of 1 character to 1 MiB.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn add_comment(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        message: &str,
        dedup_key: Option<&str>,
    ) -> Result<Comment, Error>;
    /// All comments, oldest first, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_comments(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Comment>, Error>;
    /// Replaces a comment's text.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_comment(&self, organisation: &Self::Organisation, id: &str, message: &str) -> Result<(), Error>;
    /// Deletes at most 100 comments; one answer each, in order.
    fn delete_comments(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
}
