//! Who is calling, and what may they do? API keys: `syn_<id>_<secret>`, the secret only as SHA-256 at rest.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::TenantId;
use synapse_store::records::KeyRecord;
use synapse_store::{Store, StoreError};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Scope {
    /// Start runs.
    #[serde(rename = "runs:start")]
    #[value(name = "runs:start")]
    RunsStart,
    /// See runs and journals.
    #[serde(rename = "runs:read")]
    #[value(name = "runs:read")]
    RunsRead,
    /// Cancel runs.
    #[serde(rename = "runs:cancel")]
    #[value(name = "runs:cancel")]
    RunsCancel,
    /// See deployments.
    #[serde(rename = "deployments:read")]
    #[value(name = "deployments:read")]
    DeploymentsRead,
    /// Upload components and deploy.
    #[serde(rename = "deployments:write")]
    #[value(name = "deployments:write")]
    DeploymentsWrite,
    /// Everything, in every tenant: grants, verdicts, keys. Only keys without a tenant can have it.
    #[serde(rename = "operator")]
    #[value(name = "operator")]
    Operator,
}

impl Scope {
    /// The scope's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RunsStart => "runs:start",
            Self::RunsRead => "runs:read",
            Self::RunsCancel => "runs:cancel",
            Self::DeploymentsRead => "deployments:read",
            Self::DeploymentsWrite => "deployments:write",
            Self::Operator => "operator",
        }
    }
}

/// A caller whose key was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Public part of the key: who did it, in records.
    pub key: String,
    /// None: an operator.
    pub tenant: Option<TenantId>,
    scopes: Vec<String>,
}

impl Caller {
    /// May the caller do this?
    pub fn may(&self, scope: Scope) -> bool {
        self.is_operator() || self.scopes.iter().any(|name| name == scope.name())
    }

    /// Is it a key for all tenants?
    pub fn is_operator(&self) -> bool {
        self.tenant.is_none() && self.scopes.iter().any(|name| name == Scope::Operator.name())
    }

    /// May the caller know of this tenant?
    pub fn sees(&self, tenant: &TenantId) -> bool {
        self.is_operator() || self.tenant.as_ref() == Some(tenant)
    }
}

/// A new key: what is shown once, and what is kept.
pub struct NewKey {
    /// The whole key. Shown once.
    pub text: String,
    /// The row.
    pub record: KeyRecord,
}

/// Makes a key. The id has 16 and the secret 64 hexadecimal digits (256 random bits).
///
/// # Errors
/// The machine has no randomness.
pub fn create(
    tenant: Option<TenantId>,
    scopes: &[Scope],
    label: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> anyhow::Result<NewKey> {
    let mut random = [0; 40];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the machine gives no randomness: {error}"))?;
    let (id, secret) = random.split_at(8);
    let (id, secret) = (hex::encode(id), hex::encode(secret));
    let record = KeyRecord {
        id: id.clone(),
        secret_sha256: Sha256::digest(&secret).into(),
        tenant,
        scopes: scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        label: label.to_owned(),
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    Ok(NewKey {
        text: format!("syn_{id}_{secret}"),
        record,
    })
}

/// Checks a key. An unknown id takes the same path against a dummy (threat row 52).
///
/// # Errors
/// The store failed.
pub async fn check(store: &dyn Store, text: &str, now: Timestamp) -> Result<Option<Caller>, StoreError> {
    let (id, secret) = text
        .strip_prefix("syn_")
        .and_then(|rest| rest.split_once('_'))
        .unwrap_or(("", text));
    let found = store.key(id).await?;
    let kept = found.as_ref().map_or([0; 32], |record| record.secret_sha256);
    let given: [u8; 32] = Sha256::digest(secret).into();
    let equal = bool::from(given.ct_eq(&kept));
    let record = match found {
        Some(record) if equal => record,
        Some(_) | None => return Ok(None),
    };
    if record.revoked_at.is_some() || record.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    Ok(Some(Caller {
        key: record.id,
        tenant: record.tenant,
        scopes: record.scopes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_key_never_becomes_an_operator() {
        let tenant: TenantId = "acme".parse().unwrap();
        let caller = Caller {
            key: String::new(),
            tenant: Some(tenant.clone()),
            scopes: vec!["operator".to_owned()],
        };
        assert!(!caller.is_operator());
        assert!(caller.sees(&tenant) && !caller.sees(&"other".parse().unwrap()));
        assert!(!caller.may(Scope::RunsRead));
    }

    #[test]
    fn a_key_has_256_random_bits_and_only_their_digest_is_kept() {
        let key = create(None, &[Scope::Operator], "first", 0, None).unwrap();
        let secret = key.text.rsplit('_').next().unwrap();
        assert_eq!(secret.len(), 64);
        assert_eq!(key.record.secret_sha256, <[u8; 32]>::from(Sha256::digest(secret)));
    }
}
