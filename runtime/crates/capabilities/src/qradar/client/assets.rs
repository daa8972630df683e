//! How are machines and log sources listed? By id watermark, as offenses (contract 2.4, 3.6).

use super::super::permission::Domains;
use super::super::query::{cursor, filter};
use super::super::types::asset::{WireAsset, WireSource, WireSourceType};
use super::Client;
use super::ask::Ask;
use crate::bindings::synapse::qradar::assets::{AssetFilter, AssetPage};
use crate::bindings::synapse::qradar::log_sources::{Source, SourceFilter, SourcePage, SourceType};
use crate::bindings::synapse::workflow::types::Error;

/// Objects of one page.
const PAGE: u64 = 100;

const SOURCES: [&str; 4] = ["config", "event_sources", "log_source_management", "log_sources"];
const TYPES: [&str; 4] = ["config", "event_sources", "log_source_management", "log_source_types"];

impl Client {
    /// A page of machines of these domains.
    ///
    /// # Errors
    /// `Invalid`, `ResyncRequired`: filter or cursor. Otherwise the console's refusal, or that it does not answer.
    pub async fn assets(
        &self,
        wanted: &AssetFilter,
        cursor: Option<&str>,
        domains: &Domains,
    ) -> Result<AssetPage, Error> {
        let terms = filter::assets(wanted, domains)?;
        let after = cursor.map(|cursor| cursor::decode(wanted, cursor)).transpose()?;
        if wanted.ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(AssetPage {
                assets: Vec::new(),
                next: None,
            });
        }
        let ask = Ask::get("the assets", &["asset_model", "assets"]).query("fields", WireAsset::FIELDS);
        let (rows, next) = self.above::<WireAsset>(&ask, terms, after, PAGE).await?;
        // The console filters; what it lets through although it is not ours is not shown (threat row 65).
        let own = rows.into_iter().filter(|row| domains.covers(row.domain()));
        Ok(AssetPage {
            assets: own.filter_map(WireAsset::into_wit).collect(),
            next: next.map(|next| cursor::encode(wanted, next)),
        })
    }

    /// A page of log sources.
    ///
    /// # Errors
    /// `Denied` to a grant that names domains. Otherwise as [`Client::assets`].
    pub async fn log_sources(
        &self,
        wanted: &SourceFilter,
        cursor: Option<&str>,
        domains: &Domains,
    ) -> Result<SourcePage, Error> {
        domains.everything("log sources")?;
        let terms = filter::log_sources(wanted)?;
        let after = cursor.map(|cursor| cursor::decode(wanted, cursor)).transpose()?;
        if wanted.ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(SourcePage {
                sources: Vec::new(),
                next: None,
            });
        }
        let ask = Ask::get("the log sources", &SOURCES).query("fields", WireSource::FIELDS);
        let (rows, next) = self.above::<WireSource>(&ask, terms, after, PAGE).await?;
        Ok(SourcePage {
            sources: rows.into_iter().filter_map(WireSource::into_wit).collect(),
            next: next.map(|next| cursor::encode(wanted, next)),
        })
    }

    /// One log source.
    ///
    /// # Errors
    /// `NotFound`; `Denied` to a grant that names domains. Otherwise the console's refusal, or that it does not answer.
    pub async fn log_source(&self, id: u64, domains: &Domains) -> Result<Source, Error> {
        domains.everything("log sources")?;
        let filter = SourceFilter {
            ids: Some(vec![id]),
            type_id: None,
            enabled: None,
            name_contains: None,
        };
        if i64::try_from(id).is_err() {
            return Err(Error::NotFound);
        }
        let page = self.log_sources(&filter, None, domains).await?;
        page.sources
            .into_iter()
            .find(|source| source.id == id)
            .ok_or(Error::NotFound)
    }

    /// All kinds of log sources.
    ///
    /// # Errors
    /// `Denied` to a grant that names domains. Otherwise the console's refusal, or that it does not answer.
    pub async fn log_source_types(&self, domains: &Domains) -> Result<Vec<SourceType>, Error> {
        domains.everything("log sources")?;
        // Who is no administrator sees only these two fields (contract 3.6).
        let ask = Ask::get("the types of log sources", &TYPES).query("fields", "id,name");
        let found = self.whole::<WireSourceType>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireSourceType::into_wit).collect())
    }
}
