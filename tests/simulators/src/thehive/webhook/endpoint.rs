//! How is an endpoint described? Its address, dialect and authentication, and the knobs that spoil deliveries.

use super::envelope::Choice;
use base64::Engine;
use http::{HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

/// Copies of one event: more than anybody has reported.
const MAX_COPIES: u64 = 64;

/// An endpoint as posted to the control API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// `http://..`, with path and query as they are.
    pub url: String,
    /// The endpoint's `Version`: 0 or 1; without it what a new endpoint has: 1 on 5, 0 on 4. On 3 it has no meaning.
    version: Option<u64>,
    #[serde(default)]
    pub auth: Auth,
    /// Only events of this organisation (its name); without it of all.
    pub organisation: Option<String>,
    /// Whether version 1 of 5 names its main event (`mainAction`); servers of 2023 did not.
    #[serde(default = "yes")]
    main_action: bool,
    #[serde(flatten)]
    pub knobs: Knobs,
}

fn yes() -> bool {
    true
}

/// How deliveries go wrong. Absent members keep their value.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Knobs {
    /// So many of the next events are not sent; -1 = all.
    pub lose: Option<i64>,
    /// Each event is sent so often, at the same time. 1 is normal.
    pub duplicate: Option<u64>,
    /// The events of one request arrive in reverse; those kept while paused, all in reverse.
    pub reorder: Option<bool>,
    /// Events are kept until this is false again.
    pub paused: Option<bool>,
}

impl Knobs {
    /// Takes what `other` says.
    pub fn set(&mut self, other: Self) -> Result<(), String> {
        if other.duplicate.is_some_and(|copies| copies == 0 || copies > MAX_COPIES) {
            return Err(format!("duplicate: 1 to {MAX_COPIES}"));
        }
        if other.lose.is_some_and(|count| count < -1) {
            return Err("lose: a number of events, or -1 for all".to_owned());
        }
        self.lose = other.lose.or(self.lose);
        self.duplicate = other.duplicate.or(self.duplicate);
        self.reorder = other.reorder.or(self.reorder);
        self.paused = other.paused.or(self.paused);
        Ok(())
    }

    /// Whether the next event is lost; counts it.
    pub fn loses(&mut self) -> bool {
        match &mut self.lose {
            Some(-1) => true,
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

/// How the endpoint is authenticated to the receiver (contract 6.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Auth {
    #[default]
    None,
    Basic {
        username: String,
        password: String,
    },
    Bearer {
        key: String,
    },
    /// The key as it is, after the prefix if there is one.
    Key {
        key: String,
        prefix: Option<String>,
    },
}

impl Auth {
    /// The value of `Authorization`.
    pub fn header(&self) -> Option<Result<HeaderValue, String>> {
        let text = match self {
            Self::None => return None,
            Self::Basic { username, password } => {
                let pair = format!("{username}:{password}");
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
            }
            Self::Bearer { key } => format!("Bearer {key}"),
            Self::Key { key, prefix: None } => key.clone(),
            Self::Key {
                key,
                prefix: Some(prefix),
            } => format!("{prefix} {key}"),
        };
        Some(HeaderValue::from_str(&text).map_err(|_| "auth: not the text of a header".to_owned()))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic { .. } => "basic",
            Self::Bearer { .. } => "bearer",
            Self::Key { .. } => "key",
        }
    }
}

impl Endpoint {
    /// Checks what serde cannot. Errors name the member.
    pub fn check(&self) -> Result<(), String> {
        let uri: Uri = self.url.parse().map_err(|error| format!("url: {error}"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err("url: the simulator posts to http:// URLs only".to_owned());
        }
        if let Some(header) = self.auth.header() {
            header?;
        }
        if let Some(version @ 2..) = self.version {
            return Err(format!("version: 0 or 1, not {version}"));
        }
        Knobs::default().set(self.knobs)
    }

    /// How its events look.
    pub fn choice(&self) -> Choice {
        Choice {
            version: self.version,
            main_action: self.main_action,
        }
    }

    /// What the control API shows: no secrets.
    pub fn shown(&self) -> Value {
        json!({
            "url": self.url, "version": self.version, "auth": self.auth.name(), "organisation": self.organisation,
            "lose": self.knobs.lose, "duplicate": self.knobs.duplicate, "reorder": self.knobs.reorder,
            "paused": self.knobs.paused,
        })
    }
}
