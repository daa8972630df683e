//! How are sets listed, read and changed, whichever endpoints the console has?

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::super::Client;
use super::super::ask::{Ask, Items};
use super::super::change::{Unchanged, not_sent, refused};
use super::super::fault::Fault;
use super::super::list::Slice;
use super::{Dialect, PAGE};
use crate::bindings::synapse::qradar::reference::{ReferenceSet, ReferenceValue, ValuePage};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Failure;
use crate::qradar::permission::Domains;
use crate::qradar::query::cursor;
use crate::qradar::types::lookup::Keyed as _;
use crate::qradar::types::reference::{WireSet, WireValue};

/// Sets of one request, and of all: no console has as many.
const SETS: u64 = 500;
const MOST: usize = 10_000;
/// Values that are looked through at the older endpoints, which cannot be asked for one.
const LOOKED_THROUGH: u64 = 100_000;

const WHAT: &str = "a reference set";
const LIST: &str = "the reference sets";

impl Client {
    /// All sets by name.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn sets(&self) -> Result<Vec<ReferenceSet>, Error> {
        let refused = |fault: Fault| fault.into_error(LIST);
        let path: &[&str] = match self.dialect().await.map_err(refused)? {
            Dialect::Old => &["reference_data", "sets"],
            Dialect::New => &["reference_data_collections", "sets"],
        };
        let found = self.named(&Ask::get(LIST, path)).await.map_err(refused)?;
        Ok(found.into_values().filter_map(WireSet::into_set).collect())
    }

    /// A whole list of sets, maps or tables, by name; of several of a name the shared one.
    pub(super) async fn named(&self, ask: &Ask) -> Result<BTreeMap<String, WireSet>, Fault> {
        let mut found: BTreeMap<String, WireSet> = BTreeMap::new();
        let mut first = 0;
        loop {
            let Slice { rows, taken, more } = self.slice::<WireSet>(ask, Items { first, count: SETS }, None).await?;
            for set in rows {
                let Some(name) = set.name().map(ToOwned::to_owned) else {
                    continue;
                };
                if set.is_shared() || !found.contains_key(&name) {
                    found.insert(name, set);
                }
            }
            first = first.saturating_add(taken);
            if !more || taken == 0 || found.len() >= MOST {
                return Ok(found);
            }
        }
    }

    /// One set by its name.
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn set_named(&self, name: &str) -> Result<ReferenceSet, Error> {
        let (_, set) = self.find_set(name).await.map_err(|fault| fault.into_error(WHAT))?;
        set.into_set().ok_or(Error::NotFound)
    }

    async fn find_set(&self, name: &str) -> Result<(Dialect, WireSet), Fault> {
        let dialect = self.dialect().await?;
        let set = match dialect {
            Dialect::Old => self.old_set(name).await?,
            Dialect::New => self.new_set(name).await?,
        };
        Ok((dialect, set))
    }

    /// A page of a set's values: shared ones and those of these domains.
    ///
    /// # Errors
    /// `NotFound`, `ResyncRequired`. Otherwise the console's refusal, or that it does not answer.
    pub async fn set_values(&self, name: &str, cursor: Option<&str>, domains: &Domains) -> Result<ValuePage, Error> {
        let refused = |fault: Fault| fault.into_error(WHAT);
        let dialect = self.dialect().await.map_err(refused)?;
        let key = (name, dialect == Dialect::New);
        let after = cursor.map(|cursor| cursor::decode(&key, cursor)).transpose()?;
        let (values, next) = match dialect {
            Dialect::Old => self.old_values(name, after.unwrap_or(0), PAGE).await.map_err(refused)?,
            Dialect::New => {
                let set = self.new_set(name).await.map_err(refused)?;
                let set = set.id().ok_or(Error::NotFound)?;
                self.new_values(set, after, PAGE).await?
            }
        };
        let shown = values.into_iter().filter(|value| shows(domains, value));
        Ok(ValuePage {
            values: shown.filter_map(WireValue::into_wit).collect::<Vec<ReferenceValue>>(),
            next: next.map(|next| cursor::encode(&key, next)),
        })
    }

    /// Which of these values are in a set, shared or in one of these domains.
    ///
    /// # Errors
    /// `NotFound`. `TooLarge`: an older console's set that is too large to be looked through. Otherwise the console's refusal, or that it does
    /// not answer.
    pub async fn set_contains(&self, name: &str, values: &[String], domains: &Domains) -> Result<Vec<bool>, Error> {
        let refused = |fault: Fault| fault.into_error(WHAT);
        let (dialect, set) = self.find_set(name).await.map_err(refused)?;
        let folds = set.ignores_case();
        let fold = |text: &str| if folds { text.to_lowercase() } else { text.to_owned() };
        let mut wanted: Vec<String> = values.iter().map(|value| fold(value)).collect();
        let mut seen = std::collections::BTreeSet::new();
        let mut take = |found: Vec<WireValue>| {
            let shown = found.into_iter().filter(|value| shows(domains, value));
            seen.extend(shown.filter_map(|value| value.text().map(fold)));
        };
        match (dialect, set.id()) {
            (Dialect::New, Some(id)) => {
                // The console keeps ignored case in small letters; what was kept otherwise is asked for as given.
                wanted.extend(values.iter().cloned());
                take(self.new_entries(id, &wanted).await.map_err(refused)?);
            }
            (Dialect::New, None) => return Err(Error::NotFound),
            (Dialect::Old, _) => {
                let mut first = 0;
                loop {
                    let (found, next) = self.old_values(name, first, PAGE).await.map_err(refused)?;
                    take(found);
                    match next {
                        Some(next) if next < LOOKED_THROUGH => first = next,
                        Some(_) => return Err(Error::TooLarge(LOOKED_THROUGH)),
                        None => break,
                    }
                }
            }
        }
        Ok(values.iter().map(|value| seen.contains(&fold(value))).collect())
    }

    /// Adds a value to a set. One that is there is updated, so it may be repeated.
    ///
    /// # Errors
    /// With how sure it is that nothing was changed.
    pub async fn add_value(&self, name: &str, value: &str, domain: Option<u64>) -> Result<(), Failure> {
        let start = Instant::now();
        let asked = |fault: Fault| not_sent(fault.into_error(WHAT));
        let added = match self.dialect().await.map_err(asked)? {
            Dialect::Old => self.old_add(name, value, domain, start).await,
            Dialect::New => {
                let set = self.new_set(name).await.map_err(asked)?;
                let id = set.id().ok_or(Error::NotFound).map_err(not_sent)?;
                self.new_add(id, value, domain, start).await
            }
        };
        added.map_err(|unchanged| unchanged.into_failure("a new value of a reference set"))
    }

    /// Removes a value from a set. One that is not there is a success, so it may be repeated.
    ///
    /// # Errors
    /// With how sure it is that nothing was changed.
    pub async fn remove_value(&self, name: &str, value: &str, domain: Option<u64>) -> Result<(), Failure> {
        let start = Instant::now();
        let asked = |fault: Fault| not_sent(fault.into_error(WHAT));
        let (dialect, set) = self.find_set(name).await.map_err(asked)?;
        let removed = match (dialect, set.id()) {
            (Dialect::Old, _) => self.old_remove(name, value, domain, start).await,
            (Dialect::New, None) => return Err(refused(Error::NotFound)),
            (Dialect::New, Some(id)) => {
                let folds = set.ignores_case();
                let equal = |found: &str| found == value || (folds && found.to_lowercase() == value.to_lowercase());
                let wanted = [value.to_owned(), value.to_lowercase()];
                let entries = self.new_entries(id, &wanted).await.map_err(asked)?;
                let entry = entries
                    .into_iter()
                    .find(|entry| entry.text().is_some_and(equal) && entry.domain() == domain);
                match entry.and_then(|entry| entry.key()) {
                    Some(entry) => self.new_remove(entry, start).await,
                    None => Ok(()),
                }
            }
        };
        match removed {
            // The set was found, so it is the value that is gone.
            Err(Unchanged {
                fault: Fault::Refused(refusal),
                ..
            }) if refusal.status == 404 => Ok(()),
            Err(unchanged) => Err(unchanged.into_failure("the removal of a value of a reference set")),
            Ok(()) => Ok(()),
        }
    }
}

/// Is a value one that these domains see? Shared ones are everybody's.
fn shows(domains: &Domains, value: &WireValue) -> bool {
    value.domain().is_none() || domains.covers(value.domain())
}
