//! What is an offense's source: an address, a user, a host?

use synapse_guest::qradar::{Offense, OffenseType};

use crate::cidr;

/// The source as an observable: its type and value. Nothing for sources that only make sense as text (an event name, a rule).
pub fn observable(offense: &Offense, known: Option<&OffenseType>) -> Option<(String, String)> {
    let value = offense.offense_source.as_deref()?.trim();
    if value.is_empty() || value == "null" {
        return None;
    }
    let data_type = match property(offense, known).to_ascii_lowercase().as_str() {
        "sourceip" | "destinationip" | "sourceipv6" | "destinationipv6" | "sourcev6" | "destinationv6"
        | "identityip" => {
            return Some(("ip".to_owned(), cidr::address(value)?.to_string()));
        }
        "username" => "username",
        "hostname" => "hostname",
        "sourcemac" | "destinationmac" | "mac" => "mac",
        "sourceport" | "destinationport" => "port",
        "sourceasn" | "destinationasn" => "autonomous-system",
        "qid" | "eventname" | "logsource" | "logsourceid" | "rule" | "ruleid" | "appid" | "applicationid"
        | "scheduledsearch" => {
            return None;
        }
        other => return Some(by_value(value, other)),
    };
    Some((data_type.to_owned(), value.to_owned()))
}

/// The property's name for programs. Some consoles list no types at all, not even those in use (contract qradar.md 3.3); these
/// two numbers are the same everywhere.
fn property(offense: &Offense, known: Option<&OffenseType>) -> String {
    match (known, offense.offense_type) {
        (Some(known), _) => known.property_name.replace([' ', '_', '-'], ""),
        (None, 0) => "sourceip".to_owned(),
        (None, 3) => "username".to_owned(),
        (None, id) => format!("offense-type-{id}"),
    }
}

/// A custom property's value tells what it is; where it does not, it is of a type of its own.
fn by_value(value: &str, property: &str) -> (String, String) {
    if let Some(address) = cidr::address(value) {
        return ("ip".to_owned(), address.to_string());
    }
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has = |part| value.contains(part);
    let data_type = if has("://") {
        "url"
    } else if hex && matches!(value.len(), 32 | 40 | 64 | 128) {
        "hash"
    } else if value
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        && !has(" ")
    {
        "mail"
    } else {
        property
    };
    (data_type.to_owned(), value.to_owned())
}

/// What the source is, for people.
pub fn label(offense: &Offense, known: Option<&OffenseType>) -> String {
    match (known, offense.offense_type) {
        (Some(known), _) => known.name.clone(),
        (None, 0) => "Source IP".to_owned(),
        (None, 3) => "Username".to_owned(),
        (None, id) => format!("offense type {id}"),
    }
}
