//! Which reference data does the console hold? Both families of endpoints look at the same sets. (contract 3.5)

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::list::columns::{Column, int, text};
use super::list::table::{Row, Table};
use super::seed::rows;
use super::tokens::Token;

/// Values of one console.
const MAX_ENTRIES: usize = 1_000_000;

/// Fields of a set at the newer endpoints (names of the vendor's public reference).
pub const SET: &[Column] = &[
    int("creation_time"),
    text("entry_type"),
    text("expired_log_option"),
    text("expiry_type"),
    int("id"),
    text("name"),
    text("description"),
    text("namespace"),
    int("number_of_entries"),
    int("tenant_id"),
    int("time_to_live"),
];

/// Fields of a value at the newer endpoints.
pub const ENTRY: &[Column] = &[
    int("collection_id"),
    int("domain_id"),
    int("first_seen"),
    int("id"),
    int("last_seen"),
    text("notes"),
    text("source"),
    text("value"),
];

/// Element types of the older endpoints.
pub const TYPES: &[&str] = &["ALN", "ALNIC", "NUM", "IP", "PORT", "DATE", "CIDR"];

/// Sets and what is in them; maps and tables.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Sets by collection id: name, element_type, timeout_type, time_to_live, namespace, creation_time.
    pub sets: Table,
    /// Values of all sets.
    pub entries: Table,
    /// Maps, maps of sets and tables: kind, then name, to the object with its `data`.
    pub tables: BTreeMap<&'static str, BTreeMap<String, Row>>,
    /// Deletions and bulk loads that were asked for.
    pub tasks: Table,
}

/// What a new value is made of.
#[derive(Debug, Clone, Default)]
pub struct NewEntry {
    /// The value, already checked.
    pub value: String,
    /// Who adds it.
    pub source: Option<String>,
    /// For people.
    pub notes: Option<String>,
    /// Of which domain.
    pub domain_id: Option<i64>,
}

impl Reference {
    /// A set of the state JSON, with its values as `data`.
    pub fn load_set(&mut self, mut row: Row, now_ms: i64) -> Result<(), String> {
        let data = row.remove("data");
        let id = self.make_set(&row, now_ms)?;
        for value in data.as_ref().and_then(Value::as_array).into_iter().flatten() {
            let of = |name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
            let entry = NewEntry {
                value: of("value").ok_or("`data` holds a value without `value`")?,
                source: of("source"),
                notes: of("notes"),
                domain_id: value.get("domain_id").and_then(Value::as_i64),
            };
            self.put(id, entry, now_ms).ok_or("too many values")?;
        }
        Ok(())
    }

    /// A map or table of the state JSON.
    pub fn load_table(&mut self, kind: &'static str, mut row: Row, now_ms: i64) -> Result<(), String> {
        let name = row
            .get("name")
            .and_then(Value::as_str)
            .ok_or("needs a `name`")?
            .to_owned();
        row.entry("element_type").or_insert_with(|| "ALN".into());
        row.entry("timeout_type").or_insert_with(|| "UNKNOWN".into());
        row.entry("creation_time").or_insert_with(|| now_ms.into());
        row.entry("data").or_insert_with(|| json!({}));
        self.tables.entry(kind).or_default().insert(name, row);
        Ok(())
    }

    /// Adds an empty set; its id.
    pub fn make_set(&mut self, row: &Row, now_ms: i64) -> Result<i64, String> {
        let text = |name: &str, default: &str| {
            let given = row.get(name).and_then(Value::as_str);
            given.unwrap_or(default).to_owned()
        };
        let name = text("name", "");
        if name.is_empty() {
            return Err("needs a `name`".to_owned());
        }
        let id = self.sets.last_id() + 1;
        let set = json!({
            "id": id, "name": name, "element_type": text("element_type", "ALN"),
            "timeout_type": text("timeout_type", "UNKNOWN"), "time_to_live": row.get("time_to_live"),
            "namespace": text("namespace", "SHARED"), "description": text("description", ""),
            "creation_time": row.get("creation_time").and_then(Value::as_i64).unwrap_or(now_ms),
        });
        for row in rows([set]) {
            self.sets.insert(row);
        }
        Ok(id)
    }

    /// A set by its name.
    pub fn named(&self, name: &str) -> Option<i64> {
        let found = self
            .sets
            .rows()
            .find(|row| row.get("name").and_then(Value::as_str) == Some(name));
        found.and_then(|row| row.get("id")?.as_i64())
    }

    /// Element type of a set.
    pub fn element_type(&self, set: i64) -> &str {
        let row = self.sets.get(set);
        row.and_then(|row| row.get("element_type")?.as_str()).unwrap_or("ALN")
    }

    /// The value as the set keeps it; none if its type does not take it.
    pub fn fitting(&self, set: i64, value: &str) -> Option<String> {
        let kind = self.element_type(set);
        let fits = match kind {
            "IP" => value.parse::<std::net::IpAddr>().is_ok(),
            "NUM" | "DATE" => value.parse::<i64>().is_ok(),
            "PORT" => value.parse::<u16>().is_ok(),
            _ => !value.is_empty(),
        };
        fits.then(|| match kind {
            "ALNIC" => value.to_lowercase(),
            _ => value.to_owned(),
        })
    }

    /// Values of a set that a caller may see: shared ones and those of its domains.
    pub fn values<'a>(&'a self, set: i64, token: &'a Token) -> impl Iterator<Item = &'a Row> {
        self.entries
            .rows()
            .filter(move |row| belongs(row, set) && sees(token, row))
    }

    /// Adds a value, or updates the one that is there; its id, and whether it is new. None: no room.
    pub fn put(&mut self, set: i64, new: NewEntry, now_ms: i64) -> Option<(i64, bool)> {
        if let Some(id) = self.find(set, &new.value, new.domain_id) {
            let row = self.entries.get_mut(id)?;
            row.insert("last_seen".to_owned(), now_ms.into());
            if let Some(source) = new.source {
                row.insert("source".to_owned(), source.into());
            }
            return Some((id, false));
        }
        if self.entries.rows().count() >= MAX_ENTRIES {
            return None;
        }
        let id = self.entries.last_id() + 1;
        let entry = json!({
            "id": id, "collection_id": set, "value": new.value, "source": new.source.unwrap_or_else(|| "reference data api".to_owned()),
            "notes": new.notes, "first_seen": now_ms, "last_seen": now_ms, "domain_id": new.domain_id,
        });
        for row in rows([entry]) {
            self.entries.insert(row);
        }
        Some((id, true))
    }

    /// The value of a set and domain.
    pub fn find(&self, set: i64, value: &str, domain: Option<i64>) -> Option<i64> {
        let same = |row: &&Row| {
            belongs(row, set)
                && row.get("value").and_then(Value::as_str) == Some(value)
                && row.get("domain_id").and_then(Value::as_i64) == domain
        };
        self.entries.rows().find(same).and_then(|row| row.get("id")?.as_i64())
    }

    /// Takes all values of a set out, and the set unless only those go.
    pub fn clear(&mut self, set: i64, keep_set: bool) {
        let ids: Vec<i64> = self
            .entries
            .rows()
            .filter(|row| belongs(row, set))
            .filter_map(|row| row.get("id")?.as_i64())
            .collect();
        for id in ids {
            self.entries.remove(id);
        }
        if !keep_set {
            self.sets.remove(set);
        }
    }

    /// The set as the older endpoints show it, without its values.
    pub fn old_view(&self, set: &Row, token: &Token) -> Row {
        let id = set.get("id").and_then(Value::as_i64).unwrap_or_default();
        let mut view = Map::new();
        for name in [
            "timeout_type",
            "time_to_live",
            "creation_time",
            "name",
            "namespace",
            "element_type",
        ] {
            // Recorded: a set that lives for ever has no `time_to_live`.
            if let Some(value) = set.get(name).filter(|value| !value.is_null()) {
                view.insert(name.to_owned(), value.clone());
            }
        }
        view.insert("number_of_elements".to_owned(), self.values(id, token).count().into());
        view.insert("collection_id".to_owned(), id.into());
        view
    }

    /// The set as the newer endpoints show it.
    pub fn new_view(&self, set: &Row, token: &Token) -> Row {
        let id = set.get("id").and_then(Value::as_i64).unwrap_or_default();
        let of = |name: &str| set.get(name).cloned().unwrap_or(Value::Null);
        let kind = set.get("timeout_type").and_then(Value::as_str);
        let expiry = kind
            .filter(|kind| ["FIRST_SEEN", "LAST_SEEN"].contains(kind))
            .unwrap_or("NO_EXPIRY");
        let seconds = set.get("time_to_live").and_then(Value::as_i64).unwrap_or(0);
        let view = json!({
            "creation_time": of("creation_time"), "entry_type": of("element_type"), "expired_log_option": "LOG_NONE",
            "expiry_type": expiry, "id": id, "name": of("name"), "description": of("description"), "namespace": of("namespace"),
            "number_of_entries": self.values(id, token).count(), "tenant_id": null, "time_to_live": seconds,
        });
        rows([view]).into_iter().next().unwrap_or_default()
    }

    /// Remembers that something was asked for that a console does later; the task as it is shown.
    pub fn task(&mut self, name: &str, token: &Token, now_ms: i64) -> Row {
        let id = self.tasks.last_id() + 1;
        let task = json!({
            "created_by": format!("API_user: {}", token.label), "created": now_ms, "name": name, "modified": now_ms,
            "started": now_ms, "completed": now_ms, "id": id, "message": "Completed.", "status": "COMPLETED",
        });
        let row = rows([task]).into_iter().next().unwrap_or_default();
        self.tasks.insert(row.clone());
        row
    }
}

fn belongs(row: &Row, set: i64) -> bool {
    row.get("collection_id").and_then(Value::as_i64) == Some(set)
}

/// Shared values are everybody's.
pub fn sees(token: &Token, row: &Row) -> bool {
    let domain = row.get("domain_id").and_then(Value::as_i64);
    domain.is_none() || token.sees(domain, true)
}
