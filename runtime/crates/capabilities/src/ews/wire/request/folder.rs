//! How are folders asked for? GetFolder and FindFolder (contract section 2).

use super::envelope::{Envelope, FolderId, compare, shape};

/// Folders on one page.
pub const FOLDER_PAGE: u32 = 100;

const FIELDS: &[&str] = &[
    "folder:ParentFolderId",
    "folder:FolderClass",
    "folder:DisplayName",
    "folder:TotalCount",
    "folder:EffectiveRights",
    "folder:UnreadCount",
];

/// GetFolder: one folder. Also the cheapest call there is, to find out whether a login works.
pub fn get_folder(envelope: &Envelope<'_>, folder: &FolderId<'_>) -> Vec<u8> {
    envelope.request("m:GetFolder", &[], |xml| {
        shape(xml, "m:FolderShape", |_| {}, FIELDS);
        folder.inside(xml, "m:FolderIds");
    })
}

/// FindFolder: folders below `parent`, at any depth if `deep`, with this display name if there is one; a page of [`FOLDER_PAGE`] from `offset`.
pub fn find_folder(
    envelope: &Envelope<'_>,
    parent: &FolderId<'_>,
    name: Option<&str>,
    deep: bool,
    offset: u32,
) -> Vec<u8> {
    let traversal = if deep { "Deep" } else { "Shallow" };
    envelope.request("m:FindFolder", &[("Traversal", traversal)], |xml| {
        shape(xml, "m:FolderShape", |_| {}, FIELDS);
        let (max, offset) = (FOLDER_PAGE.to_string(), offset.to_string());
        xml.empty(
            "m:IndexedPageFolderView",
            &[
                ("MaxEntriesReturned", &max),
                ("Offset", &offset),
                ("BasePoint", "Beginning"),
            ],
        );
        if let Some(name) = name {
            xml.parent("m:Restriction", |xml| {
                compare(xml, "t:IsEqualTo", "folder:DisplayName", name);
            });
        }
        parent.inside(xml, "m:ParentFolderIds");
    })
}
