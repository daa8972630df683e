//! What do an offense's numbers mean: its type, addresses, rules, domain? (contract 3.3, 3.6)

use super::super::permission::Domains;
use super::super::query::filter;
use super::super::types::lookup::{WireAddress, WireContribution, WireDomain, WireRule, WireType};
use super::Client;
use super::ask::Ask;
use crate::bindings::synapse::qradar::domains::Domain;
use crate::bindings::synapse::qradar::offenses::{Address, OffenseType};
use crate::bindings::synapse::qradar::rules::{Contribution, Rule, RuleFilter};
use crate::bindings::synapse::workflow::types::Error;

/// Address ids of one call.
const ADDRESSES: usize = 10_000;
/// Rule ids of one call.
const RULES: usize = 1_000;

impl Client {
    /// All offense types.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn offense_types(&self) -> Result<Vec<OffenseType>, Error> {
        let ask = Ask::get("the offense types", &["siem", "offense_types"])
            .query("fields", WireType::FIELDS)
            .query("sort", "+id");
        let found = self
            .whole::<WireType>(&ask)
            .await
            .map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireType::into_wit).collect())
    }

    /// Source addresses by id, by ascending id.
    ///
    /// # Errors
    /// As `by_ids`.
    pub async fn source_addresses(&self, ids: &[u64], domains: &Domains) -> Result<Vec<Address>, Error> {
        let ask = Ask::get("the source addresses", &["siem", "source_addresses"])
            .query("fields", "id,source_ip,network,domain_id");
        self.addresses(&ask, ids, domains).await
    }

    /// Local destination addresses by id, by ascending id.
    ///
    /// # Errors
    /// As `by_ids`.
    pub async fn local_destination_addresses(&self, ids: &[u64], domains: &Domains) -> Result<Vec<Address>, Error> {
        let ask = Ask::get(
            "the local destination addresses",
            &["siem", "local_destination_addresses"],
        );
        self.addresses(
            &ask.query("fields", "id,local_destination_ip,network,domain_id"),
            ids,
            domains,
        )
        .await
    }

    async fn addresses(&self, ask: &Ask, ids: &[u64], domains: &Domains) -> Result<Vec<Address>, Error> {
        let found = self.by_ids::<WireAddress>(ask, ids, ADDRESSES).await?;
        // Addresses of other domains are unknown here, like their offenses.
        let own = found.into_values().filter(|address| domains.covers(address.domain()));
        Ok(own.filter_map(WireAddress::into_wit).collect())
    }

    /// Rules by id, by ascending id.
    ///
    /// # Errors
    /// As `by_ids`.
    pub async fn rules(&self, ids: &[u64]) -> Result<Vec<Rule>, Error> {
        let ask = Ask::get("the rules", &["analytics", "rules"]).query("fields", WireRule::FIELDS);
        let found = self.by_ids::<WireRule>(&ask, ids, RULES).await?;
        Ok(found.into_values().filter_map(WireRule::into_wit).collect())
    }

    /// All rules that match, by ascending id. The endpoint does not sort, so the whole list is read.
    ///
    /// # Errors
    /// `Invalid`: the text. Otherwise the console's refusal, or that it does not answer.
    pub async fn all_rules(&self, wanted: &RuleFilter) -> Result<Vec<Rule>, Error> {
        let mut ask = Ask::get("the rules", &["analytics", "rules"]).query("fields", WireRule::FIELDS);
        if let Some(text) = filter::rules(wanted)? {
            ask = ask.query("filter", text);
        }
        let found = self.whole::<WireRule>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireRule::into_wit).collect())
    }

    /// Which rules made an offense what it is.
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn contributions(&self, offense: u64, domains: &Domains) -> Result<Vec<Contribution>, Error> {
        // Of an offense that is not there the list would be empty.
        self.offense(offense, domains).await?;
        let ask = Ask::get(
            "the rules' contributions",
            &["analytics", "rules_offense_contributions"],
        );
        let ask = ask
            .query("fields", WireContribution::FIELDS)
            .query("filter", format!("offense_id = {offense}"));
        let found = self.whole::<WireContribution>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(ask.what))?;
        let all = found.into_values().filter_map(WireContribution::into_wit);
        Ok(all.take(RULES).collect())
    }

    /// The domains that the token sees and these scopes cover.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn domains(&self, domains: &Domains) -> Result<Vec<Domain>, Error> {
        let ask =
            Ask::get("the domains", &["config", "domain_management", "domains"]).query("fields", WireDomain::FIELDS);
        let found = self
            .whole::<WireDomain>(&ask)
            .await
            .map_err(|fault| fault.into_error(ask.what))?;
        let all = found.into_values().filter_map(WireDomain::into_wit);
        Ok(all.filter(|domain| domains.covers(Some(domain.id))).collect())
    }
}
