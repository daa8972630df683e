//! Which imports stand behind reference data, machines, log sources and the console itself?

use crate::bindings::qradar::synapse::qradar::{assets, log_sources, reference, system};
use crate::error::Error;
use crate::live::Live;
use crate::qradar::{
    AssetFilter, AssetPage, Assets, EntryPage, LogSources, Reference, ReferenceSet, ReferenceTable, Release, Service,
    Source, SourceFilter, SourcePage, SourceType, System, TableKind, ValuePage,
};

impl Reference for Live {
    fn list_sets(&self, console: &Self::Console) -> Result<Vec<ReferenceSet>, Error> {
        reference::list_sets(console)
    }

    fn get_set(&self, console: &Self::Console, name: &str) -> Result<ReferenceSet, Error> {
        reference::get_set(console, name)
    }

    fn list_values(&self, console: &Self::Console, name: &str, cursor: Option<&str>) -> Result<ValuePage, Error> {
        reference::list_values(console, name, cursor)
    }

    fn contains(&self, console: &Self::Console, name: &str, values: &[String]) -> Result<Vec<bool>, Error> {
        reference::contains(console, name, values)
    }

    fn add_values(
        &self,
        console: &Self::Console,
        name: &str,
        values: &[String],
        domain: Option<u64>,
    ) -> Vec<Result<(), Error>> {
        reference::add_values(console, name, values, domain)
    }

    fn remove_values(
        &self,
        console: &Self::Console,
        name: &str,
        values: &[String],
        domain: Option<u64>,
    ) -> Vec<Result<(), Error>> {
        reference::remove_values(console, name, values, domain)
    }

    fn list_tables(&self, console: &Self::Console, kind: TableKind) -> Result<Vec<ReferenceTable>, Error> {
        reference::list_tables(console, kind)
    }

    fn list_entries(
        &self,
        console: &Self::Console,
        kind: TableKind,
        name: &str,
        cursor: Option<&str>,
    ) -> Result<EntryPage, Error> {
        reference::list_entries(console, kind, name, cursor)
    }
}

impl Assets for Live {
    fn find_assets(
        &self,
        console: &Self::Console,
        filter: &AssetFilter,
        cursor: Option<&str>,
    ) -> Result<AssetPage, Error> {
        assets::find_assets(console, filter, cursor)
    }
}

impl LogSources for Live {
    fn list_log_sources(
        &self,
        console: &Self::Console,
        filter: &SourceFilter,
        cursor: Option<&str>,
    ) -> Result<SourcePage, Error> {
        log_sources::list_log_sources(console, filter, cursor)
    }

    fn get_log_source(&self, console: &Self::Console, id: u64) -> Result<Source, Error> {
        log_sources::get_log_source(console, id)
    }

    fn log_source_types(&self, console: &Self::Console) -> Result<Vec<SourceType>, Error> {
        log_sources::log_source_types(console)
    }
}

impl System for Live {
    fn about(&self, console: &Self::Console) -> Result<Release, Error> {
        system::about(console)
    }

    fn current_service(&self, console: &Self::Console) -> Result<Service, Error> {
        system::current_service(console)
    }
}
