//! Which permission does each call need, and which domains may its answer speak of?
//!
//! No function of this connector takes a domain, so no argument is scoped: a grant's scope `domain` narrows what is
//! asked for and what is handed out instead (contract 3.7). Rules and offense types belong to the console, not to a domain.

use std::collections::BTreeSet;

use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use super::calls::{
    GetOffense, GetRules, ListDomains, ListOffenses, LocalDestinationAddresses, OffenseTypes, Run, SourceAddresses,
};
use crate::bindings::synapse::workflow::types::Error;

/// `offenses.list-offenses`
pub const LIST_OFFENSES: Operation = Operation::read("qradar/offenses.list-offenses");
/// `offenses.get-offense`
pub const GET_OFFENSE: Operation = Operation::read("qradar/offenses.get-offense");
/// `offenses.offense-types`
pub const OFFENSE_TYPES: Operation = Operation::read("qradar/offenses.offense-types");
/// `offenses.source-addresses`
pub const SOURCE_ADDRESSES: Operation = Operation::read("qradar/offenses.source-addresses");
/// `offenses.local-destination-addresses`
pub const LOCAL_DESTINATION_ADDRESSES: Operation = Operation::read("qradar/offenses.local-destination-addresses");
/// `ariel.run`: leaves an object at the console for a while, and still only asks.
pub const RUN: Operation = Operation::read("qradar/ariel.run");
/// `rules.get-rules`
pub const GET_RULES: Operation = Operation::read("qradar/rules.get-rules");
/// `domains.list-domains`
pub const LIST_DOMAINS: Operation = Operation::read("qradar/domains.list-domains");

/// The scope of a grant that names domain ids.
pub const DOMAIN: &str = "domain";

/// Every request a guest can make; a new function has to be decided on here.
pub enum Request<'a> {
    /// A page of offenses.
    ListOffenses(&'a ListOffenses),
    /// One offense.
    GetOffense(&'a GetOffense),
    /// All offense types.
    OffenseTypes(&'a OffenseTypes),
    /// Source addresses by id.
    SourceAddresses(&'a SourceAddresses),
    /// Local destination addresses by id.
    LocalDestinationAddresses(&'a LocalDestinationAddresses),
    /// Ariel searches.
    Run(&'a Run),
    /// Rules by id.
    GetRules(&'a GetRules),
    /// The domains.
    ListDomains(&'a ListDomains),
}

/// Arguments of a request that a grant can limit. Every argument is named, so that a new one has to be decided on here.
pub fn scoped(request: &Request<'_>) -> Vec<(&'static str, String)> {
    match request {
        Request::ListOffenses(ListOffenses { filter: _, cursor: _ })
        | Request::GetOffense(GetOffense { id: _ })
        | Request::OffenseTypes(OffenseTypes {})
        | Request::SourceAddresses(SourceAddresses { ids: _ })
        | Request::LocalDestinationAddresses(LocalDestinationAddresses { ids: _ })
        | Request::Run(Run { searches: _ })
        | Request::GetRules(GetRules { ids: _ })
        | Request::ListDomains(ListDomains {}) => Vec::new(),
    }
}

/// The domains an answer may speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domains {
    /// No scope: whatever the connection's token sees.
    All,
    /// Only these.
    Only {
        /// Their ids.
        ids: BTreeSet<u64>,
        /// Also what spans several domains (its domain id is null on the wire)?
        spanning: bool,
    },
}

impl Domains {
    /// The domains of a grant's scopes. `spanning` is the connection's `include_multi_domain`.
    ///
    /// # Errors
    /// `Denied`: the scope names no domain, or something that is none. Nothing is guessed.
    pub fn of(scopes: &Scopes, spanning: bool) -> Result<Self, Error> {
        let Some(values) = scopes.get(DOMAIN) else {
            return Ok(Self::All);
        };
        if values.is_empty() {
            let why =
                "manifest and grant have no QRadar domain in common; an operator can widen the grant's scope `domain`";
            return Err(Error::Denied(why.to_owned()));
        }
        let ids = values.iter().map(|value| {
            let why = || format!("the grant's scope `domain` holds `{value}`: use the number of a QRadar domain");
            value.parse::<u64>().map_err(|_| Error::Denied(why()))
        });
        Ok(Self::Only {
            ids: ids.collect::<Result<_, _>>()?,
            spanning,
        })
    }

    /// May an object of this domain be shown? None: it spans several.
    pub fn covers(&self, domain: Option<u64>) -> bool {
        match (self, domain) {
            (Self::All, _) => true,
            (Self::Only { spanning, .. }, None) => *spanning,
            (Self::Only { ids, .. }, Some(domain)) => ids.contains(&domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use synapse_domain::operation::Class;

    use super::*;

    const ALL: [Operation; 8] = [
        LIST_OFFENSES,
        GET_OFFENSE,
        OFFENSE_TYPES,
        SOURCE_ADDRESSES,
        LOCAL_DESTINATION_ADDRESSES,
        RUN,
        GET_RULES,
        LIST_DOMAINS,
    ];

    /// Threat row 24: a function without an entry here would be callable without a permission of its own.
    #[test]
    fn every_function_of_the_wit_has_exactly_one_operation_and_it_only_reads() {
        let files = [
            ("offenses", include_str!("../../../../../wit/qradar/offenses.wit")),
            ("ariel", include_str!("../../../../../wit/qradar/ariel.wit")),
            ("rules", include_str!("../../../../../wit/qradar/rules.wit")),
            ("domains", include_str!("../../../../../wit/qradar/domains.wit")),
        ];
        let mut declared: Vec<String> = Vec::new();
        for (interface, text) in files {
            let functions = text
                .lines()
                .filter_map(|line| line.trim().split_once(": func(console"))
                .map(|(name, _)| name);
            declared.extend(functions.map(|name| format!("qradar/{interface}.{name}")));
        }
        let mut named: Vec<String> = ALL.iter().map(|operation| operation.name.to_owned()).collect();
        declared.sort();
        named.sort();
        assert_eq!(declared, named);
        assert!(ALL.iter().all(|operation| operation.class == Class::Read));
    }

    fn scopes(values: &[&str]) -> Scopes {
        [(
            DOMAIN.to_owned(),
            values.iter().map(|value| (*value).to_owned()).collect(),
        )]
        .into()
    }

    #[test]
    fn a_scope_hides_other_domains_and_what_spans_several_unless_the_connection_shows_it() {
        let narrow = Domains::of(&scopes(&["0", "7"]), false).unwrap();
        assert!(narrow.covers(Some(0)) && narrow.covers(Some(7)));
        assert!(!narrow.covers(Some(8)) && !narrow.covers(None));
        assert!(Domains::of(&scopes(&["7"]), true).unwrap().covers(None));
        assert_eq!(Domains::of(&Scopes::new(), false).unwrap(), Domains::All);
        assert!(Domains::All.covers(None));
    }

    #[test]
    fn a_scope_that_cannot_be_read_denies_instead_of_allowing_everything() {
        assert!(matches!(Domains::of(&scopes(&[]), true), Err(Error::Denied(_))));
        assert!(matches!(Domains::of(&scopes(&["1", "acme"]), true), Err(Error::Denied(why)) if why.contains("acme")));
    }
}
