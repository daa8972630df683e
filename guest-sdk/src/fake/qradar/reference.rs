//! Which reference data does the fake console hold?

use std::collections::BTreeMap;

use crate::error::{Error, InvalidArgument};
use crate::fake::{Fake, script::at_most};
use crate::qradar::{
    EntryPage, Reference, ReferenceEntry, ReferenceSet, ReferenceTable, ReferenceValue, TableKind, ValuePage,
};
use crate::workflow::Workflow;

/// Values of one page, values of one call, keys of one page.
const PAGE: usize = 500;
const VALUES: usize = 100;
const KEYS: usize = 200;

#[derive(Default)]
pub(super) struct Store {
    sets: BTreeMap<String, (ReferenceSet, Vec<ReferenceValue>)>,
    tables: Vec<(TableKind, ReferenceTable, Vec<ReferenceEntry>)>,
}

impl Fake {
    /// A reference set with shared values.
    pub fn with_reference_set(self, name: &str, element_type: &str, values: &[&str]) -> Self {
        let set = ReferenceSet {
            name: name.to_owned(),
            element_type: element_type.to_owned(),
            ages_from: None,
            time_to_live: None,
            count: values.len() as u64,
            created_at: Some(0),
        };
        let values = values.iter().map(|text| value(text, None, 0)).collect();
        self.qradar
            .borrow_mut()
            .reference
            .sets
            .insert(name.to_owned(), (set, values));
        self
    }

    /// A reference map or table.
    pub fn with_reference_table(self, kind: TableKind, table: ReferenceTable, entries: Vec<ReferenceEntry>) -> Self {
        self.qradar.borrow_mut().reference.tables.push((kind, table, entries));
        self
    }

    /// The values of a reference set, in the order they were added.
    pub fn reference_values(&self, name: &str) -> Vec<String> {
        let store = self.qradar.borrow();
        let set = store.reference.sets.get(name);
        let values = set.map(|(_, values)| values.as_slice()).unwrap_or_default();
        values.iter().map(|value| value.value.clone()).collect()
    }

    fn each_value(
        &self,
        name: &str,
        values: &[String],
        change: impl Fn(&mut Vec<ReferenceValue>, &str, bool),
    ) -> Vec<Result<(), Error>> {
        let mut store = self.qradar.borrow_mut();
        let mut one = |text: &String| {
            checked("values", text, 1_000)?;
            let (set, values) = store.reference.sets.get_mut(name).ok_or(Error::NotFound)?;
            change(values, text, set.element_type == "ALNIC");
            set.count = values.len() as u64;
            Ok(())
        };
        values.iter().map(&mut one).collect()
    }
}

fn value(text: &str, domain: Option<u64>, now: u64) -> ReferenceValue {
    ReferenceValue {
        value: text.to_owned(),
        source: Some("synapse".to_owned()),
        first_seen: Some(now),
        last_seen: Some(now),
        domain_id: domain,
    }
}

fn equal(left: &str, right: &str, folds: bool) -> bool {
    left == right || (folds && left.to_lowercase() == right.to_lowercase())
}

fn checked(field: &str, text: &str, most: usize) -> Result<(), Error> {
    let count = text.chars().count();
    if (1..=most).contains(&count) && !text.trim().is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason: format!("{count} characters; use 1 to {most}"),
    }))
}

fn place(cursor: Option<&str>) -> Result<usize, Error> {
    let read = |text: &str| text.parse().map_err(|_| Error::ResyncRequired);
    cursor.map_or(Ok(0), read)
}

impl Reference for Fake {
    fn list_sets(&self, _: &String) -> Result<Vec<ReferenceSet>, Error> {
        self.call("qradar/reference.list-sets", &())?;
        let store = self.qradar.borrow();
        Ok(store.reference.sets.values().map(|(set, _)| set.clone()).collect())
    }

    fn get_set(&self, _: &String, name: &str) -> Result<ReferenceSet, Error> {
        self.call("qradar/reference.get-set", &name)?;
        let store = self.qradar.borrow();
        let found = store.reference.sets.get(name).map(|(set, _)| set.clone());
        found.ok_or(Error::NotFound)
    }

    fn list_values(&self, _: &String, name: &str, cursor: Option<&str>) -> Result<ValuePage, Error> {
        self.call("qradar/reference.list-values", &(name, cursor))?;
        let first = place(cursor)?;
        let store = self.qradar.borrow();
        let (_, values) = store.reference.sets.get(name).ok_or(Error::NotFound)?;
        let next = (values.len() > first.saturating_add(PAGE)).then(|| (first + PAGE).to_string());
        let values = values.iter().skip(first).take(PAGE).cloned().collect();
        Ok(ValuePage { values, next })
    }

    fn contains(&self, _: &String, name: &str, values: &[String]) -> Result<Vec<bool>, Error> {
        self.call("qradar/reference.contains", &(name, values))?;
        at_most("values", values.len(), VALUES)?;
        let store = self.qradar.borrow();
        let (set, known) = store.reference.sets.get(name).ok_or(Error::NotFound)?;
        let folds = set.element_type == "ALNIC";
        let holds = |text: &String| known.iter().any(|value| equal(&value.value, text, folds));
        Ok(values.iter().map(holds).collect())
    }

    fn add_values(&self, _: &String, name: &str, values: &[String], domain: Option<u64>) -> Vec<Result<(), Error>> {
        let checked = self
            .call("qradar/reference.add-values", &(name, values, domain))
            .and_then(|()| at_most("values", values.len(), VALUES));
        if let Err(error) = checked {
            return values.iter().map(|_| Err(error.clone())).collect();
        }
        let now = self.now();
        self.each_value(name, values, |known, text, folds| {
            let same = |value: &&mut ReferenceValue| value.domain_id == domain && equal(&value.value, text, folds);
            match known.iter_mut().find(same) {
                Some(there) => there.last_seen = Some(now),
                None => known.push(value(text, domain, now)),
            }
        })
    }

    fn remove_values(&self, _: &String, name: &str, values: &[String], domain: Option<u64>) -> Vec<Result<(), Error>> {
        let checked = self
            .call("qradar/reference.remove-values", &(name, values, domain))
            .and_then(|()| at_most("values", values.len(), VALUES));
        if let Err(error) = checked {
            return values.iter().map(|_| Err(error.clone())).collect();
        }
        self.each_value(name, values, |known, text, folds| {
            known.retain(|value| value.domain_id != domain || !equal(&value.value, text, folds));
        })
    }

    fn list_tables(&self, _: &String, kind: TableKind) -> Result<Vec<ReferenceTable>, Error> {
        self.call("qradar/reference.list-tables", &kind)?;
        let store = self.qradar.borrow();
        let of_kind = store.reference.tables.iter().filter(|(of, ..)| *of == kind);
        Ok(of_kind.map(|(_, table, _)| table.clone()).collect())
    }

    fn list_entries(&self, _: &String, kind: TableKind, name: &str, cursor: Option<&str>) -> Result<EntryPage, Error> {
        self.call("qradar/reference.list-entries", &(kind, name, cursor))?;
        let first = place(cursor)?;
        let store = self.qradar.borrow();
        let named =
            |(of, table, _): &&(TableKind, ReferenceTable, Vec<ReferenceEntry>)| *of == kind && table.name == name;
        let (.., entries) = store.reference.tables.iter().find(named).ok_or(Error::NotFound)?;
        let mut keys: Vec<&str> = entries
            .iter()
            .filter_map(|entry| entry.keys.first().map(String::as_str))
            .collect();
        keys.dedup();
        let page: Vec<&str> = keys.iter().skip(first).take(KEYS).copied().collect();
        let next = (keys.len() > first.saturating_add(KEYS)).then(|| (first + KEYS).to_string());
        let on_page = |entry: &&ReferenceEntry| entry.keys.first().is_some_and(|key| page.contains(&key.as_str()));
        let entries = entries.iter().filter(on_page).cloned().collect();
        Ok(EntryPage { entries, next })
    }
}
