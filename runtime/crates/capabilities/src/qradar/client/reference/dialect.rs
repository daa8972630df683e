//! Which endpoints does this console have for sets?

use super::super::Client;
use super::super::ask::{Ask, Items};
use super::super::fault::Fault;
use super::super::list::Slice;
use super::super::system::major_of;
use crate::qradar::types::reference::WireSet;

/// First version of the API with the newer endpoints (contract 1.2).
const NEWER: u32 = 17;

/// The endpoints for sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `/reference_data/sets`
    Old,
    /// `/reference_data_collections`
    New,
}

impl Client {
    /// Which endpoints are asked: by version, and then by asking. Kept once it is known.
    ///
    /// # Errors
    /// The console does not answer.
    pub(super) async fn dialect(&self) -> Result<Dialect, Fault> {
        let known = self.dialect.get_or_try_init(|| async {
            let version = self.version().await?;
            if major_of(&version).is_some_and(|major| major < NEWER) {
                return Ok(Dialect::Old);
            }
            let ask = Ask::get("the reference sets", &["reference_data_collections", "sets"]).query("fields", "id");
            let found: Result<Slice<WireSet>, Fault> = self.slice(&ask, Items { first: 0, count: 1 }, None).await;
            match found {
                Ok(_) => Ok(Dialect::New),
                // A version that does not have it after all, or a role that may use the old ones only.
                Err(Fault::Refused(refusal)) if matches!(refusal.status, 403 | 404 | 405 | 410) => {
                    let connection = &self.options.source_id;
                    tracing::info!(
                        connection,
                        "QRadar does not offer its newer endpoints for reference sets; using the older ones"
                    );
                    Ok(Dialect::Old)
                }
                Err(fault) => Err(fault),
            }
        });
        known.await.copied()
    }
}
