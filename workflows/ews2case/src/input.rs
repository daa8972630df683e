//! Which mails does the event ask for?

use serde::Deserialize;
use serde_json::Value;
use synapse_guest::text;

/// Mails of one event of a watched folder, at most.
const ITEMS: usize = 100;
/// Longest id that is accepted, characters: Exchange's own are up to 512.
const ID_CHARS: usize = 1_024;

/// What the caller wants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Input {
    /// The folder, from the go-live point on.
    Folder,
    /// The folder, from this moment on (milliseconds), whatever the go-live point: a backfill.
    Since(u64),
    /// This mail, by `Message-ID` or item id, whatever its age, and also if it failed or its case was deleted.
    Message(String),
    /// These mails of a watched folder, by item id, under all usual rules.
    Items {
        /// Their ids.
        ids: Vec<String>,
        /// From when on they may be handled, if that is not the go-live point: a backfill.
        since: Option<u64>,
    },
}

/// What the platform says about a folder that it watches (`synapse.source.folder`).
#[derive(Deserialize)]
struct Told {
    items: Vec<ToldItem>,
    since: Option<u64>,
}

#[derive(Deserialize)]
struct ToldItem {
    id: String,
}

impl Told {
    fn input(self) -> Option<Input> {
        let fits = |id: &str| (1..=ID_CHARS).contains(&id.chars().count());
        let ids: Vec<String> = self.items.into_iter().map(|item| item.id).collect();
        ((1..=ITEMS).contains(&ids.len()) && ids.iter().all(|id| fits(id)))
            .then_some(Input::Items { ids, since: self.since })
    }
}

impl TryFrom<Value> for Input {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let refused = || {
            format!(
                "send {{}} for the folder, {{\"message\": \"<Message-ID or item id>\"}} for one mail, or {{\"since\": milliseconds or \
                 \"2026-11-25T08:00:00Z\"}} for older ones too; got {}",
                text::cut(&value.to_string(), 100)
            )
        };
        let empty = serde_json::Map::new();
        let fields = match &value {
            Value::Null => &empty,
            other => other.as_object().ok_or_else(refused)?,
        };
        if fields.contains_key("items") {
            let told = serde_json::from_value::<Told>(value.clone()).ok();
            return told.and_then(Told::input).ok_or_else(refused);
        }
        let mut entries = fields.iter();
        match (entries.next(), entries.next()) {
            (None, _) => Ok(Self::Folder),
            (Some((name, Value::String(id))), None) if name == "message" => {
                let id = id.trim();
                let fits = (1..=ID_CHARS).contains(&id.chars().count());
                if fits {
                    Ok(Self::Message(id.to_owned()))
                } else {
                    Err(refused())
                }
            }
            (Some((name, moment)), None) if name == "since" => {
                let moment = moment.as_u64().or_else(|| moment.as_str().and_then(moment_of));
                moment.map(Self::Since).ok_or_else(refused)
            }
            _ => Err(refused()),
        }
    }
}

/// `2026-11-25` or `2026-11-25T08:00:00Z` in milliseconds. Read by the mail parser, which knows its own way to write a date.
fn moment_of(text: &str) -> Option<u64> {
    let parsed = mail_parser::DateTime::parse_rfc3339(&if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    })?;
    let seconds = u64::try_from(parsed.to_timestamp()).ok()?;
    seconds.checked_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Input, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_folder_one_mail_or_a_backfill_is_accepted_and_nothing_else() {
        assert_eq!(check("{}"), Ok(Input::Folder));
        assert_eq!(check("null"), Ok(Input::Folder));
        assert_eq!(check(r#"{"message": " <a@b> "}"#), Ok(Input::Message("<a@b>".into())));
        assert_eq!(
            check(r#"{"since": 1795575600000}"#),
            Ok(Input::Since(1_795_575_600_000))
        );
        for text in ["2026-11-25T03:00:00Z", "2026-11-25T04:00:00+01:00"] {
            assert_eq!(
                check(&format!(r#"{{"since": "{text}"}}"#)),
                Ok(Input::Since(1_795_575_600_000))
            );
        }
        assert_eq!(check(r#"{"since": "2026-11-25"}"#), Ok(Input::Since(1_795_564_800_000)));
        let told = r#"{"connection": "mail", "folder": "x", "lane": "live", "items": [{"id": "a"}, {"id": "b"}]}"#;
        let ids = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(check(told), Ok(Input::Items { ids, since: None }));
        for bad in [
            "[]",
            r#"{"items": []}"#,
            r#"{"items": [{"id": ""}]}"#,
            r#"{"items": [{"id": 7}]}"#,
            r#""x""#,
            r#"{"message": ""}"#,
            r#"{"message": 1}"#,
            r#"{"since": -1}"#,
            r#"{"since": "yesterday"}"#,
            r#"{"message": "a", "since": 1}"#,
            r#"{"Message": "a"}"#,
        ] {
            let why = check(bad).expect_err(bad);
            assert!(why.contains("send {} for the folder"), "{bad}: {why}");
        }
    }
}
