//! What may a workflow do in QRadar?
//!
//! [`QRadar`] opens the console and reads offenses and what they refer to; each further concern is a trait of its own, so that a
//! workflow's world says which of them it uses.

mod assets;
mod closing;
mod handling;
mod notes;
mod reference;
mod remote;

use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::ariel::{
    Aggregate, Cell, Comparison, Condition, Database, Expression, Lookup, Order, SavedResult, SavedSearch, Search,
    SearchResult, Selection, Value,
};
pub use wit::domains::Domain;
pub use wit::offenses::{Address, LogSource, Offense, OffenseFilter, OffensePage, OffenseType, Status};
pub use wit::rules::{Contribution, Rule, RuleFilter, RuleType};

pub use assets::{
    ApiVersion, Asset, AssetAddress, AssetFilter, AssetPage, AssetProperty, Assets, LogSources, Release, Service,
    Source, SourceFilter, SourcePage, SourceType, System,
};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use closing::unusable;
pub use closing::{Closing, ClosingReason, closing_reason};
pub use handling::{Actor, Handling, Visibility};
pub use notes::{Note, Notes};
pub use reference::{
    EntryPage, Reference, ReferenceEntry, ReferenceSet, ReferenceTable, ReferenceValue, TableKind, ValuePage,
};
pub use remote::{RemoteDestination, remote_destinations};

/// Longest text of a note, characters: the console takes a little more, and the host adds its marker.
pub const NOTE_CHARS: usize = 1_900;

impl Default for OffenseFilter {
    /// Every offense.
    fn default() -> Self {
        Self {
            status: None,
            updated_from: None,
            updated_to: None,
            min_magnitude: None,
            ids: None,
            after_id: None,
            persisted_from: None,
            persisted_to: None,
            closed_from: None,
            closed_to: None,
            assigned_to: None,
            domain: None,
            offense_type: None,
            follow_up: None,
            protected: None,
            inactive: None,
        }
    }
}

/// `synapse:qradar/connection`, `offenses`, `rules`, `domains` and `ariel`. Only offenses of the connection's and the grant's domains
/// exist here. Every call is safe to repeat.
pub trait QRadar {
    /// A console of the tenant: a handle, valid in this run only.
    type Console;

    /// The console bound under this name.
    ///
    /// # Errors
    /// `denied` if the name is not bound to a QRadar connection.
    fn console(&self, binding: &str) -> Result<Self::Console, Error>;
    /// Oldest first by id, at most 100 a page.
    ///
    /// # Errors
    /// `resync-required` for a cursor that is no longer valid, or the target could not be asked.
    fn list_offenses(
        &self,
        console: &Self::Console,
        filter: &OffenseFilter,
        cursor: Option<&str>,
    ) -> Result<OffensePage, Error>;
    /// One offense.
    ///
    /// # Errors
    /// `not-found`, also for one of another domain.
    fn get_offense(&self, console: &Self::Console, id: u64) -> Result<Offense, Error>;
    /// All offense types the console knows.
    ///
    /// # Errors
    /// The target could not be asked.
    fn offense_types(&self, console: &Self::Console) -> Result<Vec<OffenseType>, Error>;
    /// At most 10,000 ids; unknown ones are left out.
    ///
    /// # Errors
    /// The target could not be asked.
    fn source_addresses(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Address>, Error>;
    /// As [`QRadar::source_addresses`].
    ///
    /// # Errors
    /// The target could not be asked.
    fn local_destination_addresses(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Address>, Error>;
    /// At most 1,000 ids; unknown ones are left out.
    ///
    /// # Errors
    /// The target could not be asked.
    fn get_rules(&self, console: &Self::Console, ids: &[u64]) -> Result<Vec<Rule>, Error>;
    /// The domains the connection may see and the grant covers.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_domains(&self, console: &Self::Console) -> Result<Vec<Domain>, Error>;
    /// Runs at most 100 searches, each to its end or deadline; one answer per search, in order.
    fn run_searches(&self, console: &Self::Console, searches: &[Search]) -> Vec<Result<SearchResult, Error>>;
    /// All rules that match, by ascending id.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_rules(&self, console: &Self::Console, filter: &RuleFilter) -> Result<Vec<Rule>, Error>;
    /// Which rules made an offense what it is.
    ///
    /// # Errors
    /// `not-found`, also for an offense of another domain.
    fn rule_contributions(&self, console: &Self::Console, offense: u64) -> Result<Vec<Contribution>, Error>;
    /// All searches that somebody saved at the console.
    ///
    /// # Errors
    /// `denied` to a grant that names domains.
    fn saved_searches(&self, console: &Self::Console) -> Result<Vec<SavedSearch>, Error>;
    /// Runs a saved search whose own window is at most this long.
    ///
    /// # Errors
    /// `invalid` for a longer window or one that cannot be read; `not-found`; `denied` to a grant that names domains.
    fn run_saved(&self, console: &Self::Console, id: u64, max_window_ms: u64, limit: u32)
    -> Result<SavedResult, Error>;
}
