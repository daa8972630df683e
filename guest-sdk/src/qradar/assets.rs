//! What may a workflow ask about machines, log sources and the console itself?

use super::QRadar;
use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::assets::{Asset, AssetAddress, AssetFilter, AssetPage, AssetProperty};
pub use wit::log_sources::{Source, SourceFilter, SourcePage, SourceType};
pub use wit::system::{ApiVersion, Release, Service};

/// `synapse:qradar/assets`.
pub trait Assets: QRadar {
    /// Machines, oldest first by id, at most 100 a page.
    ///
    /// # Errors
    /// `invalid` for an address that is none; `resync-required` for a cursor that is no longer valid.
    fn find_assets(
        &self,
        console: &Self::Console,
        filter: &AssetFilter,
        cursor: Option<&str>,
    ) -> Result<AssetPage, Error>;
}

/// `synapse:qradar/log-sources`.
pub trait LogSources: QRadar {
    /// Log sources, oldest first by id, at most 100 a page.
    ///
    /// # Errors
    /// `denied` to a grant that names domains; `resync-required` for a cursor that is no longer valid.
    fn list_log_sources(
        &self,
        console: &Self::Console,
        filter: &SourceFilter,
        cursor: Option<&str>,
    ) -> Result<SourcePage, Error>;
    /// One log source.
    ///
    /// # Errors
    /// `not-found`; `denied` to a grant that names domains.
    fn get_log_source(&self, console: &Self::Console, id: u64) -> Result<Source, Error>;
    /// All types of log sources.
    ///
    /// # Errors
    /// `denied` to a grant that names domains.
    fn log_source_types(&self, console: &Self::Console) -> Result<Vec<SourceType>, Error>;
}

/// `synapse:qradar/system`.
pub trait System: QRadar {
    /// The console's release and the versions it speaks.
    ///
    /// # Errors
    /// The target could not be asked.
    fn about(&self, console: &Self::Console) -> Result<Release, Error>;
    /// Who the connection is at the console.
    ///
    /// # Errors
    /// `unsupported` before API 17.0.
    fn current_service(&self, console: &Self::Console) -> Result<Service, Error>;
}

impl Default for AssetFilter {
    /// Every machine.
    fn default() -> Self {
        Self {
            ids: None,
            ip: None,
            hostname: None,
            domain: None,
        }
    }
}

impl Default for SourceFilter {
    /// Every log source.
    fn default() -> Self {
        Self {
            ids: None,
            type_id: None,
            enabled: None,
            name_contains: None,
        }
    }
}
