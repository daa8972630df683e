//! Which names and numbers identify things, and what shape must they have?
//!
//! Newtypes, because swapping two strings is the commonest leak between tenants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: {rule}")]
pub struct InvalidId {
    kind: &'static str,
    text: String,
    rule: &'static str,
}

/// Lower-case letters, digits, `-` and `_`, starting with a letter or digit; at most 64 bytes.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    matches!(bytes.next(), Some(b'a'..=b'z' | b'0'..=b'9'))
        && text.len() <= 64
        && bytes.all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $type {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if is_name(text) {
                    return Ok(Self(text.to_owned()));
                }
                let text = text.chars().take(64).collect();
                Err(InvalidId { kind: $kind, text, rule: "use 1 to 64 of a-z, 0-9, `-`, `_`, starting with a letter or digit" })
            }
        }
        impl TryFrom<String> for $type {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A customer of the MSSP.
    TenantId, "tenant"
);
name!(
    /// A deployment of a tenant.
    DeploymentName, "deployment name"
);
name!(
    /// A connection of a tenant.
    ConnectionName, "connection name"
);
name!(
    /// The logical name under which a deployment binds a connection.
    BindingName, "binding name"
);
name!(
    /// A trigger of a deployment.
    TriggerName, "trigger name"
);

macro_rules! time_ordered {
    ($(#[$doc:meta])* $type:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(uuid::Uuid);

        impl $type {
            /// A new id for what was made at `now_ms` (milliseconds since the epoch).
            pub fn new(now_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid())
            }

            /// The id's bytes, as stored.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| InvalidId {
                    kind: $kind,
                    text: text.chars().take(64).collect(),
                    rule: "use the id that the API returned, for instance 0198c0de-0000-7000-8000-000000000000",
                })
            }
        }
    };
}

time_ordered!(
    /// A run: UUIDv7, so that ids sort by creation.
    RunId, "run id"
);
time_ordered!(
    /// An event that came in: UUIDv7, so that ids sort by arrival.
    DeliveryId, "event id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_lower_case_and_never_paths() {
        for good in ["acme", "qradar2alert", "a-b_c", "7"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "Acme", "../etc", "-a", "a b", "a/b", &"x".repeat(65), "é"] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn run_ids_sort_by_creation() {
        assert!(RunId::new(1, [0xff; 10]) < RunId::new(2, [0; 10]));
    }
}
