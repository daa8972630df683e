//! Who are the users of the organisation (contract 1.3)?

use http::Method;

use super::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::thehive::query;
use crate::thehive::types::UserRow;

impl Client {
    /// The connection's own user.
    pub(in crate::thehive) async fn current_user(&self) -> Result<UserRow, Error> {
        self.major().await?;
        self.ask(&Request::new(Method::GET, ["api", "v1", "user", "current"]))
            .await
    }

    /// The users of the connection's organisation. A user who administrates the platform sees those of all organisations, so the
    /// answer is narrowed here (G9).
    pub(in crate::thehive) async fn users(&self) -> Result<Vec<UserRow>, Error> {
        let own = self.current_user().await?.organisation;
        let mut rows: Vec<UserRow> = self.all("list-users", query::users).await?;
        if let Some(organisation) = own {
            rows.retain(|row| row.belongs_to(&organisation));
        }
        Ok(rows)
    }
}
