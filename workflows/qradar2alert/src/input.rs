//! Which offenses does the event ask for?

use serde::Deserialize;
use serde_json::Value;

/// Longest time range, minutes: QRadar itself drops offenses after 30 days by default.
pub const LONGEST_MINUTES: u64 = 60 * 24 * 30;

/// What the caller wants imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Input {
    /// Offenses with an event in the last so many minutes.
    Minutes(u64),
    /// This offense, whatever its age, and also if its alert was deleted.
    Offense(u64),
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
        for bad in [
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
