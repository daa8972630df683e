//! How do the generated traits of `synapse:qradar` reach the gate?

mod assets;
mod handling;
mod reference;
mod system;

use wasmtime::component::Resource;

use super::calls::{
    GetOffense, GetRules, ListDomains, ListOffenses, ListRules, LocalDestinationAddresses, OffenseTypes,
    RuleContributions, Run, RunSaved, SavedSearches, SourceAddresses,
};
use super::client::Client;
use crate::bindings::synapse::qradar::ariel::{SavedResult, SavedSearch, Search, SearchResult};
use crate::bindings::synapse::qradar::domains::Domain;
use crate::bindings::synapse::qradar::offenses::{Address, Offense, OffenseFilter, OffensePage, OffenseType};
use crate::bindings::synapse::qradar::rules::{Contribution, Rule, RuleFilter};
use crate::bindings::synapse::qradar::{ariel, connection, domains, offenses, rules};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;

/// What a guest gets; the outer error ends the run.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl connection::Host for Host {}

impl connection::HostConsole for Host {
    async fn open(&mut self, binding: String) -> Answer<Resource<Handle>> {
        Host::open::<Client>(self, &binding)
    }

    async fn drop(&mut self, console: Resource<Handle>) -> wasmtime::Result<()> {
        self.close(console)
    }
}

impl offenses::Host for Host {
    async fn list_offenses(
        &mut self,
        console: Resource<Handle>,
        filter: OffenseFilter,
        cursor: Option<String>,
    ) -> Answer<OffensePage> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListOffenses { filter, cursor }).await?)
    }

    async fn get_offense(&mut self, console: Resource<Handle>, id: u64) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, GetOffense { id }).await?)
    }

    async fn offense_types(&mut self, console: Resource<Handle>) -> Answer<Vec<OffenseType>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, OffenseTypes {}).await?)
    }

    async fn source_addresses(&mut self, console: Resource<Handle>, ids: Vec<u64>) -> Answer<Vec<Address>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, SourceAddresses { ids }).await?)
    }

    async fn local_destination_addresses(&mut self, console: Resource<Handle>, ids: Vec<u64>) -> Answer<Vec<Address>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, LocalDestinationAddresses { ids }).await?)
    }
}

impl ariel::Host for Host {
    /// One call of the gate for all searches. What refuses the call as a whole (a missing grant) is each search's answer.
    async fn run(
        &mut self,
        console: Resource<Handle>,
        searches: Vec<Search>,
    ) -> wasmtime::Result<Vec<Result<SearchResult, Error>>> {
        let (handle, count) = (self.handle(&console)?, searches.len());
        let answers = self.gate.read(&handle, Run { searches }).await?;
        Ok(answers.unwrap_or_else(|refused| vec![Err(refused); count]))
    }

    async fn saved_searches(&mut self, console: Resource<Handle>) -> Answer<Vec<SavedSearch>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, SavedSearches {}).await?)
    }

    async fn run_saved(
        &mut self,
        console: Resource<Handle>,
        id: u64,
        max_window_ms: u64,
        limit: u32,
    ) -> Answer<SavedResult> {
        let handle = self.handle(&console)?;
        let call = RunSaved {
            id,
            max_window_ms,
            limit,
        };
        Ok(self.gate.read(&handle, call).await?)
    }
}

impl rules::Host for Host {
    async fn get_rules(&mut self, console: Resource<Handle>, ids: Vec<u64>) -> Answer<Vec<Rule>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, GetRules { ids }).await?)
    }

    async fn list_rules(&mut self, console: Resource<Handle>, filter: RuleFilter) -> Answer<Vec<Rule>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListRules { filter }).await?)
    }

    async fn rule_contributions(&mut self, console: Resource<Handle>, offense: u64) -> Answer<Vec<Contribution>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, RuleContributions { offense }).await?)
    }
}

impl domains::Host for Host {
    async fn list_domains(&mut self, console: Resource<Handle>) -> Answer<Vec<Domain>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListDomains {}).await?)
    }
}
