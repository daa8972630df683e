//! How are comments asked for and made (contract 2.6)?

use http::Method;
use tokio::time::Instant;

use super::{Client, asking, json, not_sent, unknown};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::owner::{parent, path};
use crate::thehive::query::{self, Child, Order, children};
use crate::thehive::types::{self, CommentBody, CommentRow};

impl Client {
    /// All comments, oldest first.
    pub(in crate::thehive) async fn comments(&self, owner: &Owner) -> Result<Vec<CommentRow>, Error> {
        let query = |from, to| children(parent(owner), Child::Comments, Order::AsTheyCome, from, to);
        let mut rows: Vec<CommentRow> = self.all("list-comments", query).await?;
        rows.sort_by_key(|row| row.created_at);
        Ok(rows)
    }

    /// The comment with this marker.
    pub(in crate::thehive) async fn marked_comment(
        &self,
        owner: &Owner,
        marker: &str,
    ) -> Result<Option<CommentRow>, Error> {
        let query = |from, to| children(parent(owner), Child::Comments, Order::AsTheyCome, from, to);
        let wanted = |row: &CommentRow| types::carries(&row.message, marker);
        self.first("marked-comment", query, wanted).await
    }

    /// One comment: there is no route for it (contract 2.6).
    pub(in crate::thehive) async fn comment(&self, id: &str) -> Result<CommentRow, Error> {
        self.major().await?;
        let rows: Vec<CommentRow> = self
            .ask(&asking("get-comment", &query::linked("getComment", id, None, None))?)
            .await?;
        rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
    }

    /// Replaces a comment's text.
    pub(in crate::thehive) async fn update_comment(
        &self,
        id: &str,
        message: String,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&CommentBody { message }).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "comment", id]).json(body);
        self.tell(request, start).await
    }

    /// Sends a new comment with its marker.
    pub(in crate::thehive) async fn create_comment(
        &self,
        owner: &Owner,
        message: &str,
        marker: &str,
        start: Instant,
    ) -> Result<CommentRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = CommentBody {
            message: types::mark(message, marker),
        };
        let request = Request::new(Method::POST, path(owner, "comment")).json(json(&body).map_err(not_sent)?);
        let row: CommentRow = self.make(request, start).await?;
        if types::carries(&row.message, marker) {
            Ok(row)
        } else {
            Err(unknown(types::inconsistent("another comment than the one sent")))
        }
    }
}
