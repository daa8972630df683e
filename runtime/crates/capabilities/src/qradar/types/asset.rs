//! What are machines and log sources? (contract 3.6; times may be null or 0)

use serde::Deserialize;

use super::lookup::Keyed;
use super::wire::{cut, flag, id, list, number, text};
use crate::bindings::synapse::qradar::assets::{Asset, AssetAddress, AssetProperty};
use crate::bindings::synapse::qradar::log_sources::{Source, SourceType};

/// Longest text kept, bytes.
const NAME_BYTES: usize = 1 << 10;
/// Names, addresses, users and properties kept of one machine (WIT).
const PARTS: usize = 200;

macro_rules! wire {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $with:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(#[serde(deserialize_with = $with)] $field: $type,)*
        }
    };
}

wire!(
    /// A machine on the wire.
    WireAsset {
        id: Option<i64> = "number",
        domain_id: Option<i64> = "number",
        hostnames: Vec<WireName> = "list",
        interfaces: Vec<WireInterface> = "list",
        users: Vec<WireUser> = "list",
        properties: Vec<WireProperty> = "list",
        vulnerability_count: Option<i64> = "number",
        risk_score_sum: f64 = "float",
    }
);
wire!(
    /// A name of a machine.
    WireName { name: Option<String> = "text" }
);
wire!(
    /// An interface of a machine.
    WireInterface {
        mac_address: Option<String> = "text",
        ip_addresses: Vec<WireIp> = "list",
    }
);
wire!(
    /// An address of an interface.
    WireIp { value: Option<String> = "text" }
);
wire!(
    /// A user of a machine.
    WireUser { username: Option<String> = "text" }
);
wire!(
    /// A property of a machine.
    WireProperty {
        type_id: Option<i64> = "number",
        name: Option<String> = "text",
        value: Option<String> = "text",
    }
);
wire!(
    /// A log source on the wire.
    WireSource {
        id: Option<i64> = "number",
        name: Option<String> = "text",
        description: Option<String> = "text",
        type_id: Option<i64> = "number",
        enabled: bool = "flag",
        protocol_parameters: Vec<WireParameter> = "list",
        status: WireStatus = "status",
        last_event_time: Option<i64> = "number",
        creation_date: Option<i64> = "number",
        credibility: Option<i64> = "number",
    }
);
wire!(
    /// A parameter of a log source's protocol.
    WireParameter {
        name: Option<String> = "text",
        value: Option<String> = "text",
    }
);
wire!(
    /// How a log source does.
    WireStatus { status: Option<String> = "text" }
);
wire!(
    /// A kind of log source on the wire.
    WireSourceType {
        id: Option<i64> = "number",
        name: Option<String> = "text",
    }
);

/// A number with a fraction; anything else is 0.
fn float<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_f64().filter(|number| number.is_finite()).unwrap_or(0.0))
}

/// An object with a status; anything else has none.
fn status<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<WireStatus, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
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

keyed!(WireAsset, WireSource, WireSourceType);

impl WireAsset {
    /// What is asked for.
    pub const FIELDS: &str = "id,domain_id,hostnames(name),interfaces(mac_address,ip_addresses(value)),users(username),\
        properties(type_id,name,value),vulnerability_count,risk_score_sum";

    /// Its domain.
    pub fn domain(&self) -> Option<u64> {
        id(self.domain_id)
    }

    /// The machine for a guest.
    pub fn into_wit(self) -> Option<Asset> {
        let key = self.key()?;
        let addresses = self.interfaces.into_iter().flat_map(|interface| {
            let mac = interface.mac_address.and_then(|mac| some(Some(mac)));
            let of = move |ip: WireIp| {
                Some(AssetAddress {
                    ip: some(ip.value)?,
                    mac: mac.clone(),
                })
            };
            interface.ip_addresses.into_iter().filter_map(of)
        });
        let property = |property: WireProperty| {
            Some(AssetProperty {
                type_id: id(property.type_id)?,
                name: some(property.name).unwrap_or_default(),
                value: some(property.value).unwrap_or_default(),
            })
        };
        Some(Asset {
            id: key,
            domain_id: id(self.domain_id),
            addresses: addresses.take(PARTS).collect(),
            hostnames: parts(self.hostnames, |host| some(host.name)),
            users: parts(self.users, |user| some(user.username)),
            properties: parts(self.properties, property),
            vulnerability_count: id(self.vulnerability_count).unwrap_or(0),
            risk_score: self.risk_score_sum,
        })
    }
}

impl WireSource {
    /// What is asked for. No secrets are among it: their parameters come encrypted, and only to who asks for it.
    pub const FIELDS: &str = "id,name,description,type_id,enabled,protocol_parameters(name,value),status(status),last_event_time,\
        creation_date,credibility";

    /// The log source for a guest. Of the protocol's parameters only the identifier: others may hold names of accounts.
    pub fn into_wit(self) -> Option<Source> {
        let identifier = |parameter: WireParameter| {
            (parameter.name.as_deref() == Some("identifier"))
                .then(|| some(parameter.value))
                .flatten()
        };
        let moment = |time: Option<i64>| id(time).filter(|time| *time > 0);
        Some(Source {
            id: self.key()?,
            name: some(self.name).unwrap_or_default(),
            description: some(self.description),
            type_id: id(self.type_id).unwrap_or(0),
            enabled: self.enabled,
            identifier: self.protocol_parameters.into_iter().find_map(identifier),
            status: some(self.status.status),
            last_event_at: moment(self.last_event_time),
            created_at: moment(self.creation_date),
            credibility: u8::try_from(self.credibility.unwrap_or(0).clamp(0, 10)).unwrap_or(0),
        })
    }
}

impl WireSourceType {
    /// The type for a guest.
    pub fn into_wit(self) -> Option<SourceType> {
        Some(SourceType {
            id: self.key()?,
            name: some(self.name).unwrap_or_default(),
        })
    }
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| cut(text, NAME_BYTES))
}

fn parts<W, T>(all: Vec<W>, read: impl Fn(W) -> Option<T>) -> Vec<T> {
    all.into_iter().filter_map(read).take(PARTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: demisto/content, Packs/QRadar (MIT), cut.
    #[test]
    fn a_recorded_asset_is_read_and_one_of_nulls_too() {
        let json = r#"{"vulnerability_count":0,"interfaces":[{"mac_address":"Unknown NIC","ip_addresses":[{"network_id":2,"id":1901,
            "type":"IPV4","value":"192.0.2.7"}]}],"risk_score_sum":0.0,"hostnames":[{"last_seen_scanner":null,"name":"HOST-0001","id":1007,
            "type":"NETBIOS"}],"id":1007,"users":[{"id":1007,"username":"Administrator"}],"domain_id":0,
            "properties":[{"name":"Unified Name","type_id":1002,"id":1006,"value":"HOST-0001"}],"products":[]}"#;
        let asset = serde_json::from_str::<WireAsset>(json).unwrap().into_wit().unwrap();
        assert_eq!(
            (asset.id, asset.domain_id, asset.hostnames.as_slice()),
            (1007, Some(0), &["HOST-0001".to_owned()][..])
        );
        assert_eq!(asset.addresses[0].ip, "192.0.2.7");
        assert_eq!(
            (asset.users[0].as_str(), asset.properties[0].type_id),
            ("Administrator", 1002)
        );
        let bare = r#"{"id":1,"interfaces":null,"hostnames":null,"risk_score_sum":null,"domain_id":null,"users":"x"}"#;
        assert!(serde_json::from_str::<WireAsset>(bare).unwrap().into_wit().is_some());
    }

    #[test]
    fn of_a_log_sources_parameters_only_the_identifier_is_handed_out() {
        let json = r#"{"id":63,"name":"CRE","enabled":true,"type_id":18,"credibility":8,"last_event_time":0,
            "protocol_parameters":[{"name":"password","id":1,"value":"x"},{"name":"identifier","id":0,"value":"192.0.2.76"}],
            "status":{"last_updated":0,"messages":[],"status":"ERROR"}}"#;
        let source = serde_json::from_str::<WireSource>(json).unwrap().into_wit().unwrap();
        assert_eq!(source.identifier.as_deref(), Some("192.0.2.76"));
        assert_eq!((source.status.as_deref(), source.last_event_at), (Some("ERROR"), None));
    }
}
