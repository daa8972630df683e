//! What may a workflow do with reference sets, maps and tables?

use super::QRadar;
use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::reference::{
    EntryPage, ReferenceEntry, ReferenceSet, ReferenceTable, ReferenceValue, TableKind, ValuePage,
};

/// `synapse:qradar/reference`. Only sets, maps and tables that the grant covers exist here.
pub trait Reference: QRadar {
    /// All sets, by name.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_sets(&self, console: &Self::Console) -> Result<Vec<ReferenceSet>, Error>;
    /// One set.
    ///
    /// # Errors
    /// `not-found`, or `denied` for a name outside the grant.
    fn get_set(&self, console: &Self::Console, name: &str) -> Result<ReferenceSet, Error>;
    /// A set's values, at most 500 a page.
    ///
    /// # Errors
    /// `not-found`; `resync-required` for a cursor that is no longer valid.
    fn list_values(&self, console: &Self::Console, name: &str, cursor: Option<&str>) -> Result<ValuePage, Error>;
    /// Which of at most 100 values are in a set.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn contains(&self, console: &Self::Console, name: &str, values: &[String]) -> Result<Vec<bool>, Error>;
    /// Adds at most 100 values, shared or to a domain; one answer per value. What is there is a success.
    fn add_values(
        &self,
        console: &Self::Console,
        name: &str,
        values: &[String],
        domain: Option<u64>,
    ) -> Vec<Result<(), Error>>;
    /// Removes at most 100 values; one answer per value. What is not there is a success.
    fn remove_values(
        &self,
        console: &Self::Console,
        name: &str,
        values: &[String],
        domain: Option<u64>,
    ) -> Vec<Result<(), Error>>;
    /// All maps or tables of a kind, by name.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_tables(&self, console: &Self::Console, kind: TableKind) -> Result<Vec<ReferenceTable>, Error>;
    /// The entries of a map or table.
    ///
    /// # Errors
    /// `not-found`; `resync-required` for a cursor that is no longer valid.
    fn list_entries(
        &self,
        console: &Self::Console,
        kind: TableKind,
        name: &str,
        cursor: Option<&str>,
    ) -> Result<EntryPage, Error>;
}
