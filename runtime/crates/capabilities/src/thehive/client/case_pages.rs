//! How are pages of cases asked for, written and changed (contract 2.10)?

use http::Method;
use tokio::time::Instant;

use super::{Client, json, not_sent, unknown};
use crate::bindings::synapse::thehive::pages::NewPage;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{Child, Order, Parent, children};
use crate::thehive::types::{self, PageBody, PageRow};

/// Pages that guests get.
const PAGES: usize = 100;

impl Client {
    /// The pages of a case, oldest first.
    pub(in crate::thehive) async fn pages(&self, case: &str) -> Result<Vec<PageRow>, Error> {
        let query = |rows| children(Parent::Case(case), Child::Pages, Order::OldestFirst, 0, rows);
        Ok(self.some("list-pages", PAGES, query).await?.0)
    }

    /// One page of a case: there is no route for it.
    pub(in crate::thehive) async fn page_of(&self, case: &str, id: &str) -> Result<PageRow, Error> {
        let query = |from, to| children(Parent::Case(case), Child::Pages, Order::OldestFirst, from, to);
        let found = self.first("get-page", query, |row: &PageRow| row.id == id).await?;
        found.ok_or(Error::NotFound)
    }

    /// The page with this marker.
    pub(in crate::thehive) async fn marked_page(&self, case: &str, marker: &str) -> Result<Option<PageRow>, Error> {
        let query = |from, to| children(Parent::Case(case), Child::Pages, Order::NewestFirst, from, to);
        self.first("marked-page", query, |row: &PageRow| {
            types::carries(&row.content, marker)
        })
        .await
    }

    /// Writes a page with its marker.
    pub(in crate::thehive) async fn create_page(
        &self,
        page: &NewPage,
        marker: &str,
        start: Instant,
    ) -> Result<PageRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = PageBody {
            title: Some(&page.title),
            category: Some(&page.category),
            content: Some(types::mark(&page.content, marker)),
        };
        let path = ["api", "v1", "case", page.case_id.as_str(), "page"];
        let request = Request::new(Method::POST, path).json(json(&body).map_err(not_sent)?);
        let row: PageRow = self.make(request, start).await?;
        if types::carries(&row.content, marker) {
            Ok(row)
        } else {
            Err(unknown(types::inconsistent("another page than the one sent")))
        }
    }

    /// Sets fields of a page.
    pub(in crate::thehive) async fn update_page(
        &self,
        case: &str,
        id: &str,
        body: &PageBody<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(body).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "case", case, "page", id]).json(body);
        self.tell(request, start).await
    }
}
