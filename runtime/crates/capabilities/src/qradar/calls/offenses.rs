//! Which questions about offenses, and what they refer to, are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::domains::Domain;
use crate::bindings::synapse::qradar::offenses::{Address, Offense, OffenseFilter, OffensePage, OffenseType};
use crate::bindings::synapse::qradar::rules::{Contribution, Rule, RuleFilter};
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::client::Client;
use crate::qradar::permission::{self, Domains, Request};

read!(
    /// A page of offenses.
    ListOffenses {
        /// Which.
        filter: OffenseFilter,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_OFFENSES -> OffensePage,
    |call, client, _scopes, domains| client.offenses(&call.filter, call.cursor.as_deref(), domains).await
);
read!(
    /// One offense.
    GetOffense {
        /// Its key.
        id: u64,
    } = GET_OFFENSE -> Offense,
    |call, client, _scopes, domains| client.offense(call.id, domains).await
);
read!(
    /// All offense types.
    OffenseTypes {} = OFFENSE_TYPES -> Vec<OffenseType>,
    |_call, client, _scopes, _domains| client.offense_types().await
);
read!(
    /// Source addresses by id.
    SourceAddresses {
        /// Keys.
        ids: Vec<u64>,
    } = SOURCE_ADDRESSES -> Vec<Address>,
    |call, client, _scopes, domains| client.source_addresses(&call.ids, domains).await
);
read!(
    /// Local destination addresses by id.
    LocalDestinationAddresses {
        /// Keys.
        ids: Vec<u64>,
    } = LOCAL_DESTINATION_ADDRESSES -> Vec<Address>,
    |call, client, _scopes, domains| client.local_destination_addresses(&call.ids, domains).await
);
read!(
    /// Rules by id.
    GetRules {
        /// Keys.
        ids: Vec<u64>,
    } = GET_RULES -> Vec<Rule>,
    |call, client, _scopes, _domains| client.rules(&call.ids).await
);
read!(
    /// The domains.
    ListDomains {} = LIST_DOMAINS -> Vec<Domain>,
    |_call, client, _scopes, domains| client.domains(domains).await
);
read!(
    /// All rules that match.
    ListRules {
        /// Which.
        filter: RuleFilter,
    } = LIST_RULES -> Vec<Rule>,
    |call, client, _scopes, _domains| client.all_rules(&call.filter).await
);
read!(
    /// Which rules made an offense what it is.
    RuleContributions {
        /// Which.
        offense: u64,
    } = RULE_CONTRIBUTIONS -> Vec<Contribution>,
    |call, client, _scopes, domains| client.contributions(call.offense, domains).await
);
