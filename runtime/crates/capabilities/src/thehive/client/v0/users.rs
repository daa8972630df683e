//! Who are the users of 3 and 4 (contract 1.3)?

use super::V0;
use super::search::Search;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::types::UserRow;
use crate::thehive::types::v0::Kind;

/// Longest list that guests get.
const LIST: usize = 1_000;

impl V0<'_> {
    /// The connection's own user.
    pub async fn current_user(self) -> Result<UserRow, Error> {
        self.get(Kind::User, &["user", "current"]).await
    }

    /// The users of the connection's organisation; on 3, which has none, of the server.
    pub async fn users(self) -> Result<Vec<UserRow>, Error> {
        let search = Search {
            path: &["user"],
            kind: Kind::User,
            filter: serde_json::json!({}),
            sort: "createdAt",
        };
        let own = self.current_user().await?.organisation;
        let mut rows: Vec<UserRow> = self.list(&search, LIST).await?;
        rows.retain(|row| own.as_deref().is_none_or(|own| row.belongs_to(own)));
        Ok(rows)
    }
}
