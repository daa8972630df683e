//! How is asked and said what cases have to do with each other (contract 2.2)?

use http::Method;
use serde::Serialize;
use tokio::time::Instant;

use super::{Client, asking, json, not_sent};
use crate::bindings::synapse::thehive::links::{CaseLink, CaseLinks, Related, UrlLink};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query;
use crate::thehive::types::{CaseLinkBody, CaseRow, LinkedRow, LinksRow, UrlLinkBody};

/// Related cases of one answer.
const RELATED: usize = 100;

/// Made or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::thehive) enum Change {
    Add,
    Remove,
}

impl Client {
    /// The links of a case.
    pub(in crate::thehive) async fn links(&self, case: &str) -> Result<CaseLinks, Error> {
        self.major().await?;
        let query = query::linked("getCase", case, None, Some("links"));
        let rows: Vec<LinksRow> = self.ask(&asking("list-links", &query)?).await?;
        rows.into_iter().next().map(LinksRow::into_links).ok_or(Error::NotFound)
    }

    /// The kinds of links in use.
    pub(in crate::thehive) async fn link_kinds(&self) -> Result<Vec<String>, Error> {
        self.major().await?;
        self.ask(&Request::new(Method::GET, ["api", "v1", "case", "link", "types"]))
            .await
    }

    /// The cases that have an observable in common with this one.
    pub(in crate::thehive) async fn related(&self, owner: &Owner) -> Result<Vec<Related>, Error> {
        self.major().await?;
        let rows: Vec<LinkedRow> = match owner {
            Owner::Case(id) => {
                let path = ["api", "v1", "case", id.as_str(), "links"];
                self.ask(&Request::new(Method::GET, path)).await?
            }
            Owner::Alert(id) => {
                // A case comes once for each observable that it shares.
                let query = query::related(id, RELATED.saturating_mul(10));
                let rows: Vec<CaseRow> = self.ask(&asking("related-cases", &query)?).await?;
                let mut unique: Vec<CaseRow> = Vec::new();
                for row in rows {
                    if !unique.iter().any(|known| known.id == row.id) {
                        unique.push(row);
                    }
                }
                let alone = |case| LinkedRow {
                    case,
                    links_count: None,
                };
                unique.into_iter().map(alone).collect()
            }
        };
        let related = |row: LinkedRow| {
            Ok(Related {
                case: self.shown_case(row.case)?,
                shared: row.links_count,
            })
        };
        rows.into_iter().take(RELATED).map(related).collect()
    }

    /// Links a case to another one, or takes the link away.
    pub(in crate::thehive) async fn change_case_link(
        &self,
        change: Change,
        case: &str,
        link: &CaseLink,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = CaseLinkBody {
            kind: link.kind.clone(),
            case_id: link.case_id.clone(),
        };
        self.change_link("case", change, case, &body, start).await
    }

    /// Links a case to a page elsewhere, or takes the link away.
    pub(in crate::thehive) async fn change_url_link(
        &self,
        change: Change,
        case: &str,
        link: &UrlLink,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = UrlLinkBody {
            kind: link.kind.clone(),
            url: link.url.clone(),
        };
        self.change_link("external", change, case, &body, start).await
    }

    async fn change_link<B: Serialize>(
        &self,
        what: &str,
        change: Change,
        case: &str,
        body: &B,
        start: Instant,
    ) -> Result<(), Failure> {
        let verb = match change {
            Change::Add => "add",
            Change::Remove => "remove",
        };
        let path = ["api", "v1", "case", case, "link", what, verb];
        let request = Request::new(Method::POST, path).json(json(body).map_err(not_sent)?);
        self.tell(request, start).await
    }
}
