//! Which offenses does the event ask for?

use serde::Deserialize;
use serde_json::Value;

/// Longest time range, minutes: QRadar itself drops offenses after 30 days by default.
pub const LONGEST_MINUTES: u64 = 60 * 24 * 30;
/// Offenses of one event of a watched console, at most.
const ITEMS: usize = 100;

/// What the caller wants imported.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Input {
    /// Offenses with an event in the last so many minutes.
    Minutes(u64),
    /// This offense, whatever its age, and also if its alert was deleted.
    Offense(u64),
    /// These offenses of a watched console, under all usual rules.
    Items {
        /// Their ids, at most 100.
        ids: Vec<u64>,
        /// From when on they may be imported, if that is not the go-live point: a backfill.
        since: Option<u64>,
    },
}

/// What the platform says about a console that it watches (`synapse.source.offenses`).
#[derive(Deserialize)]
struct Told {
    items: Vec<ToldItem>,
    since: Option<u64>,
}

#[derive(Deserialize)]
struct ToldItem {
    id: u64,
}

impl Told {
    fn input(self) -> Option<Input> {
        let ids: Vec<u64> = self.items.into_iter().map(|item| item.id).collect();
        (1..=ITEMS)
            .contains(&ids.len())
            .then_some(Input::Items { ids, since: self.since })
    }
}

impl TryFrom<Value> for Input {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let accepted = || {
            format!(
                "send {{\"timerange\": minutes}} with 1 to {LONGEST_MINUTES} minutes, or {{\"offense\": id}}; got {}",
                shortened(&value)
            )
        };
        if value.get("items").is_some() {
            let told = serde_json::from_value::<Told>(value.clone()).ok();
            return told.and_then(Told::input).ok_or_else(accepted);
        }
        let fields = value
            .as_object()
            .filter(|fields| fields.len() == 1)
            .ok_or_else(accepted)?;
        let number = |name: &str| fields.get(name).and_then(Value::as_u64);
        match (number("timerange"), number("offense")) {
            (Some(minutes), None) if (1..=LONGEST_MINUTES).contains(&minutes) => Ok(Self::Minutes(minutes)),
            (None, Some(id)) => Ok(Self::Offense(id)),
            _ => Err(accepted()),
        }
    }
}

fn shortened(value: &Value) -> String {
    synapse_guest::text::cut(&value.to_string(), 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Input, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_time_range_or_an_offense_is_accepted_and_nothing_else() {
        assert_eq!(check(r#"{"timerange": 1}"#), Ok(Input::Minutes(1)));
        assert_eq!(check(r#"{"timerange": 43200}"#), Ok(Input::Minutes(43_200)));
        assert_eq!(check(r#"{"offense": 42}"#), Ok(Input::Offense(42)));
        let told = r#"{"connection": "siem", "lane": "live", "items": [{"id": 42, "change": "new"}]}"#;
        let items = |since| Input::Items { ids: vec![42], since };
        assert_eq!(check(told), Ok(items(None)));
        assert_eq!(check(r#"{"items": [{"id": 42}], "since": 5}"#), Ok(items(Some(5))));
        for bad in [
            r#"{"items": []}"#,
            r#"{"items": [{"id": "x"}]}"#,
            "null",
            "[]",
            "{}",
            r#"{"timerange": 0}"#,
            r#"{"timerange": 43201}"#,
            r#"{"timerange": "10"}"#,
            r#"{"timerange": -1}"#,
            r#"{"timerange": 1.5}"#,
            r#"{"offense": "42"}"#,
            r#"{"timerange": 10, "offense": 42}"#,
            r#"{"timeRange": 10}"#,
        ] {
            let why = check(bad).expect_err(bad);
            assert!(why.contains("{\"timerange\": minutes} with 1 to 43200"), "{bad}: {why}");
        }
    }
}
