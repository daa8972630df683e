//! Which offenses does the fake console hold, and what do its searches find?

use std::collections::BTreeMap;

use super::{Fake, script::at_most};
use crate::error::{Error, InvalidArgument};
use crate::qradar::{
    Address, Domain, Offense, OffenseFilter, OffensePage, OffenseType, QRadar, Rule, Search, SearchResult,
};

const PAGE: usize = 100;
const ADDRESSES: usize = 10_000;
const RULES: usize = 1_000;
const SEARCHES: usize = 100;

type Ariel = Box<dyn Fn(&Search) -> Result<SearchResult, Error>>;

#[derive(Default)]
pub(super) struct Store {
    offenses: BTreeMap<u64, Offense>,
    types: Vec<OffenseType>,
    sources: Vec<Address>,
    destinations: Vec<Address>,
    rules: Vec<Rule>,
    domains: Vec<Domain>,
    ariel: Option<Ariel>,
}

impl Fake {
    /// Offenses of the console.
    pub fn with_offenses(self, offenses: impl IntoIterator<Item = Offense>) -> Self {
        self.add_offenses(offenses);
        self
    }

    /// The offense types it knows.
    pub fn with_offense_types(self, types: Vec<OffenseType>) -> Self {
        self.qradar.borrow_mut().types = types;
        self
    }

    /// The source addresses it knows.
    pub fn with_source_addresses(self, addresses: Vec<Address>) -> Self {
        self.qradar.borrow_mut().sources = addresses;
        self
    }

    /// The local destination addresses it knows.
    pub fn with_local_destinations(self, addresses: Vec<Address>) -> Self {
        self.qradar.borrow_mut().destinations = addresses;
        self
    }

    /// The rules it knows.
    pub fn with_rules(self, rules: Vec<Rule>) -> Self {
        self.qradar.borrow_mut().rules = rules;
        self
    }

    /// The domains it knows.
    pub fn with_domains(self, domains: Vec<Domain>) -> Self {
        self.qradar.borrow_mut().domains = domains;
        self
    }

    /// What a search finds; without it, nothing.
    pub fn with_ariel(self, answer: impl Fn(&Search) -> Result<SearchResult, Error> + 'static) -> Self {
        self.qradar.borrow_mut().ariel = Some(Box::new(answer));
        self
    }

    /// More offenses, or newer states of them.
    pub fn add_offenses(&self, offenses: impl IntoIterator<Item = Offense>) {
        let mut store = self.qradar.borrow_mut();
        store
            .offenses
            .extend(offenses.into_iter().map(|offense| (offense.id, offense)));
    }
}

fn matches(offense: &Offense, filter: &OffenseFilter) -> bool {
    filter.status.is_none_or(|status| offense.status == status)
        && filter.updated_from.is_none_or(|from| offense.last_updated_time >= from)
        && filter.updated_to.is_none_or(|to| offense.last_updated_time <= to)
        && filter.min_magnitude.is_none_or(|least| offense.magnitude >= least)
        && filter.ids.as_ref().is_none_or(|ids| ids.contains(&offense.id))
}

fn known(addresses: &[Address], ids: &[u64]) -> Vec<Address> {
    addresses
        .iter()
        .filter(|address| ids.contains(&address.id))
        .cloned()
        .collect()
}

impl QRadar for Fake {
    type Console = String;

    fn console(&self, binding: &str) -> Result<String, Error> {
        self.call("qradar/connection.open", &binding)?;
        self.bound(binding)?;
        Ok(binding.to_owned())
    }

    fn list_offenses(&self, _: &String, filter: &OffenseFilter, cursor: Option<&str>) -> Result<OffensePage, Error> {
        self.call("qradar/offenses.list-offenses", &(filter, cursor))?;
        at_most("filter.ids", filter.ids.as_ref().map_or(0, Vec::len), PAGE)?;
        let invalid = |_| {
            Error::Invalid(InvalidArgument {
                field: "cursor".into(),
                reason: "it is not one of ours".into(),
            })
        };
        let after = cursor.map(str::parse::<u64>).transpose().map_err(invalid)?;
        let store = self.qradar.borrow();
        let wanted = |offense: &&Offense| after.is_none_or(|id| offense.id > id) && matches(offense, filter);
        let mut offenses: Vec<Offense> = store.offenses.values().filter(wanted).take(PAGE + 1).cloned().collect();
        let more = offenses.len() > PAGE;
        offenses.truncate(PAGE);
        let next = if more {
            offenses.last().map(|offense| offense.id.to_string())
        } else {
            None
        };
        Ok(OffensePage { offenses, next })
    }

    fn get_offense(&self, _: &String, id: u64) -> Result<Offense, Error> {
        self.call("qradar/offenses.get-offense", &id)?;
        self.qradar.borrow().offenses.get(&id).cloned().ok_or(Error::NotFound)
    }

    fn offense_types(&self, _: &String) -> Result<Vec<OffenseType>, Error> {
        self.call("qradar/offenses.offense-types", &())?;
        Ok(self.qradar.borrow().types.clone())
    }

    fn source_addresses(&self, _: &String, ids: &[u64]) -> Result<Vec<Address>, Error> {
        self.call("qradar/offenses.source-addresses", &ids)?;
        at_most("ids", ids.len(), ADDRESSES)?;
        Ok(known(&self.qradar.borrow().sources, ids))
    }

    fn local_destination_addresses(&self, _: &String, ids: &[u64]) -> Result<Vec<Address>, Error> {
        self.call("qradar/offenses.local-destination-addresses", &ids)?;
        at_most("ids", ids.len(), ADDRESSES)?;
        Ok(known(&self.qradar.borrow().destinations, ids))
    }

    fn get_rules(&self, _: &String, ids: &[u64]) -> Result<Vec<Rule>, Error> {
        self.call("qradar/rules.get-rules", &ids)?;
        at_most("ids", ids.len(), RULES)?;
        Ok(self
            .qradar
            .borrow()
            .rules
            .iter()
            .filter(|rule| ids.contains(&rule.id))
            .cloned()
            .collect())
    }

    fn list_domains(&self, _: &String) -> Result<Vec<Domain>, Error> {
        self.call("qradar/domains.list-domains", &())?;
        Ok(self.qradar.borrow().domains.clone())
    }

    fn run_searches(&self, _: &String, searches: &[Search]) -> Vec<Result<SearchResult, Error>> {
        let checked = self
            .call("qradar/ariel.run", &searches)
            .and_then(|()| at_most("searches", searches.len(), SEARCHES));
        if let Err(error) = checked {
            return searches.iter().map(|_| Err(error.clone())).collect();
        }
        let store = self.qradar.borrow();
        let nothing = || {
            Ok(SearchResult {
                rows: Vec::new(),
                truncated: false,
            })
        };
        searches
            .iter()
            .map(|search| store.ariel.as_ref().map_or_else(nothing, |answer| answer(search)))
            .collect()
    }
}
