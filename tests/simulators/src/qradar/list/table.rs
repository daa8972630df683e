//! Where do the objects of a list live?

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Map, Value};

use super::columns::{Column, Kind};
use super::plan::Ids;

/// One API object, fields in the order they were loaded.
pub type Row = Map<String, Value>;

/// Objects by id, ascending.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: BTreeMap<i64, Row>,
}

impl Table {
    /// A table of objects that carry an integer `id`; `what` names the state key in the error.
    pub fn load(rows: Vec<Row>, columns: &[Column], what: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for (at, mut row) in rows.into_iter().enumerate() {
            complete(&mut row, columns);
            table
                .insert(row)
                .ok_or_else(|| format!("{what}[{at}]: needs an integer `id`"))?;
        }
        Ok(table)
    }

    /// Adds or replaces one object; `None` when it has no integer id.
    pub fn insert(&mut self, row: Row) -> Option<()> {
        let id = row.get("id")?.as_i64()?;
        self.rows.insert(id, row);
        Some(())
    }

    /// The same objects, without the `id` that the endpoint does not show.
    pub fn without_id(mut self) -> Self {
        for row in self.rows.values_mut() {
            row.remove("id");
        }
        self
    }

    /// One object.
    pub fn get(&self, id: i64) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// Takes one object out.
    pub fn remove(&mut self, id: i64) -> Option<Row> {
        self.rows.remove(&id)
    }

    /// One object, to change it.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Row> {
        self.rows.get_mut(&id)
    }

    /// All objects, ascending by id.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.values()
    }

    /// All objects, to change them.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.values_mut()
    }

    /// The highest id, 0 when empty.
    pub fn last_id(&self) -> i64 {
        self.rows.last_key_value().map_or(0, |(id, _)| *id)
    }

    /// Candidates for a filter, ascending by id.
    pub fn candidates(&self, ids: &Ids) -> Vec<&Row> {
        match ids {
            Ids::Listed(ids) => ids.iter().filter_map(|id| self.rows.get(id)).collect(),
            Ids::Between(Bound::Unbounded, Bound::Unbounded) => self.rows.values().collect(),
            Ids::Between(low, high) => self.rows.range((*low, *high)).map(|(_, row)| row).collect(),
        }
    }
}

/// Adds the fields a recorded object lacks: clients that read by key need the nulls (contract 7, ansible).
pub fn complete(row: &mut Row, columns: &[Column]) {
    for column in columns {
        if !row.contains_key(column.name) {
            let empty = match column.kind {
                Kind::Ints | Kind::Texts | Kind::Objects(_) => Value::Array(Vec::new()),
                _ => Value::Null,
            };
            row.insert(column.name.to_owned(), empty);
        }
    }
}
