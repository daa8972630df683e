//! What is a console, and what does a token learn about itself? (contract 1.2, 3.6)

use serde::Deserialize;

use super::wire::{cut, flag, id, list, number, text};
use crate::bindings::synapse::qradar::system::{ApiVersion, Release, Service};

/// Longest name kept, bytes.
const NAME_BYTES: usize = 1 << 10;

/// An authorised service on the wire.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct WireService {
    #[serde(deserialize_with = "text")]
    label: Option<String>,
    #[serde(deserialize_with = "number")]
    expiration_date: Option<i64>,
    #[serde(deserialize_with = "number")]
    tenant_id: Option<i64>,
}

impl WireService {
    /// What is asked for.
    pub const FIELDS: &str = "label,expiration_date,tenant_id";

    /// Its label, if it has one.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref().filter(|label| !label.is_empty())
    }

    /// The service for a guest; these are the domains of its security profile.
    pub fn into_wit(self, domains: Option<Vec<u64>>) -> Service {
        Service {
            label: cut(self.label.unwrap_or_default(), NAME_BYTES),
            expires_at: id(self.expiration_date),
            tenant_id: id(self.tenant_id),
            domain_ids: domains,
        }
    }
}

/// A security profile on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireProfile {
    #[serde(deserialize_with = "list")]
    pub domain_ids: Vec<u64>,
}

/// A console's release on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireAbout {
    #[serde(deserialize_with = "text")]
    release_name: Option<String>,
    #[serde(deserialize_with = "text")]
    build_version: Option<String>,
    #[serde(deserialize_with = "text")]
    external_version: Option<String>,
    #[serde(deserialize_with = "flag")]
    fips_enabled: bool,
}

impl WireAbout {
    /// The release for a guest; `spoken` is the version that is used.
    pub fn into_wit(self, spoken: String, versions: Vec<ApiVersion>) -> Release {
        let name = |text: Option<String>| cut(text.unwrap_or_default(), NAME_BYTES);
        Release {
            release_name: name(self.release_name),
            build_version: name(self.build_version),
            external_version: name(self.external_version),
            fips_enabled: self.fips_enabled,
            api_version: spoken,
            api_versions: versions,
        }
    }
}
