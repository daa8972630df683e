//! Which machines and log sources does the fake console know, and what is it?

use crate::error::{Error, InvalidArgument};
use crate::fake::{Fake, script::at_most};
use crate::qradar::{
    Asset, AssetFilter, AssetPage, Assets, LogSources, Release, Service, Source, SourceFilter, SourcePage, SourceType,
    System,
};

const PAGE: usize = 100;

#[derive(Default)]
pub(super) struct Store {
    assets: Vec<Asset>,
    sources: Vec<Source>,
    types: Vec<SourceType>,
}

impl Fake {
    /// The machines it knows, by ascending id.
    pub fn with_assets(self, mut assets: Vec<Asset>) -> Self {
        assets.sort_by_key(|asset| asset.id);
        self.qradar.borrow_mut().assets.assets = assets;
        self
    }

    /// The log sources it knows, by ascending id, and their types.
    pub fn with_log_sources(self, mut sources: Vec<Source>, types: Vec<SourceType>) -> Self {
        sources.sort_by_key(|source| source.id);
        let mut store = self.qradar.borrow_mut();
        store.assets.sources = sources;
        store.assets.types = types;
        drop(store);
        self
    }
}

/// Those after the cursor, a page of them, and where the next one starts.
fn page<T: Clone>(
    all: &[T],
    cursor: Option<&str>,
    id: impl Fn(&T) -> u64,
    wanted: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, Option<String>), Error> {
    let read = |text: &str| text.parse::<u64>().map_err(|_| Error::ResyncRequired);
    let after = cursor.map(read).transpose()?;
    let above = |item: &&T| after.is_none_or(|after| id(item) > after) && wanted(item);
    let mut found: Vec<T> = all.iter().filter(above).take(PAGE + 1).cloned().collect();
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| id(last).to_string());
    Ok((found, next))
}

fn contains(name: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
}

impl Assets for Fake {
    fn find_assets(&self, _: &String, filter: &AssetFilter, cursor: Option<&str>) -> Result<AssetPage, Error> {
        self.call("qradar/assets.find-assets", &(filter, cursor))?;
        at_most("filter.ids", filter.ids.as_ref().map_or(0, Vec::len), PAGE)?;
        if let Some(ip) = &filter.ip
            && ip.parse::<std::net::IpAddr>().is_err()
        {
            return Err(Error::Invalid(InvalidArgument {
                field: "filter.ip".to_owned(),
                reason: "not an IPv4 or IPv6 address".to_owned(),
            }));
        }
        let wanted = |asset: &Asset| {
            filter.ids.as_ref().is_none_or(|ids| ids.contains(&asset.id))
                && (filter.domain.is_none() || filter.domain == asset.domain_id)
                && filter
                    .ip
                    .as_ref()
                    .is_none_or(|ip| asset.addresses.iter().any(|address| address.ip == *ip))
                && filter
                    .hostname
                    .as_ref()
                    .is_none_or(|name| asset.hostnames.contains(name))
        };
        let store = self.qradar.borrow();
        let (assets, next) = page(&store.assets.assets, cursor, |asset| asset.id, wanted)?;
        Ok(AssetPage { assets, next })
    }
}

impl LogSources for Fake {
    fn list_log_sources(&self, _: &String, filter: &SourceFilter, cursor: Option<&str>) -> Result<SourcePage, Error> {
        self.call("qradar/log-sources.list-log-sources", &(filter, cursor))?;
        at_most("filter.ids", filter.ids.as_ref().map_or(0, Vec::len), PAGE)?;
        let wanted = |source: &Source| {
            filter.ids.as_ref().is_none_or(|ids| ids.contains(&source.id))
                && filter.type_id.is_none_or(|id| source.type_id == id)
                && filter.enabled.is_none_or(|enabled| source.enabled == enabled)
                && contains(&source.name, filter.name_contains.as_deref())
        };
        let store = self.qradar.borrow();
        let (sources, next) = page(&store.assets.sources, cursor, |source| source.id, wanted)?;
        Ok(SourcePage { sources, next })
    }

    fn get_log_source(&self, _: &String, id: u64) -> Result<Source, Error> {
        self.call("qradar/log-sources.get-log-source", &id)?;
        let store = self.qradar.borrow();
        let found = store.assets.sources.iter().find(|source| source.id == id);
        found.cloned().ok_or(Error::NotFound)
    }

    fn log_source_types(&self, _: &String) -> Result<Vec<SourceType>, Error> {
        self.call("qradar/log-sources.log-source-types", &())?;
        Ok(self.qradar.borrow().assets.types.clone())
    }
}

impl System for Fake {
    fn about(&self, _: &String) -> Result<Release, Error> {
        self.call("qradar/system.about", &())?;
        Ok(Release {
            release_name: "7.5.0 UpdatePackage 13".to_owned(),
            build_version: "fake".to_owned(),
            external_version: "7.5.0".to_owned(),
            fips_enabled: false,
            api_version: "26.0".to_owned(),
            api_versions: Vec::new(),
        })
    }

    fn current_service(&self, _: &String) -> Result<Service, Error> {
        self.call("qradar/system.current-service", &())?;
        Ok(Service {
            label: super::closing::API_USER.trim_start_matches("API_user: ").to_owned(),
            expires_at: None,
            tenant_id: None,
            domain_ids: None,
        })
    }
}
