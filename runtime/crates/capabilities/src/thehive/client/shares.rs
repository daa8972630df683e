//! How is asked and said who sees a case, task or observable (contract 2.10)?

use http::Method;
use serde::Serialize;
use tokio::time::Instant;

use super::{Client, json, not_sent};
use crate::bindings::synapse::thehive::shares::{Access, NewShare, Shared};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::types::{self, OwnerBody, ShareRow};

/// `InputCreateShare` and `InputRemoveShares`
#[derive(Serialize)]
struct Organisations<'a> {
    organisations: &'a [String],
}

impl Client {
    /// The shares of a case, task or observable.
    pub(in crate::thehive) async fn shares(&self, shared: &Shared) -> Result<Vec<ShareRow>, Error> {
        self.major().await?;
        self.ask(&Request::new(Method::GET, path(shared))).await
    }

    /// Shares a case with these organisations (`POST`), or with these and no others (`PUT`).
    pub(in crate::thehive) async fn share_case(
        &self,
        method: Method,
        case: &str,
        shares: &[NewShare],
        start: Instant,
    ) -> Result<Vec<ShareRow>, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = json(&types::new_shares(shares)).map_err(not_sent)?;
        let request = Request::new(method, ["api", "v1", "case", case, "shares"]).json(body);
        self.make(request, start).await
    }

    /// Shares a task or observable with these organisations (`POST`), or takes it from them (`DELETE`, with a body).
    pub(in crate::thehive) async fn change_shares(
        &self,
        method: Method,
        shared: &Shared,
        organisations: &[String],
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&Organisations { organisations }).map_err(not_sent)?;
        self.tell(Request::new(method, path(shared)).json(body), start).await
    }

    /// Takes cases from organisations, by the ids of the shares.
    pub(in crate::thehive) async fn remove_case_shares(&self, ids: &[&str], start: Instant) -> Result<(), Failure> {
        let body = json(&serde_json::json!({"ids": ids})).map_err(not_sent)?;
        let request = Request::new(Method::DELETE, ["api", "v1", "case", "shares"]).json(body);
        self.tell(request, start).await
    }

    /// Sets the profile of a share of a case.
    pub(in crate::thehive) async fn set_share_profile(
        &self,
        share: &str,
        profile: &str,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&serde_json::json!({"profile": profile})).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "case", "share", share]).json(body);
        self.tell(request, start).await
    }

    /// Gives a case to another organisation.
    pub(in crate::thehive) async fn change_owner(
        &self,
        case: &str,
        body: &OwnerBody<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(body).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "case", case, "owner"]).json(body);
        self.tell(request, start).await
    }

    /// Says who may see a case.
    pub(in crate::thehive) async fn set_access(
        &self,
        case: &str,
        access: &Access,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&types::access(access)).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "case", case, "access"]).json(body);
        self.tell(request, start).await
    }
}

fn path(shared: &Shared) -> [&str; 5] {
    match shared {
        Shared::Case(id) => ["api", "v1", "case", id, "shares"],
        Shared::Task(id) => ["api", "v1", "task", id, "shares"],
        Shared::Observable(id) => ["api", "v1", "observable", id, "shares"],
    }
}
