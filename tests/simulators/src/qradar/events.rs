//! Where do the events live that AQL searches?

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::aql::catalog::Catalog;

/// Most events one state may hold.
pub const MAX_EVENTS: usize = 2_000_000;

/// One event (possibly coalesced: `eventcount` > 1).
#[derive(Debug, Clone)]
pub struct Event {
    /// Epoch milliseconds.
    pub starttime: i64,
    /// Domain, 0 = default.
    pub domain_id: i64,
    /// Offenses it contributed to.
    pub offense_ids: Vec<i64>,
    /// Values by lower-case column name.
    values: HashMap<String, Value>,
}

impl Event {
    /// An event of the state JSON: `offense_id` or `offense_ids`, `starttime`, `domainid`, and any columns.
    pub fn load(row: Map<String, Value>) -> Result<Self, String> {
        let mut values: HashMap<String, Value> = row.into_iter().map(|(k, v)| (k.to_ascii_lowercase(), v)).collect();
        let mut offense_ids: Vec<i64> = Vec::new();
        match (values.remove("offense_id"), values.remove("offense_ids")) {
            (Some(id), _) => offense_ids.extend(id.as_i64()),
            (None, Some(ids)) => offense_ids.extend(ids.as_array().into_iter().flatten().filter_map(Value::as_i64)),
            (None, None) => {}
        }
        let number = |name: &str| values.get(name).and_then(Value::as_i64);
        let starttime = number("starttime").ok_or("needs an integer `starttime`")?;
        let domain_id = number("domainid").unwrap_or(0);
        Ok(Self {
            starttime,
            domain_id,
            offense_ids,
            values,
        })
    }

    /// The value of a column, lower-case name.
    pub fn get(&self, key: &str, catalog: &Catalog) -> Value {
        self.values.get(key).cloned().unwrap_or_else(|| match key {
            "endtime" | "devicetime" | "storagetime" => Value::from(self.starttime),
            _ => catalog.empty(key),
        })
    }

    /// Moves all its times.
    pub fn shift(&mut self, by_ms: i64) {
        self.starttime += by_ms;
        for name in ["starttime", "endtime", "devicetime", "storagetime"] {
            if let Some(value) = self.values.get_mut(name)
                && let Some(time) = value.as_i64()
            {
                *value = Value::from(time + by_ms);
            }
        }
    }
}

/// All events, found quickly by offense.
#[derive(Debug, Clone, Default)]
pub struct Events {
    all: Vec<Event>,
    by_offense: HashMap<i64, Vec<usize>>,
    /// Columns known so far.
    pub catalog: Catalog,
}

impl Events {
    /// Adds one event of the state JSON.
    pub fn add(&mut self, row: Map<String, Value>) -> Result<(), String> {
        if self.all.len() >= MAX_EVENTS {
            return Err(format!("more than {MAX_EVENTS} events"));
        }
        self.catalog.learn(&row);
        let event = Event::load(row)?;
        for id in &event.offense_ids {
            self.by_offense.entry(*id).or_default().push(self.all.len());
        }
        self.all.push(event);
        Ok(())
    }

    /// The events of one offense, or all.
    pub fn candidates(&self, offense: Option<i64>) -> Vec<&Event> {
        match offense {
            None => self.all.iter().collect(),
            Some(id) => {
                let places = self.by_offense.get(&id).map(Vec::as_slice).unwrap_or_default();
                places.iter().filter_map(|place| self.all.get(*place)).collect()
            }
        }
    }

    /// Moves all times.
    pub fn shift(&mut self, by_ms: i64) {
        self.all.iter_mut().for_each(|event| event.shift(by_ms));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
