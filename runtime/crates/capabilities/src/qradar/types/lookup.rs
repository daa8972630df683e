//! What are the small objects that offenses refer to: types, addresses, rules, domains? (contract 3.3, 3.6)

use serde::Deserialize;

use super::wire::{cut, flag, id, number, text};
use crate::bindings::synapse::qradar::domains::Domain;
use crate::bindings::synapse::qradar::offenses::{Address, OffenseType};
use crate::bindings::synapse::qradar::rules::{Contribution, Rule};

/// Longest text kept, bytes.
const NAME_BYTES: usize = 1 << 10;

/// An object with a key.
pub trait Keyed {
    /// Its key; without one it is nothing.
    fn key(&self) -> Option<u64>;
}

macro_rules! keyed {
    ($($type:ident),*) => {
        $(impl Keyed for $type {
            fn key(&self) -> Option<u64> {
                id(self.id)
            }
        })*
    };
}

keyed!(WireType, WireAddress, WireRule, WireContribution, WireDomain);

/// An offense type on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireType {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    property_name: Option<String>,
    #[serde(deserialize_with = "flag")]
    custom: bool,
}

impl WireType {
    /// What is asked for.
    pub const FIELDS: &str = "id,name,property_name,custom";

    /// The type for a guest.
    pub fn into_wit(self) -> Option<OffenseType> {
        Some(OffenseType {
            id: self.key()?,
            name: name(self.name),
            property_name: name(self.property_name),
            custom: self.custom,
        })
    }
}

/// A source address or a local destination address on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireAddress {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    source_ip: Option<String>,
    #[serde(deserialize_with = "text")]
    local_destination_ip: Option<String>,
    #[serde(deserialize_with = "text")]
    network: Option<String>,
    #[serde(deserialize_with = "number")]
    domain_id: Option<i64>,
}

impl WireAddress {
    /// Its domain.
    pub fn domain(&self) -> Option<u64> {
        id(self.domain_id)
    }

    /// The address for a guest; one without an IP is none.
    pub fn into_wit(self) -> Option<Address> {
        let key = self.key()?;
        let ip = self
            .source_ip
            .or(self.local_destination_ip)
            .filter(|ip| !ip.is_empty())?;
        Some(Address {
            id: key,
            ip: cut(ip, 64),
            network: self.network.map(|text| cut(text, NAME_BYTES)),
        })
    }
}

/// A rule on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireRule {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(rename = "type", deserialize_with = "text")]
    kind: Option<String>,
    #[serde(deserialize_with = "flag")]
    enabled: bool,
    #[serde(deserialize_with = "text")]
    origin: Option<String>,
}

impl WireRule {
    /// What is asked for.
    pub const FIELDS: &str = "id,name,type,enabled,origin";

    /// The rule for a guest.
    pub fn into_wit(self) -> Option<Rule> {
        Some(Rule {
            id: self.key()?,
            name: name(self.name),
            type_: name(self.kind),
            enabled: self.enabled,
            origin: name(self.origin),
        })
    }
}

/// What a rule added to an offense, on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireContribution {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "number")]
    rule_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    rule_name: Option<String>,
    #[serde(deserialize_with = "number")]
    event_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    first_event: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_event: Option<i64>,
}

impl WireContribution {
    /// What is asked for.
    pub const FIELDS: &str = "id,rule_id,rule_name,event_count,first_event,last_event";

    /// The contribution for a guest.
    pub fn into_wit(self) -> Option<Contribution> {
        Some(Contribution {
            rule_id: id(self.rule_id)?,
            rule_name: name(self.rule_name),
            event_count: id(self.event_count).unwrap_or(0),
            first_event: id(self.first_event).filter(|time| *time > 0),
            last_event: id(self.last_event).filter(|time| *time > 0),
        })
    }
}

/// A domain on the wire. A token that is no administrator's sees only id and name (contract 3.6).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireDomain {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    description: Option<String>,
    #[serde(deserialize_with = "number")]
    tenant_id: Option<i64>,
    #[serde(deserialize_with = "flag")]
    deleted: bool,
}

impl WireDomain {
    /// What is asked for.
    pub const FIELDS: &str = "id,name,description,tenant_id,deleted";

    /// The domain for a guest.
    pub fn into_wit(self) -> Option<Domain> {
        Some(Domain {
            id: self.key()?,
            name: name(self.name),
            description: self
                .description
                .filter(|text| !text.is_empty())
                .map(|text| cut(text, NAME_BYTES)),
            tenant_id: id(self.tenant_id),
            deleted: self.deleted,
        })
    }
}

fn name(text: Option<String>) -> String {
    cut(text.unwrap_or_default(), NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_from_either_list_and_one_without_ip_is_left_out() {
        let read = |json: &str| serde_json::from_str::<WireAddress>(json).unwrap().into_wit();
        let local = read(r#"{"id":1,"local_destination_ip":"10.0.0.1","network":null,"domain_id":0}"#).unwrap();
        assert_eq!((local.id, local.ip.as_str(), local.network), (1, "10.0.0.1", None));
        assert_eq!(read(r#"{"id":2,"source_ip":"2001:db8::1"}"#).unwrap().ip, "2001:db8::1");
        assert_eq!(read(r#"{"id":3,"source_ip":null}"#), None);
    }

    #[test]
    fn a_domain_of_which_a_customers_token_sees_little_is_a_domain() {
        let domain = serde_json::from_str::<WireDomain>(r#"{"id":4,"name":"acme","deleted":null}"#).unwrap();
        assert_eq!(
            domain.into_wit(),
            Some(Domain {
                id: 4,
                name: "acme".to_owned(),
                description: None,
                tenant_id: None,
                deleted: false
            })
        );
    }
}
