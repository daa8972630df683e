//! How does TheHive spell shares, owners and access (contract 2.10)?

use serde::{Deserialize, Serialize};

use crate::bindings::synapse::thehive::shares::{Access, NewShare, Share};

/// `InputCreateShares`
#[derive(Debug, Serialize)]
pub struct SharesBody<'a> {
    shares: Vec<ShareBody<'a>>,
}

/// `InputShare`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShareBody<'a> {
    organisation: &'a str,
    share: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observable_rule: Option<&'a str>,
}

/// `InputChangeCaseOwnership`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerBody<'a> {
    pub organisation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_profile: Option<&'a str>,
}

/// `InputManageCaseAccess`
#[derive(Debug, Serialize)]
pub struct AccessBody<'a> {
    access: Who<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "_kind")]
enum Who<'a> {
    #[serde(rename = "OrganisationAccessKind")]
    Organisation,
    #[serde(rename = "UserAccessKind")]
    Users { users: &'a [String] },
    #[serde(rename = "AllExternalAccessKind")]
    AllExternal,
    #[serde(rename = "ExternalAccessKind")]
    External { users: &'a [String] },
}

/// `OutputShare`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub organisation_name: String,
    #[serde(default)]
    pub profile_name: String,
    #[serde(default)]
    pub owner: bool,
    #[serde(default)]
    pub task_rule: String,
    #[serde(default)]
    pub observable_rule: String,
}

impl ShareRow {
    /// As guests see it.
    pub fn into_share(self) -> Share {
        Share {
            id: self.id,
            organisation: self.organisation_name,
            profile: self.profile_name,
            owner: self.owner,
            task_rule: self.task_rule,
            observable_rule: self.observable_rule,
        }
    }
}

/// The body that makes shares.
pub fn new_shares(shares: &[NewShare]) -> SharesBody<'_> {
    let bodies = shares.iter().map(|share| ShareBody {
        organisation: &share.organisation,
        share: true,
        profile: share.profile.as_deref(),
        task_rule: share.rules.tasks.as_deref(),
        observable_rule: share.rules.observables.as_deref(),
    });
    SharesBody {
        shares: bodies.collect(),
    }
}

/// The body that says who may see a case.
pub fn access(access: &Access) -> AccessBody<'_> {
    let access = match access {
        Access::Organisation => Who::Organisation,
        Access::Users(users) => Who::Users { users },
        Access::AllExternal => Who::AllExternal,
        Access::External(users) => Who::External { users },
    };
    AccessBody { access }
}
