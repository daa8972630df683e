//! How does the state JSON become a server? Unknown keys are errors, so that typos do not pass.

use super::{
    deliver::Message,
    mailbox::Mailbox,
    quirk::Quirk,
    site::{Account, Settings, Site},
};
use crate::ews::{login, versions};
use serde::Deserialize;
use serde_json::Value;

/// The state; every key may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct State {
    /// Free text, ignored.
    #[serde(rename = "comment")]
    _comment: Value,
    settings: Settings,
    /// Accounts without a mailbox, such as service accounts.
    accounts: Vec<Account>,
    mailboxes: Vec<Given>,
    quirks: Vec<Quirk>,
}

/// A mailbox with its owner's account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    address: String,
    #[serde(default)]
    name: Option<String>,
    /// Login name of the owner; default the address.
    #[serde(default)]
    owner: Option<String>,
    /// The owner's password; without one nobody owns it (a shared mailbox).
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    delegates: Vec<String>,
    /// Accounts and addresses that may read everything and change nothing.
    #[serde(default)]
    readers: Vec<String>,
    /// Folders to make, as paths.
    #[serde(default)]
    folders: Vec<String>,
    #[serde(default)]
    messages: Vec<Message>,
}

/// The state without a state: one mailbox, `soc@example.org` with the password `secret`.
fn default_state() -> Value {
    serde_json::json!({"mailboxes": [{"address": "soc@example.org", "name": "SOC", "password": "secret"}]})
}

/// Builds the server; null is the default state. `certificate` is that of the server (DER), if it has one. The error names the mailbox and message that do not fit.
pub fn load(state: Value, now_ms: i64, certificate: Option<&[u8]>) -> Result<Site, String> {
    let state = if state.is_null() { default_state() } else { state };
    let state: State = serde_json::from_value(state).map_err(|error| format!("EWS state: {error}"))?;
    let mut site = Site {
        settings: state.settings,
        accounts: state.accounts,
        ..Site::default()
    };
    if versions::rank(&site.settings.highest_version).is_none() {
        return Err(format!(
            "settings.highest_version {:?} is no version",
            site.settings.highest_version
        ));
    }
    for given in state.mailboxes {
        add(&mut site, given, now_ms)?;
    }
    site.guard = login::guard(&site.settings, &site.accounts, certificate)?;
    for quirk in state.quirks {
        site.quirks.add(quirk)?;
    }
    Ok(site)
}

fn add(site: &mut Site, given: Given, now_ms: i64) -> Result<(), String> {
    let address = given.address;
    if site.at_address(&address).is_ok() {
        return Err(format!("mailbox {address} is there twice"));
    }
    let owner = given.owner.unwrap_or_else(|| address.clone());
    let owner = match given.password {
        Some(password) if site.account(&owner).is_none() => {
            site.accounts.push(Account {
                user: owner.clone(),
                password,
                impersonates: Vec::new(),
            });
            Some(owner)
        }
        Some(_) => return Err(format!("mailbox {address}: account {owner} is there twice")),
        None => site.account(&owner).is_some().then_some(owner),
    };
    let name = given.name.unwrap_or_else(|| address.clone());
    let mut mailbox = Mailbox::new(&address, &name, owner, given.delegates);
    mailbox.readers = given.readers;
    for folder in given.folders {
        mailbox
            .folder_at(&folder)
            .map_err(|refusal| format!("{address}: {}", refusal.text))?;
    }
    for (at, message) in given.messages.into_iter().enumerate() {
        let delivered = message.deliver(&mut mailbox, now_ms);
        delivered.map_err(|error| format!("{address}: messages[{at}]: {error}"))?;
    }
    site.mailboxes.push(mailbox);
    Ok(())
}
