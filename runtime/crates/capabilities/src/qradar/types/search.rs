//! How far is an Ariel search, and what do its rows hold? (contract 3.4, 4)

use serde::Deserialize;
use serde_json::{Map, Value};

use super::lookup::Keyed;
use super::wire::{cut, flag, id, list, number, plain, text};
use crate::bindings::synapse::qradar::ariel::{Cell, SavedSearch};
use crate::bindings::synapse::workflow::types::{Error, OtherError};

/// Longest text of a cell kept, bytes: a whole syslog message fits.
const CELL_BYTES: usize = 64 << 10;
/// Texts of a cell kept.
const CELL_TEXTS: usize = 1_000;

/// A search on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireSearch {
    #[serde(deserialize_with = "text")]
    search_id: Option<String>,
    #[serde(deserialize_with = "text")]
    cursor_id: Option<String>,
    #[serde(deserialize_with = "text")]
    status: Option<String>,
    #[serde(deserialize_with = "flag")]
    completed: bool,
    #[serde(deserialize_with = "list")]
    error_messages: Vec<WireMessage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    #[serde(deserialize_with = "text")]
    message: Option<String>,
}

/// A saved search on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireSaved {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    description: Option<String>,
    #[serde(deserialize_with = "text")]
    owner: Option<String>,
    #[serde(deserialize_with = "text")]
    database: Option<String>,
    #[serde(deserialize_with = "text")]
    aql: Option<String>,
    #[serde(deserialize_with = "flag")]
    is_shared: bool,
}

impl Keyed for WireSaved {
    fn key(&self) -> Option<u64> {
        id(self.id)
    }
}

impl WireSaved {
    /// What is asked for.
    pub const FIELDS: &str = "id,name,description,owner,database,aql,is_shared";

    /// Its query.
    pub fn aql(&self) -> Option<&str> {
        self.aql.as_deref().filter(|aql| !aql.trim().is_empty())
    }

    /// Where its answer keeps the rows.
    ///
    /// # Errors
    /// `Unsupported`: it looks at something else than events or flows.
    pub fn table(&self) -> Result<&'static str, Error> {
        match self.database.as_deref() {
            None | Some("EVENTS") => Ok("events"),
            Some("FLOWS") => Ok("flows"),
            Some(other) => Err(Error::Unsupported(format!(
                "a saved search over {} cannot be run; only events and flows",
                plain(other)
            ))),
        }
    }

    /// The search for a guest.
    pub fn into_wit(self) -> Option<SavedSearch> {
        const NAME_BYTES: usize = 1 << 10;
        let some = |text: Option<String>| text.filter(|text| !text.is_empty()).map(|text| cut(text, NAME_BYTES));
        Some(SavedSearch {
            id: id(self.id)?,
            name: cut(self.name.unwrap_or_default(), NAME_BYTES),
            description: some(self.description),
            owner: some(self.owner),
            database: cut(self.database.unwrap_or_default(), NAME_BYTES),
            aql: self.aql.map(|aql| cut(aql, 32 << 10)),
            shared: self.is_shared,
        })
    }
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It will change.
    Running,
    /// Its results can be read.
    Completed,
    /// It has ended without.
    Failed(Error),
}

impl WireSearch {
    /// Its id at the console; normally the name we chose.
    pub fn id(&self) -> Option<&str> {
        self.search_id
            .as_deref()
            .or(self.cursor_id.as_deref())
            .filter(|id| !id.is_empty())
    }

    /// How far it is. Only WAIT, EXECUTE and SORTING go on; whatever else it says is an end (D37, contract 3.4).
    pub fn progress(&self) -> Progress {
        let failed = |code: &str, message: String| {
            Progress::Failed(Error::Other(OtherError {
                code: code.to_owned(),
                message,
            }))
        };
        let why = || {
            let texts: Vec<String> = self
                .error_messages
                .iter()
                .filter_map(|error| Some(plain(error.message.as_ref()?)))
                .collect();
            if texts.is_empty() {
                "QRadar gave no reason".to_owned()
            } else {
                cut(texts.join("; "), 1 << 10)
            }
        };
        match self.status.as_deref() {
            Some("COMPLETED") => Progress::Completed,
            None if self.completed => Progress::Completed,
            None | Some("WAIT" | "EXECUTE" | "SORTING") => Progress::Running,
            Some("ERROR") => failed("ariel-error", format!("the search failed: {}", why())),
            Some("CANCELED") => failed(
                "ariel-canceled",
                format!("the search was cancelled at the console: {}", why()),
            ),
            Some(other) => failed(
                "ariel-status",
                format!("the search ended as `{}`: {}", plain(other), why()),
            ),
        }
    }
}

/// A row in the order of the selection; a column the console left out is missing.
pub fn row(aliases: &[String], mut row: Map<String, Value>) -> Vec<Cell> {
    aliases
        .iter()
        .map(|alias| row.remove(alias).map_or(Cell::Missing, cell))
        .collect()
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(flag) => Cell::Boolean(flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Integer(whole),
            (None, Some(float)) => Cell::Number(float),
            (None, None) => Cell::Missing,
        },
        Value::String(text) => Cell::Text(cut(text, CELL_BYTES)),
        Value::Array(elements) => Cell::Texts(elements.into_iter().take(CELL_TEXTS).map(element).collect()),
        object @ Value::Object(_) => Cell::Text(cut(object.to_string(), CELL_BYTES)),
    }
}

fn element(value: Value) -> String {
    match value {
        Value::String(text) => cut(text, CELL_BYTES),
        other => cut(other.to_string(), CELL_BYTES),
    }
}

/// About how many bytes a row takes in the journal.
pub fn size(row: &[Cell]) -> usize {
    // What the case's name and the JSON signs around it take.
    const FRAME: usize = 16;
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => text.len(),
        Cell::Texts(texts) => texts
            .iter()
            .fold(0usize, |sum, text| sum.saturating_add(text.len()).saturating_add(FRAME)),
        Cell::Missing | Cell::Boolean(_) => 0,
        Cell::Integer(_) | Cell::Number(_) => 20,
    };
    row.iter()
        .fold(FRAME, |sum, item| sum.saturating_add(cell(item)).saturating_add(FRAME))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn progress(json: Value) -> Progress {
        serde_json::from_value::<WireSearch>(json).unwrap().progress()
    }

    #[test]
    fn d37_every_state_but_three_is_an_end() {
        for word in ["WAIT", "EXECUTE", "SORTING"] {
            assert_eq!(progress(json!({"status": word, "progress": 100})), Progress::Running);
        }
        assert_eq!(progress(json!({"status": "COMPLETED"})), Progress::Completed);
        assert_eq!(
            progress(json!({"status": null, "completed": true})),
            Progress::Completed
        );
        for (word, code) in [
            ("CANCELED", "ariel-canceled"),
            ("ERROR", "ariel-error"),
            ("PAUSED", "ariel-status"),
        ] {
            let Progress::Failed(Error::Other(error)) = progress(json!({"status": word})) else {
                panic!("{word}")
            };
            assert_eq!(error.code, code);
        }
    }

    #[test]
    fn an_error_names_the_consoles_reason() {
        let messages =
            json!([{"severity": "ERROR", "message": "Query execution failed:\nout of disk"}, {"message": null}]);
        let Progress::Failed(Error::Other(error)) = progress(json!({"status": "ERROR", "error_messages": messages}))
        else {
            panic!("not failed")
        };
        assert_eq!(error.message, "the search failed: Query execution failed: out of disk");
    }

    #[test]
    fn cells_come_in_the_order_of_the_selection() {
        let aliases = ["rules", "n", "ip", "gone", "user", "port"].map(str::to_owned);
        let found = json!({"ip": "203.0.113.8", "n": 5.0, "rules": ["a", "b"], "user": null, "port": 443, "x": 1});
        let Value::Object(found) = found else {
            panic!("an object")
        };
        let expected = vec![
            Cell::Texts(vec!["a".to_owned(), "b".to_owned()]),
            Cell::Number(5.0),
            Cell::Text("203.0.113.8".to_owned()),
            Cell::Missing,
            Cell::Missing,
            Cell::Integer(443),
        ];
        assert_eq!(row(&aliases, found), expected);
    }
}
