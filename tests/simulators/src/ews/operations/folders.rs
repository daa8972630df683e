//! How are folders shown and made?

use super::{Call, batch};
use crate::ews::{
    ids::{Id, change_key},
    refusal::Refusal,
    store::{Folder, Mailbox},
    xml::{Element, Xml},
};
use serde_json::json;

/// GetFolder.
pub fn get(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let ids_only = ids_only(operation);
    let one = |id: &Element| {
        let (at, number) = call.folder(id)?;
        let mailbox = call.mailbox(at)?;
        let folder = mailbox
            .folder(number)
            .ok_or_else(|| Refusal::of("ErrorFolderNotFound"))?;
        let mut xml = Xml::default();
        let changes = call.may_change(at, mailbox);
        xml.within("m:Folders", |xml| write(mailbox, folder, changes, ids_only, xml));
        Ok(xml)
    };
    Ok(batch("GetFolder", operation.list("FolderIds").iter().map(one)))
}

/// CreateFolder.
pub fn create(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let parent = call.folder_in(operation.child("ParentFolderId"))?;
    let mut results = Vec::new();
    for folder in operation.list("Folders") {
        results.push(create_one(call, parent, folder));
    }
    Ok(batch("CreateFolder", results))
}

fn create_one(call: &mut Call<'_>, (at, parent): (usize, u64), folder: &Element) -> Result<Xml, Refusal> {
    let name = folder.text_of("DisplayName").unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(Refusal::new("ErrorFolderSaveFailed", "A folder needs a name."));
    }
    let class = folder.text_of("FolderClass").unwrap_or("IPF.Note").to_owned();
    let number = call.mailbox_mut(at)?.create_folder(parent, &name, &class)?;
    let mailbox = call.mailbox(at)?;
    let body = json!({"effect": "create-folder", "mailbox": mailbox.address, "folder": mailbox.path(number)});
    let id = Id::Folder(mailbox.store(), number).encode();
    call.control.effect("POST", super::super::PATH, body, None, Some(id));
    let mut xml = Xml::default();
    if let Some(folder) = mailbox.folder(number) {
        xml.within("m:Folders", |xml| write(mailbox, folder, true, true, xml));
    }
    Ok(xml)
}

/// Whether the shape asks for the id alone.
pub fn ids_only(operation: &Element) -> bool {
    let shape = operation.child("FolderShape");
    shape.is_some_and(|shape| {
        shape.text_of("BaseShape") == Some("IdOnly") && shape.list("AdditionalProperties").is_empty()
    })
}

/// Writes `t:Folder`. Whoever asks for more than the id gets all that the simulator knows; `changes`: may the caller do more than read?
pub fn write(mailbox: &Mailbox, folder: &Folder, changes: bool, ids_only: bool, xml: &mut Xml) {
    let id = |number| Id::Folder(mailbox.store(), number).encode();
    xml.open("t:Folder", &[]);
    xml.empty(
        "t:FolderId",
        &[("Id", &id(folder.number)), ("ChangeKey", &change_key(folder.number))],
    );
    if !ids_only {
        if let Some(parent) = folder.parent {
            xml.empty(
                "t:ParentFolderId",
                &[("Id", &id(parent)), ("ChangeKey", &change_key(parent))],
            );
        }
        if !folder.class.is_empty() {
            xml.leaf("t:FolderClass", &folder.class);
        }
        xml.leaf("t:DisplayName", &folder.name);
        xml.leaf("t:TotalCount", &mailbox.in_folder(folder.number).count().to_string());
        xml.leaf(
            "t:ChildFolderCount",
            &mailbox.below(folder.number, false).len().to_string(),
        );
        xml.within("t:EffectiveRights", |xml| {
            for right in [
                "CreateAssociated",
                "CreateContents",
                "CreateHierarchy",
                "Delete",
                "Modify",
            ] {
                xml.leaf(&format!("t:{right}"), &changes.to_string());
            }
            xml.leaf("t:Read", "true");
        });
        if let Some(name) = folder.distinguished {
            xml.leaf("t:DistinguishedFolderId", name);
        }
        let unread = mailbox.in_folder(folder.number).filter(|item| !item.is_read);
        xml.leaf("t:UnreadCount", &unread.count().to_string());
    }
    xml.close("t:Folder");
}
