//! What may a workflow ask QRadar?

use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::ariel::{
    Aggregate, Cell, Comparison, Condition, Database, Expression, Lookup, Order, Search, SearchResult, Selection, Value,
};
pub use wit::domains::Domain;
pub use wit::offenses::{Address, LogSource, Offense, OffenseFilter, OffensePage, OffenseType, Status};
pub use wit::rules::Rule;

/// `synapse:qradar`. Only offenses of the connection's and the grant's domains exist here. Every call is safe to repeat.
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
}
