//! Which calls on shares, owners and access are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::shares::{Access, NewShare, Share, Shared};
use crate::thehive::types::ShareRow;
use crate::thehive::{check, reconcile};

ask!(
    /// `list-shares`
    ListShares {
        /// Of what.
        shared: Shared,
    } = "thehive/shares.list-shares" -> Vec<Share>,
    |call, client, _scopes| {
        check::shared(&call.shared)?;
        let rows = client.shares(&call.shared).await?;
        Ok(rows.into_iter().map(ShareRow::into_share).collect())
    }
);
change!(
    /// `add-shares`
    AddShares {
        /// The case's id.
        case_id: String,
        /// With whom.
        shares: Vec<NewShare>,
    } = Keyed "thehive/shares.add-shares" -> Vec<Share>,
    check: check::add_shares, perform: reconcile::add_shares
);
change!(
    /// `set-shares`
    SetShares {
        /// The case's id.
        case_id: String,
        /// With whom, and nobody else.
        shares: Vec<NewShare>,
    } = Keyed "thehive/shares.set-shares" -> Vec<Share>,
    check: check::set_shares, perform: reconcile::set_shares
);
change!(
    /// `share-with`
    ShareWith {
        /// What.
        shared: Shared,
        /// Names of the organisations.
        organisations: Vec<String>,
    } = Keyed "thehive/shares.share-with" -> (),
    check: check::share_with, perform: reconcile::share_with
);
change!(
    /// `remove-shares`
    RemoveShares {
        /// What.
        shared: Shared,
        /// Names of the organisations.
        organisations: Vec<String>,
    } = Keyed "thehive/shares.remove-shares" -> (),
    check: check::remove_shares, perform: reconcile::remove_shares
);
change!(
    /// `change-owner`
    ChangeOwner {
        /// The case's id.
        case_id: String,
        /// Name of the organisation that gets it.
        owner: String,
        /// Profile that the old owner keeps.
        keep_profile: Option<String>,
    } = Keyed "thehive/shares.change-owner" -> (),
    check: check::change_owner, perform: reconcile::change_owner
);
change!(
    /// `set-access`
    SetAccess {
        /// The case's id.
        case_id: String,
        /// Who may see it.
        access: Access,
    } = Keyed "thehive/shares.set-access" -> (),
    check: check::set_access, perform: reconcile::set_access
);
change!(
    /// `set-share-profile`
    SetShareProfile {
        /// The case's id.
        case_id: String,
        /// The organisation's name.
        other: String,
        /// Name of the profile.
        profile: String,
    } = Keyed "thehive/shares.set-share-profile" -> Share,
    check: check::set_share_profile, perform: reconcile::set_share_profile
);
