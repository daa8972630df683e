//! Which permission does each call need, and which domains may its answer speak of?
//!
//! Offenses name their domain only in the answer, so a grant's scope `domain` narrows what is asked for and what is handed out, and an
//! offense is looked at before it is changed (contract 3.7). Rules, offense types and closing reasons belong to the console, not to a
//! domain.

use std::collections::BTreeSet;

use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use super::calls::{
    About, AddNote, AddValue, Assign, AssignableActors, CloseOffense, ClosingReasons, Contains, CurrentService,
    FindAssets, GetLogSource, GetOffense, GetRules, GetSet, ListDomains, ListEntries, ListLogSources, ListNotes,
    ListOffenses, ListRules, ListSets, ListTables, ListValues, LocalDestinationAddresses, LogSourceTypes, OffenseTypes,
    RemoveValue, RuleContributions, Run, RunSaved, SavedSearches, SetFollowUp, SetProtected, SetStatus,
    SourceAddresses,
};
use crate::bindings::synapse::qradar::closing::ClosingReason;
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

/// `closing.closing-reasons`
pub const CLOSING_REASONS: Operation = Operation::read("qradar/closing.closing-reasons");
/// `closing.close-offense`: a closed offense tells by whom, why and when.
pub const CLOSE_OFFENSE: Operation = Operation::write("qradar/closing.close-offense", Effect::Keyed);
/// `notes.list-notes`
pub const LIST_NOTES: Operation = Operation::read("qradar/notes.list-notes");
/// `notes.add-note`: every sending adds one, so it is asked for.
pub const ADD_NOTE: Operation = Operation::write("qradar/notes.add-note", Effect::Probe);
/// `handling.assignable-actors`
pub const ASSIGNABLE_ACTORS: Operation = Operation::read("qradar/handling.assignable-actors");
/// `handling.assign`
pub const ASSIGN: Operation = Operation::write("qradar/handling.assign", Effect::Keyed);
/// `handling.set-follow-up`
pub const SET_FOLLOW_UP: Operation = Operation::write("qradar/handling.set-follow-up", Effect::Keyed);
/// `handling.set-protected`
pub const SET_PROTECTED: Operation = Operation::write("qradar/handling.set-protected", Effect::Keyed);
/// `handling.set-status`
pub const SET_STATUS: Operation = Operation::write("qradar/handling.set-status", Effect::Keyed);
/// `system.about`
pub const ABOUT: Operation = Operation::read("qradar/system.about");
/// `system.current-service`
pub const CURRENT_SERVICE: Operation = Operation::read("qradar/system.current-service");

/// `ariel.saved-searches`
pub const SAVED_SEARCHES: Operation = Operation::read("qradar/ariel.saved-searches");
/// `ariel.run-saved`: leaves an object at the console for a day, and still only asks.
pub const RUN_SAVED: Operation = Operation::read("qradar/ariel.run-saved");
/// `rules.list-rules`
pub const LIST_RULES: Operation = Operation::read("qradar/rules.list-rules");
/// `rules.rule-contributions`
pub const RULE_CONTRIBUTIONS: Operation = Operation::read("qradar/rules.rule-contributions");
/// `reference.list-sets`
pub const LIST_SETS: Operation = Operation::read("qradar/reference.list-sets");
/// `reference.get-set`
pub const GET_SET: Operation = Operation::read("qradar/reference.get-set");
/// `reference.list-values`
pub const LIST_VALUES: Operation = Operation::read("qradar/reference.list-values");
/// `reference.contains`
pub const CONTAINS: Operation = Operation::read("qradar/reference.contains");
/// `reference.add-values`, one value.
pub const ADD_VALUES: Operation = Operation::write("qradar/reference.add-values", Effect::Keyed);
/// `reference.remove-values`, one value.
pub const REMOVE_VALUES: Operation = Operation::write("qradar/reference.remove-values", Effect::Keyed);
/// `reference.list-tables`
pub const LIST_TABLES: Operation = Operation::read("qradar/reference.list-tables");
/// `reference.list-entries`
pub const LIST_ENTRIES: Operation = Operation::read("qradar/reference.list-entries");
/// `assets.find-assets`
pub const FIND_ASSETS: Operation = Operation::read("qradar/assets.find-assets");
/// `log-sources.list-log-sources`
pub const LIST_LOG_SOURCES: Operation = Operation::read("qradar/log-sources.list-log-sources");
/// `log-sources.get-log-source`
pub const GET_LOG_SOURCE: Operation = Operation::read("qradar/log-sources.get-log-source");
/// `log-sources.log-source-types`
pub const LOG_SOURCE_TYPES: Operation = Operation::read("qradar/log-sources.log-source-types");

/// The scope of a grant that names domain ids.
pub const DOMAIN: &str = "domain";
/// The scope of a grant that names closing reasons, by id or text: the text is only known once the console was asked.
pub const CLOSING_REASON: &str = "closing-reason";
/// The scope of a grant that names reference sets, maps and tables.
pub const REFERENCE_SET: &str = "reference-set";
/// What stands for a domain where a value is for all of them: no scope can name it, so a grant that names domains never covers it.
const ALL_DOMAINS: &str = "all";

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
    /// All closing reasons.
    ClosingReasons(&'a ClosingReasons),
    /// Closes an offense.
    CloseOffense(&'a CloseOffense),
    /// Notes of an offense.
    ListNotes(&'a ListNotes),
    /// Adds a note.
    AddNote(&'a AddNote),
    /// To whom an offense can be assigned.
    AssignableActors(&'a AssignableActors),
    /// Assigns an offense.
    Assign(&'a Assign),
    /// Marks an offense for follow-up.
    SetFollowUp(&'a SetFollowUp),
    /// Protects an offense.
    SetProtected(&'a SetProtected),
    /// Shows or hides an offense.
    SetStatus(&'a SetStatus),
    /// The console's release.
    About(&'a About),
    /// Who we are at the console.
    CurrentService(&'a CurrentService),
    /// All saved searches.
    SavedSearches(&'a SavedSearches),
    /// Runs a saved search.
    RunSaved(&'a RunSaved),
    /// All rules.
    ListRules(&'a ListRules),
    /// Which rules made an offense.
    RuleContributions(&'a RuleContributions),
    /// All reference sets.
    ListSets(&'a ListSets),
    /// One reference set.
    GetSet(&'a GetSet),
    /// A page of a set's values.
    ListValues(&'a ListValues),
    /// Which values are in a set.
    Contains(&'a Contains),
    /// Adds a value to a set.
    AddValue(&'a AddValue),
    /// Removes a value from a set.
    RemoveValue(&'a RemoveValue),
    /// All maps or tables.
    ListTables(&'a ListTables),
    /// A page of a map's or table's entries.
    ListEntries(&'a ListEntries),
    /// A page of machines.
    FindAssets(&'a FindAssets),
    /// A page of log sources.
    ListLogSources(&'a ListLogSources),
    /// One log source.
    GetLogSource(&'a GetLogSource),
    /// All kinds of log sources.
    LogSourceTypes(&'a LogSourceTypes),
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
        | Request::ListDomains(ListDomains {})
        | Request::ClosingReasons(ClosingReasons {})
        // The scope may name its reason by text, so it is looked at once the console was asked (`allows_reason`).
        | Request::CloseOffense(CloseOffense {
            id: _,
            closing_reason_id: _,
        })
        | Request::ListNotes(ListNotes { offense: _ })
        | Request::AddNote(AddNote {
            offense: _,
            text: _,
            dedup_key: _,
        })
        | Request::AssignableActors(AssignableActors { id: _ })
        | Request::Assign(Assign { id: _, user: _ })
        | Request::SetFollowUp(SetFollowUp { id: _, follow_up: _ })
        | Request::SetProtected(SetProtected { id: _, protected: _ })
        | Request::SetStatus(SetStatus { id: _, status: _ })
        | Request::About(About {})
        | Request::CurrentService(CurrentService {})
        | Request::SavedSearches(SavedSearches {})
        | Request::RunSaved(RunSaved {
            id: _,
            max_window_ms: _,
            limit: _,
        })
        | Request::ListRules(ListRules { filter: _ })
        | Request::RuleContributions(RuleContributions { offense: _ })
        // A list is kept to the names that the scope allows.
        | Request::ListSets(ListSets {})
        | Request::ListTables(ListTables { kind: _ })
        | Request::FindAssets(FindAssets { filter: _, cursor: _ })
        | Request::ListLogSources(ListLogSources { filter: _, cursor: _ })
        | Request::GetLogSource(GetLogSource { id: _ })
        | Request::LogSourceTypes(LogSourceTypes {}) => Vec::new(),
        Request::GetSet(GetSet { name })
        | Request::ListValues(ListValues { name, cursor: _ })
        | Request::Contains(Contains { name, values: _ })
        | Request::ListEntries(ListEntries {
            kind: _,
            name,
            cursor: _,
        }) => vec![(REFERENCE_SET, name.clone())],
        Request::AddValue(AddValue { name, value: _, domain })
        | Request::RemoveValue(RemoveValue { name, value: _, domain }) => {
            let domain = domain.map_or_else(|| ALL_DOMAINS.to_owned(), |domain| domain.to_string());
            vec![(REFERENCE_SET, name.clone()), (DOMAIN, domain)]
        }
    }
}

/// May a grant with these scopes see a reference set, map or table of this name?
pub fn allows_set(scopes: &Scopes, name: &str) -> bool {
    scopes.get(REFERENCE_SET).is_none_or(|allowed| allowed.contains(name))
}

/// May a grant with these scopes close with this reason?
pub fn allows_reason(scopes: &Scopes, reason: &ClosingReason) -> bool {
    scopes
        .get(CLOSING_REASON)
        .is_none_or(|allowed| allowed.contains(&reason.id.to_string()) || allowed.contains(&reason.text))
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

    /// Refuses a grant that names domains where nothing can be kept to them.
    ///
    /// # Errors
    /// `Denied`.
    pub fn everything(&self, what: &str) -> Result<(), Error> {
        match self {
            Self::All => Ok(()),
            Self::Only { .. } => Err(Error::Denied(format!(
                "{what} cannot be kept to a domain, so a grant with the scope `{DOMAIN}` does not cover them; an operator can add a grant of this \
                 operation without it"
            ))),
        }
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

    const READS: [Operation; 27] = [
        LIST_OFFENSES,
        GET_OFFENSE,
        OFFENSE_TYPES,
        SOURCE_ADDRESSES,
        LOCAL_DESTINATION_ADDRESSES,
        RUN,
        GET_RULES,
        LIST_DOMAINS,
        CLOSING_REASONS,
        LIST_NOTES,
        ASSIGNABLE_ACTORS,
        ABOUT,
        CURRENT_SERVICE,
        SAVED_SEARCHES,
        RUN_SAVED,
        LIST_RULES,
        RULE_CONTRIBUTIONS,
        LIST_SETS,
        GET_SET,
        LIST_VALUES,
        CONTAINS,
        LIST_TABLES,
        LIST_ENTRIES,
        FIND_ASSETS,
        LIST_LOG_SOURCES,
        GET_LOG_SOURCE,
        LOG_SOURCE_TYPES,
    ];
    const WRITES: [Operation; 8] = [
        CLOSE_OFFENSE,
        ADD_NOTE,
        ASSIGN,
        SET_FOLLOW_UP,
        SET_PROTECTED,
        SET_STATUS,
        ADD_VALUES,
        REMOVE_VALUES,
    ];

    /// Threat row 24: a function without an entry here would be callable without a permission of its own.
    #[test]
    fn every_function_of_the_wit_has_exactly_one_operation_of_its_class() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../wit/qradar");
        let mut declared: Vec<String> = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let interface = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let functions = text
                .lines()
                .filter_map(|line| line.trim().split_once(": func(console"))
                .map(|(name, _)| name);
            declared.extend(functions.map(|name| format!("qradar/{interface}.{name}")));
        }
        let all = READS.iter().chain(&WRITES);
        let mut named: Vec<String> = all.map(|operation| operation.name.to_owned()).collect();
        declared.sort();
        named.sort();
        assert_eq!(declared, named);
        assert!(READS.iter().all(|operation| operation.class == Class::Read));
        assert!(
            WRITES
                .iter()
                .all(|operation| matches!(operation.class, Class::Write(_)))
        );
    }

    #[test]
    fn d12_a_reason_is_granted_by_its_id_or_its_text() {
        let reason = ClosingReason {
            id: 2,
            text: "False-Positive, Tuned".to_owned(),
            reserved: false,
            deleted: false,
        };
        let scope = |value: &str| Scopes::from([(CLOSING_REASON.to_owned(), [value.to_owned()].into())]);
        assert!(allows_reason(&Scopes::new(), &reason));
        assert!(allows_reason(&scope("2"), &reason) && allows_reason(&scope("False-Positive, Tuned"), &reason));
        assert!(!allows_reason(&scope("1"), &reason) && !allows_reason(&scope("Policy Violation"), &reason));
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
