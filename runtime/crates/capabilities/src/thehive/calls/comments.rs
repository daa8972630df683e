//! Which calls on comments are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use super::declare::change;
use crate::bindings::synapse::thehive::comments::Comment;
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure, Read, Write};
use crate::thehive::client::Client;
use crate::thehive::types::CommentRow;
use crate::thehive::{check, owner, permission, reconcile};

/// `add-comment`. The marker that the client adds is not an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AddComment {
    /// What it belongs to.
    pub owner: Owner,
    /// Its text.
    pub message: String,
    /// The guest's own key of the effect.
    pub dedup_key: Option<String>,
}

/// `list-comments`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListComments {
    /// Whose.
    pub owner: Owner,
}

impl Write for AddComment {
    const OPERATION: Operation = Operation::write("thehive/comments.add-comment", Effect::Probe);
    type Target = Client;
    type Answer = Comment;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::AddComment(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::add_comment(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Comment>, Failure> {
        reconcile::add_comment(client, self, scopes, effect).await
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<Comment>, Error> {
        reconcile::added_comment(client, self, effect).await
    }
}

impl Read for ListComments {
    const OPERATION: Operation = Operation::read("thehive/comments.list-comments");
    type Target = Client;
    type Answer = Vec<Comment>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListComments(self))
    }

    async fn perform(&self, client: &Client, scopes: &Scopes) -> Result<Vec<Comment>, Error> {
        check::named_id("owner", owner::id(&self.owner))?;
        owner::admit(client, &self.owner, scopes).await?;
        let rows = client.comments(&self.owner).await?;
        Ok(rows.into_iter().map(CommentRow::into_comment).collect())
    }
}

change!(
    /// `update-comment`
    UpdateComment {
        /// The server's id.
        id: String,
        /// The new text.
        message: String,
    } = Keyed "thehive/comments.update-comment" -> (),
    check: check::update_comment, perform: reconcile::update_comment
);
