//! Which imports stand behind QRadar's capabilities?

mod closing;
mod reference;

use super::Live;
use crate::bindings::qradar::synapse::qradar::{ariel, connection, domains, offenses, rules};
use crate::error::Error;
use crate::qradar::{
    Address, Contribution, Domain, Offense, OffenseFilter, OffensePage, OffenseType, QRadar, Rule, RuleFilter,
    SavedResult, SavedSearch, Search, SearchResult,
};

impl QRadar for Live {
    type Console = connection::Console;

    fn console(&self, binding: &str) -> Result<Self::Console, Error> {
        connection::Console::open(binding)
    }

    fn list_offenses(
        &self,
        console: &Self::Console,
        filter: &OffenseFilter,
        cursor: Option<&str>,
    ) -> Result<OffensePage, Error> {
        offenses::list_offenses(console, filter, cursor)
    }

    fn get_offense(&self, console: &Self::Console, id: u64) -> Result<Offense, Error> {
        offenses::get_offense(console, id)
    }

    fn offense_types(&self, console: &Self::Console) -> Result<Vec<OffenseType>, Error> {
        offenses::offense_types(console)
    }

    fn source_addresses(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Address>, Error> {
        offenses::source_addresses(console, ids)
    }

    fn local_destination_addresses(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Address>, Error> {
        offenses::local_destination_addresses(console, ids)
    }

    fn get_rules(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Rule>, Error> {
        rules::get_rules(console, ids)
    }

    fn list_domains(&self, console: &Self::Console) -> Result<Vec<Domain>, Error> {
        domains::list_domains(console)
    }

    fn run_searches(&self, console: &Self::Console, searches: &[Search]) -> Vec<Result<SearchResult, Error>> {
        ariel::run(console, searches)
    }

    fn list_rules(&self, console: &Self::Console, filter: &RuleFilter) -> Result<Vec<Rule>, Error> {
        rules::list_rules(console, filter)
    }

    fn rule_contributions(&self, console: &Self::Console, offense: u64) -> Result<Vec<Contribution>, Error> {
        rules::rule_contributions(console, offense)
    }

    fn saved_searches(&self, console: &Self::Console) -> Result<Vec<SavedSearch>, Error> {
        ariel::saved_searches(console)
    }

    fn run_saved(
        &self,
        console: &Self::Console,
        id: u64,
        max_window_ms: u64,
        limit: u32,
    ) -> Result<SavedResult, Error> {
        ariel::run_saved(console, id, max_window_ms, limit)
    }
}
