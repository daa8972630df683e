//! How do questions about machines and log sources reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::qradar::assets::{self, AssetFilter, AssetPage};
use crate::bindings::synapse::qradar::log_sources::{self, Source, SourceFilter, SourcePage, SourceType};
use crate::connection::Handle;
use crate::context::Host;
use crate::qradar::calls::{FindAssets, GetLogSource, ListLogSources, LogSourceTypes};

impl assets::Host for Host {
    async fn find_assets(
        &mut self,
        console: Resource<Handle>,
        filter: AssetFilter,
        cursor: Option<String>,
    ) -> Answer<AssetPage> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, FindAssets { filter, cursor }).await?)
    }
}

impl log_sources::Host for Host {
    async fn list_log_sources(
        &mut self,
        console: Resource<Handle>,
        filter: SourceFilter,
        cursor: Option<String>,
    ) -> Answer<SourcePage> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListLogSources { filter, cursor }).await?)
    }

    async fn get_log_source(&mut self, console: Resource<Handle>, id: u64) -> Answer<Source> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, GetLogSource { id }).await?)
    }

    async fn log_source_types(&mut self, console: Resource<Handle>) -> Answer<Vec<SourceType>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, LogSourceTypes {}).await?)
    }
}
