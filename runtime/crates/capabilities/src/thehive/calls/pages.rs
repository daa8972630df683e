//! Which calls on pages of cases are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::pages::{NewPage, Page, PagePatch};
use crate::thehive::types::PageRow;
use crate::thehive::{check, reconcile};

ask!(
    /// `list-pages`
    ListPages {
        /// The case's id.
        case_id: String,
    } = "thehive/pages.list-pages" -> Vec<Page>,
    |call, client, _scopes| {
        check::named_id("case-id", &call.case_id)?;
        let rows = client.pages(&call.case_id).await?;
        Ok(rows.into_iter().map(PageRow::into_page).collect())
    }
);
change!(
    /// `create-page`. The marker that the client adds is not an argument.
    CreatePage {
        /// What the guest asks for.
        page: NewPage,
    } = Probe "thehive/pages.create-page" -> Page,
    check: check::create_page, perform: reconcile::create_page, probe: reconcile::created_page, key: page.dedup_key
);
change!(
    /// `update-page`
    UpdatePage {
        /// The case's id.
        case_id: String,
        /// The server's id.
        id: String,
        /// Absolute values.
        patch: PagePatch,
    } = Keyed "thehive/pages.update-page" -> Page,
    check: check::update_page, perform: reconcile::update_page
);
