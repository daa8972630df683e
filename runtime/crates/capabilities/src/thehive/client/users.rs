//! Who are the users of the organisation (contract 1.3)?

use http::Method;
use tokio::time::Instant;

use super::{Client, json, not_sent, unknown};
use crate::bindings::synapse::thehive::users::NewUser;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::{Certainty, Failure};
use crate::thehive::query;
use crate::thehive::types::{self, UserRow};

impl Client {
    /// The connection's own user.
    pub(in crate::thehive) async fn current_user(&self) -> Result<UserRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.current_user().await;
        }
        self.ask(&Request::new(Method::GET, ["api", "v1", "user", "current"]))
            .await
    }

    /// A user of the connection's organisation, by login. One of another organisation does not exist here (G9).
    pub(in crate::thehive) async fn user(&self, login: &str) -> Result<UserRow, Error> {
        let own = self.current_user().await?.organisation;
        let row: UserRow = self
            .ask(&Request::new(Method::GET, ["api", "v1", "user", login]))
            .await?;
        if row.login != login {
            return Err(types::inconsistent("another user than the one asked for"));
        }
        match own {
            Some(organisation) if !row.belongs_to(&organisation) => Err(Error::NotFound),
            _ => Ok(row),
        }
    }

    /// Makes a user of the connection's organisation. Whoever has the login already is answered as if they were new: then there is one.
    pub(in crate::thehive) async fn create_user(&self, user: &NewUser, start: Instant) -> Result<UserRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let own = self.current_user().await.map_err(not_sent)?.organisation;
        let body = serde_json::json!({
            "login": user.login, "name": user.name, "profile": user.profile, "organisation": own,
        });
        let request = Request::new(Method::POST, ["api", "v1", "user"]).json(json(&body).map_err(not_sent)?);
        let row: UserRow = self.make(request, start).await?;
        if row.login != user.login {
            return Err(unknown(types::inconsistent("another user than the one sent")));
        }
        if row.is_as_asked(user) && own.is_none_or(|own| row.belongs_to(&own)) {
            return Ok(row);
        }
        Err(Failure {
            error: Error::AlreadyExists(row.login),
            certainty: Certainty::Refused,
        })
    }

    /// Locks a user out, or lets them in again.
    pub(in crate::thehive) async fn set_locked(
        &self,
        login: &str,
        is_locked: bool,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&serde_json::json!({"locked": is_locked})).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "user", login]).json(body);
        self.tell(request, start).await
    }

    /// The users of the connection's organisation. A user who administrates the platform sees those of all organisations, so the
    /// answer is narrowed here (G9).
    pub(in crate::thehive) async fn users(&self) -> Result<Vec<UserRow>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.users().await;
        }
        let own = self.current_user().await?.organisation;
        let mut rows: Vec<UserRow> = self.all("list-users", query::users).await?;
        if let Some(organisation) = own {
            rows.retain(|row| row.belongs_to(&organisation));
        }
        Ok(rows)
    }
}
