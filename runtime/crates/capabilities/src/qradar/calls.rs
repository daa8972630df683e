//! What does each function ask, as the gate sees it: which arguments are compared on replay, whom does it ask, what is the answer?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use super::client::Client;
use super::permission::{self, Domains, Request};
use crate::bindings::synapse::qradar::ariel::{Search, SearchResult};
use crate::bindings::synapse::qradar::domains::Domain;
use crate::bindings::synapse::qradar::offenses::{Address, Offense, OffenseFilter, OffensePage, OffenseType};
use crate::bindings::synapse::qradar::rules::Rule;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Read;

/// Declares one read: its struct is what the journal compares, its body what is asked. Every read starts with the domains that the
/// grant covers, so none can forget them.
macro_rules! read {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:ident -> $answer:ty,
        |$call:ident, $client:ident, $domains:ident| $ask:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Read for $name {
            const OPERATION: Operation = permission::$operation;
            type Target = Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                permission::scoped(&Request::$name(self))
            }

            async fn perform(&self, $client: &Client, scopes: &Scopes) -> Result<$answer, Error> {
                let $call = self;
                let $domains = &Domains::of(scopes, $client.includes_multi_domain())?;
                $ask
            }
        }
    };
}

read!(
    /// A page of offenses.
    ListOffenses {
        /// Which.
        filter: OffenseFilter,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_OFFENSES -> OffensePage,
    |call, client, domains| client.offenses(&call.filter, call.cursor.as_deref(), domains).await
);
read!(
    /// One offense.
    GetOffense {
        /// Its key.
        id: u64,
    } = GET_OFFENSE -> Offense,
    |call, client, domains| client.offense(call.id, domains).await
);
read!(
    /// All offense types.
    OffenseTypes {} = OFFENSE_TYPES -> Vec<OffenseType>,
    |_call, client, _domains| client.offense_types().await
);
read!(
    /// Source addresses by id.
    SourceAddresses {
        /// Keys.
        ids: Vec<u64>,
    } = SOURCE_ADDRESSES -> Vec<Address>,
    |call, client, domains| client.source_addresses(&call.ids, domains).await
);
read!(
    /// Local destination addresses by id.
    LocalDestinationAddresses {
        /// Keys.
        ids: Vec<u64>,
    } = LOCAL_DESTINATION_ADDRESSES -> Vec<Address>,
    |call, client, domains| client.local_destination_addresses(&call.ids, domains).await
);
read!(
    /// Ariel searches: one call, one answer for each.
    Run {
        /// At most 100.
        searches: Vec<Search>,
    } = RUN -> Vec<Result<SearchResult, Error>>,
    |call, client, domains| Ok(client.run_searches(&call.searches, domains).await)
);
read!(
    /// Rules by id.
    GetRules {
        /// Keys.
        ids: Vec<u64>,
    } = GET_RULES -> Vec<Rule>,
    |call, client, _domains| client.rules(&call.ids).await
);
read!(
    /// The domains.
    ListDomains {} = LIST_DOMAINS -> Vec<Domain>,
    |_call, client, domains| client.domains(domains).await
);
