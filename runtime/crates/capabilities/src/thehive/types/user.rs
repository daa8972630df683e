//! How does TheHive spell a user (contract 1.3)?

use serde::Deserialize;

use crate::bindings::synapse::thehive::users::{NewUser, User};

/// `OutputUser`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
pub struct UserRow {
    pub login: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub locked: bool,
    #[serde(default)]
    pub profile: String,
    /// What the user may do in that organisation (5).
    #[serde(default)]
    pub permissions: Vec<String>,
    /// What the user may do, roughly (3, 4).
    #[serde(default)]
    pub roles: Vec<String>,
    /// The organisation that the request was made in.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Every organisation that the asking user may know of.
    #[serde(default)]
    pub organisations: Vec<MembershipRow>,
}

/// `OutputOrganisationProfile`
#[derive(Debug, Clone, Deserialize)]
pub struct MembershipRow {
    pub organisation: String,
}

impl UserRow {
    /// Does the user belong to this organisation, as far as the server says?
    pub fn belongs_to(&self, organisation: &str) -> bool {
        let told = self.organisation.iter().map(String::as_str);
        let mut told = told
            .chain(self.organisations.iter().map(|member| member.organisation.as_str()))
            .peekable();
        told.peek().is_none() || told.any(|name| name == organisation)
    }

    /// Is it the user that was asked for?
    pub fn is_as_asked(&self, new: &NewUser) -> bool {
        self.login == new.login && self.name == new.name && self.profile == new.profile
    }

    /// As guests see it.
    pub fn into_user(self) -> User {
        User {
            login: self.login,
            name: self.name,
            email: self.email,
            locked: self.locked,
            profile: self.profile,
        }
    }
}
