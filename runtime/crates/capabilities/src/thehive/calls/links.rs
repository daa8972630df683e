//! Which calls on links between cases are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::links::{CaseLink, CaseLinks, Related, UrlLink};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::thehive::{check, owner, reconcile};

ask!(
    /// `list-links`
    ListLinks {
        /// The case's id.
        case_id: String,
    } = "thehive/links.list-links" -> CaseLinks,
    |call, client, _scopes| {
        check::named_id("case-id", &call.case_id)?;
        client.links(&call.case_id).await
    }
);
ask!(
    /// `link-kinds`
    LinkKinds {} = "thehive/links.link-kinds" -> Vec<String>,
    |_call, client, _scopes| client.link_kinds().await
);
ask!(
    /// `related-cases`
    RelatedCases {
        /// Of what.
        owner: Owner,
    } = "thehive/links.related-cases" -> Vec<Related>,
    |call, client, scopes| {
        check::named_id("owner", owner::id(&call.owner))?;
        owner::admit(client, &call.owner, scopes).await?;
        client.related(&call.owner).await
    }
);
change!(
    /// `link-case`
    LinkCase {
        /// The case's id.
        case_id: String,
        /// To where.
        link: CaseLink,
    } = Keyed "thehive/links.link-case" -> (),
    check: check::link_case, perform: reconcile::link_case
);
change!(
    /// `unlink-case`
    UnlinkCase {
        /// The case's id.
        case_id: String,
        /// To where.
        link: CaseLink,
    } = Keyed "thehive/links.unlink-case" -> (),
    check: check::unlink_case, perform: reconcile::unlink_case
);
change!(
    /// `link-url`
    LinkUrl {
        /// The case's id.
        case_id: String,
        /// To where.
        link: UrlLink,
    } = Keyed "thehive/links.link-url" -> (),
    check: check::link_url, perform: reconcile::link_url
);
change!(
    /// `unlink-url`
    UnlinkUrl {
        /// The case's id.
        case_id: String,
        /// To where.
        link: UrlLink,
    } = Keyed "thehive/links.unlink-url" -> (),
    check: check::unlink_url, perform: reconcile::unlink_url
);
