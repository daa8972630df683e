//! Which columns does the `events` table have?

use std::collections::HashMap;

use serde_json::{Map, Value};

/// What a column holds when an event does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// null
    Null,
    /// 0
    Zero,
    /// 1
    One,
    /// `0.0.0.0`
    NoIp,
    /// `00:00:00:00:00:00`
    NoMac,
    /// `0:0:0:0:0:0:0:0`
    NoIpv6,
    /// raw bytes; unusable as text without UTF8()
    Bytes,
}

/// The documented columns of contract 4 and of the recorded results, in their usual spelling.
const COLUMNS: [(&str, Empty); 47] = [
    ("qid", Empty::Zero),
    ("qidname", Empty::Null),
    ("qiddescription", Empty::Null),
    ("logsourceid", Empty::Zero),
    ("logsourcename", Empty::Null),
    ("devicetype", Empty::Zero),
    ("logsourcetypename", Empty::Null),
    ("category", Empty::Zero),
    ("categoryname", Empty::Null),
    ("highlevelcategory", Empty::Zero),
    ("highlevelcategoryname", Empty::Null),
    ("protocolid", Empty::Zero),
    ("protocolname", Empty::Null),
    ("creEventList", Empty::Null),
    ("rulenames", Empty::Null),
    ("starttime", Empty::Zero),
    ("endtime", Empty::Zero),
    ("devicetime", Empty::Zero),
    ("storagetime", Empty::Zero),
    ("sourceip", Empty::NoIp),
    ("sourceport", Empty::Zero),
    ("sourcev6", Empty::NoIpv6),
    ("sourceMAC", Empty::NoMac),
    ("sourcegeographiclocation", Empty::Null),
    ("destinationip", Empty::NoIp),
    ("destinationport", Empty::Zero),
    ("destinationv6", Empty::NoIpv6),
    ("destinationMAC", Empty::NoMac),
    ("destinationgeographiclocation", Empty::Null),
    ("identityip", Empty::NoIp),
    ("identityhostname", Empty::Null),
    ("username", Empty::Null),
    ("eventcount", Empty::One),
    ("eventDirection", Empty::Null),
    ("credibility", Empty::Zero),
    ("severity", Empty::Zero),
    ("relevance", Empty::Zero),
    ("magnitude", Empty::Zero),
    ("payload", Empty::Bytes),
    ("domainid", Empty::Zero),
    ("postNatDestinationIP", Empty::NoIp),
    ("postNatDestinationPort", Empty::Zero),
    ("postNatSourceIP", Empty::NoIp),
    ("postNatSourcePort", Empty::Zero),
    ("preNatDestinationPort", Empty::Zero),
    ("preNatSourceIP", Empty::NoIp),
    ("preNatSourcePort", Empty::Zero),
];

impl Empty {
    fn value(self) -> Value {
        match self {
            Self::Null | Self::Bytes => Value::Null,
            Self::Zero => Value::from(0),
            Self::One => Value::from(1),
            Self::NoIp => Value::from("0.0.0.0"),
            Self::NoMac => Value::from("00:00:00:00:00:00"),
            Self::NoIpv6 => Value::from("0:0:0:0:0:0:0:0"),
        }
    }
}

/// Columns by lower-case name: the documented ones, and custom properties found in loaded events.
#[derive(Debug, Clone)]
pub struct Catalog {
    columns: HashMap<String, (String, Empty)>,
}

impl Default for Catalog {
    fn default() -> Self {
        let columns = COLUMNS
            .iter()
            .map(|(name, empty)| (name.to_ascii_lowercase(), ((*name).to_owned(), *empty)));
        Self {
            columns: columns.collect(),
        }
    }
}

impl Catalog {
    /// Takes an event's own keys as custom properties.
    pub fn learn(&mut self, event: &Map<String, Value>) {
        for name in event.keys().filter(|name| !name.starts_with("offense_id")) {
            let key = name.to_ascii_lowercase();
            self.columns.entry(key).or_insert_with(|| (name.clone(), Empty::Null));
        }
    }

    /// Does the column exist, in any case?
    pub fn has(&self, name: &str) -> bool {
        self.columns.contains_key(&name.to_ascii_lowercase())
    }

    /// Is it raw bytes?
    pub fn is_bytes(&self, name: &str) -> bool {
        matches!(self.columns.get(&name.to_ascii_lowercase()), Some((_, Empty::Bytes)))
    }

    /// Its value for events that do not say; `key` in lower case.
    pub fn empty(&self, key: &str) -> Value {
        self.columns.get(key).map_or(Value::Null, |(_, empty)| empty.value())
    }

    /// Usual spellings, sorted, for `GET /ariel/databases/events`.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.columns.values().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
