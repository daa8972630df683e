//! Who is calling, and what may they see? (contract 1.1 and 3.7)

use base64::Engine as _;
use serde::Deserialize;

use super::error::ApiError;
use super::list::table::Row;

/// An authorised service of the console.
#[derive(Debug, Clone, Deserialize)]
pub struct Token {
    /// Value of the `SEC` header.
    pub token: String,
    /// Label; closings and notes carry `API_user: <label>`.
    #[serde(default = "default_label")]
    pub label: String,
    /// Capabilities of its user role; absent = `["admin"]`, which holds all.
    #[serde(default = "all_capabilities")]
    pub capabilities: Vec<String>,
    /// Domains of its security profile; absent or null = every domain.
    #[serde(default)]
    pub domain_ids: Option<Vec<i64>>,
    /// Epoch milliseconds after which the token is refused for ever.
    #[serde(default)]
    pub expiry: Option<i64>,
    /// User name accepted with HTTP Basic in place of the token.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<String>,
}

fn default_label() -> String {
    "synapse".to_owned()
}

fn all_capabilities() -> Vec<String> {
    vec![ADMIN.to_owned()]
}

/// Holds every capability.
pub const ADMIN: &str = "admin";
/// Read offenses, notes, addresses, types; change offenses.
pub const OFFENSES: &str = "offenses";
/// Set `assigned_to`.
pub const ASSIGN: &str = "assign_offenses";
/// See reserved and deleted closing reasons.
pub const CLOSING_REASONS: &str = "manage_closing_reasons";
/// Read rules.
pub const RULES: &str = "rules";
/// Read reference data.
pub const REFERENCE: &str = "view_reference_data";
/// Change reference data.
pub const REFERENCE_WRITE: &str = "manage_reference_data";
/// Read assets.
pub const ASSETS: &str = "assets";
/// Read log sources.
pub const LOG_SOURCES: &str = "log_sources";
/// Run Ariel searches.
pub const LOG_ACTIVITY: &str = "log_activity";

impl Token {
    /// Does the role hold this capability?
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|held| held == ADMIN || held == capability)
    }

    /// Is this the console's administrator? The admin role forces a profile over everything (contract 3.7).
    pub fn is_admin(&self) -> bool {
        self.can(ADMIN) && self.domain_ids.is_none()
    }

    /// Is this domain in the security profile? `None` = an object that spans several domains.
    pub fn sees(&self, domain: Option<i64>, null_domain_visible: bool) -> bool {
        match (&self.domain_ids, domain) {
            (None, _) => true,
            (Some(_), None) => null_domain_visible,
            (Some(own), Some(domain)) => own.contains(&domain),
        }
    }

    /// The same for a row with a `domain_id`.
    pub fn sees_row(&self, row: &Row, null_domain_visible: bool) -> bool {
        self.domain_ids.is_none()
            || self.sees(
                row.get("domain_id").and_then(serde_json::Value::as_i64),
                null_domain_visible,
            )
    }
}

/// How a request was let in.
pub struct Login {
    /// Index into the token table.
    pub index: usize,
    /// Came by Basic: the answer sets the `SEC` cookie.
    pub basic: bool,
}

/// Finds the caller; `SEC` wins over Basic; cookies are ignored. 401/18 otherwise.
pub fn authenticate(
    tokens: &[Token],
    sec: Option<&str>,
    authorization: Option<&str>,
    now_ms: i64,
) -> Result<Login, ApiError> {
    let valid = |token: &Token| token.expiry.is_none_or(|expiry| now_ms < expiry);
    let found = match (sec, authorization) {
        (Some(sec), _) => tokens
            .iter()
            .position(|token| token.token == sec)
            .map(|index| (index, false)),
        (None, Some(header)) => basic(header)
            .and_then(|(user, password)| {
                tokens.iter().position(|token| {
                    token.username.as_ref() == Some(&user) && token.password.as_ref() == Some(&password)
                })
            })
            .map(|index| (index, true)),
        (None, None) => None,
    };
    found
        .filter(|(index, _)| tokens.get(*index).is_some_and(valid))
        .map(|(index, basic)| Login { index, basic })
        .ok_or_else(|| {
            let text = "No SEC header present in request. Please provide it via \"SEC: token\". You may also use BASIC authentication parameters if this host supports it. e.g. \"Authorization: Basic base64Encoding\"";
            ApiError::framework(401, 18, text)
        })
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
