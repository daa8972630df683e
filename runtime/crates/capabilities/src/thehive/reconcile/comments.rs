//! Was this comment written, and was it us (contract section 7)?

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::looked;
use crate::bindings::synapse::thehive::comments::Comment;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::AddComment;
use crate::thehive::client::Client;
use crate::thehive::{owner, types};

/// Sends a new comment.
pub async fn add_comment(
    client: &Client,
    call: &AddComment,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Comment>, Failure> {
    let start = Instant::now();
    owner::admit(client, &call.owner, scopes)
        .await
        .map_err(|error| looked(effect, error))?;
    let row = client
        .create_comment(&call.owner, &call.message, &effect.marker(), start)
        .await?;
    Ok(Done {
        answer: row.into_comment(),
        how: How::Performed,
    })
}

/// The comment that this effect wrote.
pub async fn added_comment(client: &Client, call: &AddComment, effect: &EffectId) -> Result<Option<Comment>, Error> {
    let row = client.marked_comment(&call.owner, &effect.marker()).await?;
    Ok(row.map(types::CommentRow::into_comment))
}
