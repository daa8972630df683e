//! Which offenses does the fake console hold, and what do its searches find?

mod assets;
mod closing;
mod reference;

use std::collections::BTreeMap;

use super::{Fake, script::at_most};
use crate::error::{Error, InvalidArgument};
use crate::qradar::{
    Address, Contribution, Domain, Offense, OffenseFilter, OffensePage, OffenseType, QRadar, Rule, RuleFilter,
    RuleType, SavedResult, SavedSearch, Search, SearchResult,
};

const PAGE: usize = 100;
const ADDRESSES: usize = 10_000;
const RULES: usize = 1_000;
const SEARCHES: usize = 100;

type Ariel = Box<dyn Fn(&Search) -> Result<SearchResult, Error>>;
type Saved = Box<dyn Fn(u64, u64, u32) -> Result<SavedResult, Error>>;

#[derive(Default)]
pub(super) struct Store {
    assets: assets::Store,
    closing: closing::Store,
    reference: reference::Store,
    offenses: BTreeMap<u64, Offense>,
    types: Vec<OffenseType>,
    sources: Vec<Address>,
    destinations: Vec<Address>,
    rules: Vec<Rule>,
    domains: Vec<Domain>,
    contributions: BTreeMap<u64, Vec<Contribution>>,
    ariel: Option<Ariel>,
    saved: Vec<SavedSearch>,
    run_saved: Option<Saved>,
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

    /// Which rules made an offense.
    pub fn with_contributions(self, offense: u64, contributions: Vec<Contribution>) -> Self {
        self.qradar.borrow_mut().contributions.insert(offense, contributions);
        self
    }

    /// The saved searches it knows, and what one of them finds, by id, longest window and limit.
    pub fn with_saved_searches(
        self,
        saved: Vec<SavedSearch>,
        answer: impl Fn(u64, u64, u32) -> Result<SavedResult, Error> + 'static,
    ) -> Self {
        let mut store = self.qradar.borrow_mut();
        store.saved = saved;
        store.run_saved = Some(Box::new(answer));
        drop(store);
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
        && filter.after_id.is_none_or(|id| offense.id > id)
        && within(offense.last_persisted_time, filter.persisted_from, filter.persisted_to)
        && within(offense.close_time, filter.closed_from, filter.closed_to)
        && (filter.assigned_to.is_none() || offense.assigned_to == filter.assigned_to)
        && (filter.domain.is_none() || offense.domain_id == filter.domain)
        && filter.offense_type.is_none_or(|key| offense.offense_type == key)
        && filter.follow_up.is_none_or(|flag| offense.follow_up == flag)
        && filter.protected.is_none_or(|flag| offense.protected == flag)
        && filter.inactive.is_none_or(|flag| offense.inactive == flag)
}

/// A time that is not known is in no window.
fn within(time: Option<u64>, from: Option<u64>, to: Option<u64>) -> bool {
    from.is_none_or(|from| time.is_some_and(|time| time >= from))
        && to.is_none_or(|to| time.is_some_and(|time| time <= to))
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

    fn list_rules(&self, _: &String, filter: &RuleFilter) -> Result<Vec<Rule>, Error> {
        self.call("qradar/rules.list-rules", &filter)?;
        let word = |kind: RuleType| match kind {
            RuleType::Event => "EVENT",
            RuleType::Flow => "FLOW",
            RuleType::Common => "COMMON",
            RuleType::Offense => "OFFENSE",
        };
        let part = filter.name_contains.as_deref().map(str::to_lowercase);
        let wanted = |rule: &&Rule| {
            filter.enabled.is_none_or(|enabled| rule.enabled == enabled)
                && filter.type_.is_none_or(|kind| rule.type_ == word(kind))
                && part.as_ref().is_none_or(|part| rule.name.to_lowercase().contains(part))
        };
        Ok(self.qradar.borrow().rules.iter().filter(wanted).cloned().collect())
    }

    fn rule_contributions(&self, _: &String, offense: u64) -> Result<Vec<Contribution>, Error> {
        self.call("qradar/rules.rule-contributions", &offense)?;
        let store = self.qradar.borrow();
        store.offenses.get(&offense).ok_or(Error::NotFound)?;
        Ok(store.contributions.get(&offense).cloned().unwrap_or_default())
    }

    fn saved_searches(&self, _: &String) -> Result<Vec<SavedSearch>, Error> {
        self.call("qradar/ariel.saved-searches", &())?;
        Ok(self.qradar.borrow().saved.clone())
    }

    fn run_saved(&self, _: &String, id: u64, max_window_ms: u64, limit: u32) -> Result<SavedResult, Error> {
        self.call("qradar/ariel.run-saved", &(id, max_window_ms, limit))?;
        let store = self.qradar.borrow();
        if !store.saved.iter().any(|saved| saved.id == id) {
            return Err(Error::NotFound);
        }
        let answer = store.run_saved.as_ref().ok_or(Error::NotFound)?;
        answer(id, max_window_ms, limit)
    }
}
