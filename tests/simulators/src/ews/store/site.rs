//! What is the whole simulated server? Its settings, accounts and mailboxes.

use super::{mailbox::Mailbox, quirk::Quirks};
use crate::{
    ews::{ids::Store, refusal::Refusal},
    ntlm::Guard,
};
use serde::{Deserialize, Serialize};

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// `Authorization: Basic` with every request.
    #[default]
    Basic,
    /// NTLM, once per connection.
    Ntlm,
    /// Both, as the client likes.
    Any,
}

/// What the server is like.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How clients log in.
    pub auth: Auth,
    /// The domain of NTLM logins, beside that of the login name itself.
    pub ntlm_domain: String,
    /// NTLM logins must be meant for the TLS channel (Extended Protection, required); needs TLS.
    pub channel_binding: bool,
    /// The highest `RequestServerVersion` that is taken; later ones are refused.
    pub highest_version: String,
    /// Whether `item:TextBody` is known; servers before 2013 do not know it.
    pub text_body: bool,
    /// Most items of one FindItem without a restriction (contract section 2).
    pub find_limit: usize,
    /// Most items of one FindItem with a restriction.
    pub restricted_find_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auth: Auth::Basic,
            ntlm_domain: "SIM".to_owned(),
            channel_binding: false,
            highest_version: "V2017_07_11".to_owned(),
            text_body: true,
            find_limit: 1000,
            restricted_find_limit: 250,
        }
    }
}

/// Who may log in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Login name; with NTLM without the domain.
    pub user: String,
    /// Password.
    pub password: String,
    /// Mailboxes it may impersonate; `*` = all.
    #[serde(default)]
    pub impersonates: Vec<String>,
}

/// The server.
#[derive(Clone, Default)]
pub struct Site {
    /// What it is like.
    pub settings: Settings,
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// Which connections they are logged in on, where NTLM is taken.
    pub guard: Option<Guard>,
    /// The mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// How it goes wrong.
    pub quirks: Quirks,
}

impl Site {
    /// An account by its login name, any case.
    pub fn account(&self, user: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.user.eq_ignore_ascii_case(user))
    }

    /// The place of a mailbox by its address, any case. Errors: `ErrorNonExistentMailbox`.
    pub fn at_address(&self, address: &str) -> Result<usize, Refusal> {
        self.mailboxes
            .iter()
            .position(|mailbox| mailbox.address.eq_ignore_ascii_case(address))
            .ok_or_else(|| Refusal::of("ErrorNonExistentMailbox"))
    }

    /// The place of a mailbox by its bytes in ids.
    pub fn at_store(&self, store: Store) -> Option<usize> {
        self.mailboxes.iter().position(|mailbox| mailbox.store() == store)
    }

    /// The place of the mailbox that belongs to an account.
    pub fn owned_by(&self, user: &str) -> Option<usize> {
        self.mailboxes.iter().position(|mailbox| {
            mailbox
                .owner
                .as_deref()
                .is_some_and(|owner| owner.eq_ignore_ascii_case(user))
        })
    }
}
