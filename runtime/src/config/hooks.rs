//! Who may send events, as the configuration says? Reads the secrets; nothing of them is ever shown.

use std::collections::HashMap;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use ipnet::IpNet;
use subtle::ConstantTimeEq as _;
use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_domain::secret::Secret;

use super::Problem;
use super::build::{Wrong, read};
use super::file::{Config, HookAuth, Webhook};

/// Shortest secret in a URL: 16 characters of a set of 64 cannot be guessed.
const PATH_SECRET: usize = 16;

/// What a sender has to show.
#[derive(Debug)]
pub struct Guard {
    expected: Expected,
    allow: Vec<IpNet>,
    scheme: &'static str,
    /// In every form in which it is shown.
    secrets: Vec<Secret>,
}

#[derive(Debug)]
enum Expected {
    /// The whole value of `Authorization`.
    Header(Secret),
    /// The last part of the URL.
    Path(Secret),
}

/// Why a sender is turned away, for the log and the connection's page: the sender is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// Its address is not listed.
    Address,
    /// It shows nothing.
    NoCredentials,
    /// It shows something else.
    WrongCredentials,
}

impl Stranger {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "the sender's address is not in `allow`",
            Self::NoCredentials => "the sender shows no credentials",
            Self::WrongCredentials => "the sender shows other credentials",
        }
    }
}

impl Guard {
    /// Is it the sender that the configuration means? All comparisons take the same time for every wrong secret of one length.
    pub fn admit(&self, address: Option<IpAddr>, headers: &HeaderMap, path: Option<&str>) -> Result<(), Stranger> {
        let listed = |address: IpAddr| self.allow.iter().any(|net| net.contains(&address));
        if !self.allow.is_empty() && !address.is_some_and(listed) {
            return Err(Stranger::Address);
        }
        let (expected, shown) = match &self.expected {
            Expected::Header(expected) => {
                let mut values = headers.get_all(header::AUTHORIZATION).iter();
                let shown = values.next().filter(|_| values.next().is_none());
                (expected, shown.map(http::HeaderValue::as_bytes))
            }
            Expected::Path(expected) => (expected, path.map(str::as_bytes)),
        };
        let shown = shown.ok_or(Stranger::NoCredentials)?;
        if bool::from(expected.expose().as_bytes().ct_eq(shown)) {
            Ok(())
        } else {
            Err(Stranger::WrongCredentials)
        }
    }

    /// Its name in the file.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// What must never be kept.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

/// The guards of all connections that accept events.
///
/// # Errors
/// Names every problem.
pub fn hooks(config: &Config) -> Result<HashMap<(TenantId, ConnectionName), Guard>, Vec<Problem>> {
    let (mut guards, mut problems) = (HashMap::new(), Vec::new());
    for (tenant, settings) in &config.tenants {
        for (name, connection) in &settings.connections {
            let Some(webhook) = &connection.webhook else { continue };
            match guard(webhook) {
                Ok(guard) => drop(guards.insert((tenant.clone(), name.clone()), guard)),
                Err((setting, problem)) => {
                    let place = format!("tenants.{tenant}.connections.{name}.webhook.{setting}");
                    problems.push(Problem::new(place, problem));
                }
            }
        }
    }
    if problems.is_empty() { Ok(guards) } else { Err(problems) }
}

fn guard(webhook: &Webhook) -> Result<Guard, Wrong> {
    let secret = read(webhook.auth.secret())?;
    let header = |text: String| Expected::Header(Secret::new(text));
    let mut secrets = vec![secret.clone()];
    let expected = match &webhook.auth {
        HookAuth::Bearer { .. } => header(format!("Bearer {}", secret.expose())),
        HookAuth::Basic { user, .. } => {
            if user.contains(':') {
                return Err(("auth.user", "has a `:`, which ends a user's name".to_owned()));
            }
            let pair = STANDARD.encode(format!("{user}:{}", secret.expose()));
            let expected = header(format!("Basic {pair}"));
            secrets.push(Secret::new(pair));
            expected
        }
        HookAuth::Key {
            prefix: Some(prefix), ..
        } => header(format!("{prefix} {}", secret.expose())),
        HookAuth::Key { prefix: None, .. } => header(secret.expose().to_owned()),
        HookAuth::Path { .. } => {
            let text = secret.expose();
            let safe = text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            if text.len() < PATH_SECRET || !safe {
                let problem = format!("a secret in a URL has at least {PATH_SECRET} of A-Z, a-z, 0-9, `-`, `_`");
                return Err(("auth.secret", problem));
            }
            Expected::Path(secret)
        }
    };
    Ok(Guard {
        expected,
        allow: webhook.allow.clone(),
        scheme: webhook.auth.scheme(),
        secrets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard_of(expected: Expected, allow: &[&str]) -> Guard {
        Guard {
            expected,
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            scheme: "bearer",
            secrets: Vec::new(),
        }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn row_69_only_the_whole_secret_from_a_listed_address_opens() {
        let guard = guard_of(Expected::Header(Secret::new("Bearer right")), &["192.0.2.0/24"]);
        let here = Some("192.0.2.7".parse().unwrap());
        assert_eq!(guard.admit(here, &headers(&["Bearer right"]), None), Ok(()));
        for wrong in [
            "Bearer righ",
            "Bearer right2",
            "bearer right",
            "right",
            "Bearer  right",
            "",
        ] {
            let told = guard.admit(here, &headers(&[wrong]), Some("Bearer right"));
            assert_eq!(told, Err(Stranger::WrongCredentials), "{wrong}");
        }
        assert_eq!(guard.admit(here, &headers(&[]), None), Err(Stranger::NoCredentials));
        let two = headers(&["Bearer wrong", "Bearer right"]);
        assert_eq!(
            guard.admit(here, &two, None),
            Err(Stranger::NoCredentials),
            "two are none"
        );
        for elsewhere in [Some("192.0.3.7".parse().unwrap()), None] {
            let told = guard.admit(elsewhere, &headers(&["Bearer right"]), None);
            assert_eq!(told, Err(Stranger::Address));
        }
    }

    /// The guard of a section whose secret is this.
    fn configured(auth: &str, secret: &str) -> Result<Guard, Wrong> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, secret).unwrap();
        let text = format!("auth = {{ {auth}, secret = {{ file = \"{}\" }} }}", file.display());
        guard(&toml::from_str(&text).unwrap())
    }

    #[test]
    fn row_34_a_secret_is_known_in_every_form_in_which_it_is_shown() {
        let basic = configured("scheme = \"basic\", user = \"hive\"", "pass").unwrap();
        let shown: Vec<_> = basic.secrets().iter().map(Secret::expose).collect();
        assert_eq!(shown, ["pass", "aGl2ZTpwYXNz"]);
        assert_eq!(basic.admit(None, &headers(&["Basic aGl2ZTpwYXNz"]), None), Ok(()));
        assert!(configured("scheme = \"basic\", user = \"hi:ve\"", "pass").is_err());
    }

    #[test]
    fn a_secret_that_could_be_guessed_or_read_in_two_ways_is_no_path() {
        for wrong in [
            "abcdefghijklmno",
            "abcdefghijklmno/",
            "abcdefghijklmno%2f",
            "abcdefghijklmno\u{e4}",
        ] {
            let (setting, why) = configured("scheme = \"path\"", wrong).unwrap_err();
            assert!(
                setting == "auth.secret" && why.contains("at least 16"),
                "{wrong}: {setting}: {why}"
            );
        }
        assert!(configured("scheme = \"path\"", "abcdefghijklm-_Z").is_ok());
    }

    #[test]
    fn a_secret_path_is_compared_whole_and_no_header_replaces_it() {
        let guard = guard_of(Expected::Path(Secret::new("abcdefghijklmnop")), &[]);
        assert_eq!(guard.admit(None, &headers(&[]), Some("abcdefghijklmnop")), Ok(()));
        assert_eq!(
            guard.admit(None, &headers(&[]), Some("abcdefghijklmno")),
            Err(Stranger::WrongCredentials)
        );
        assert_eq!(
            guard.admit(None, &headers(&["abcdefghijklmnop"]), None),
            Err(Stranger::NoCredentials)
        );
    }
}
