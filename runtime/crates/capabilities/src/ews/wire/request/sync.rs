//! How is it asked what changed in a folder? SyncFolderItems (contract section 2).

use super::envelope::{Envelope, FolderId, shape};
use super::list::SUMMARY;

/// SyncFolderItems: at most `max` (1 to 512) changes since this state, from the beginning without one.
pub fn sync_folder_items(envelope: &Envelope<'_>, folder: &FolderId<'_>, state: Option<&str>, max: u32) -> Vec<u8> {
    envelope.request("m:SyncFolderItems", &[], |xml| {
        shape(xml, "m:ItemShape", |_| {}, SUMMARY);
        folder.inside(xml, "m:SyncFolderId");
        if let Some(state) = state {
            xml.leaf("m:SyncState", state);
        }
        xml.leaf("m:MaxChangesReturned", &max.to_string());
    })
}
