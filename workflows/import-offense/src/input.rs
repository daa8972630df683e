//! Which offenses are named?

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

/// Offenses of one run, at most: one page of the console.
pub const MOST: usize = 100;

/// The named offenses, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Input(pub Vec<u64>);

impl TryFrom<Value> for Input {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let refused = || {
            let got = synapse_guest::text::cut(&value.to_string(), 100);
            format!("send {{\"offense\": id}} or {{\"offenses\": [ids]}} with 1 to {MOST} of them; got {got}")
        };
        let fields = value
            .as_object()
            .filter(|fields| fields.len() == 1)
            .ok_or_else(refused)?;
        let ids: Option<BTreeSet<u64>> = match (fields.get("offense"), fields.get("offenses")) {
            (Some(id), None) => id.as_u64().map(|id| [id].into()),
            (None, Some(Value::Array(ids))) => ids.iter().map(Value::as_u64).collect(),
            _ => None,
        };
        let ids = ids.filter(|ids| (1..=MOST).contains(&ids.len())).ok_or_else(refused)?;
        Ok(Self(ids.into_iter().collect()))
    }
}
