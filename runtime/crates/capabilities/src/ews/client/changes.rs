//! How are messages changed? One request for one message; what it means is decided in `reconcile`.

use tokio::time::Instant;

use super::super::wire::{self, Change, FolderId, ItemRef, Resolution};
use super::Client;
use super::fault::Fault;

impl Client {
    /// Sets one property of a message. Nobody is told that it was read (contract section 2).
    pub(in crate::ews) async fn update(
        &self,
        item: &ItemRef,
        change: &Change,
        resolution: Resolution,
        start: Instant,
    ) -> Result<(), Fault> {
        let build = |envelope: &wire::Envelope<'_>| wire::update_item(envelope, item, change, resolution);
        self.write_one(start, build, wire::read_update_item).await.map(drop)
    }

    /// Moves a message; its new id, if the server tells (contract section 2: not always).
    pub(in crate::ews) async fn move_to(
        &self,
        id: &str,
        folder: &str,
        start: Instant,
    ) -> Result<Option<String>, Fault> {
        let ids = [id];
        let build = |envelope: &wire::Envelope<'_>| wire::move_item(envelope, &ids, &FolderId::Id(folder));
        let moved = self.write_one(start, build, wire::read_move_item).await?;
        Ok(moved.map(|item| item.id).filter(|id| !id.is_empty()))
    }
}
