//! How do credentials travel inside the host without ever being shown?

use std::fmt;

use serde::Deserialize;

/// A credential. It has no `Display` and no `Serialize`, and `Debug` shows a constant.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a credential.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself. Called where a request is written, and by the redactor; nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

/// Shortest secret that is searched for in texts: anything shorter would redact ordinary words.
const SHORTEST_REDACTED: usize = 6;

/// Replaces every known secret in a text that came from a target, before anybody sees it (threat row 34).
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// A redactor for these secrets and nothing else. It also knows them as JSON writes them: what is cleaned is often the text of
    /// a result, in which a quote or a backslash of a password is two characters.
    pub fn new(secrets: Vec<Secret>) -> Self {
        let long_enough = secrets
            .into_iter()
            .filter(|secret| secret.expose().len() >= SHORTEST_REDACTED);
        let forms = long_enough.flat_map(|secret| {
            let escaped = escaped(secret.expose());
            let differs = escaped != secret.expose();
            [Some(secret), differs.then(|| Secret::new(escaped))]
        });
        Self {
            secrets: forms.flatten().collect(),
        }
    }

    /// The text without the secrets.
    pub fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            if clean.contains(secret.expose()) {
                clean = clean.replace(secret.expose(), "[redacted]");
            }
        }
        clean
    }
}

/// The text as it stands inside a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(&quoted).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("canary-4711");
        assert!(!format!("{secret:?}").contains("canary"));
        assert_eq!(
            Redactor::new(vec![secret]).clean("401 for canary-4711"),
            "401 for [redacted]"
        );
    }

    #[test]
    fn row_34_a_secret_is_found_as_json_writes_it() {
        let password = r#"pass"word\of""#;
        let redactor = Redactor::new(vec![Secret::new(password)]);
        let text = serde_json::json!({ "said": format!("<{password}>") }).to_string();
        assert!(text.contains(r#"pass\"word"#));
        assert_eq!(redactor.clean(&text), r#"{"said":"<[redacted]>"}"#);
        assert_eq!(redactor.clean(password), "[redacted]");
    }
}
