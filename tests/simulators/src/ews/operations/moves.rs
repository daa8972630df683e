//! How do items get into another folder, or out of the mailbox? Every move gives a new id.

use super::{Call, batch};
use crate::ews::{
    ids::{Id, change_key},
    refusal::Refusal,
    store::Item,
    xml::{Element, Xml},
};
use serde_json::json;

/// MoveItem.
pub fn move_items(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    transfer(call, operation, true)
}

/// CopyItem.
pub fn copy_items(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    transfer(call, operation, false)
}

fn transfer(call: &mut Call<'_>, operation: &Element, take: bool) -> Result<Xml, Refusal> {
    let target = call.folder_in(operation.child("ToFolderId"));
    let return_ids = operation.text_of("ReturnNewItemIds") != Some("false");
    let mut results = Vec::new();
    for id in operation.list("ItemIds") {
        let target = match &target {
            Ok(target) => *target,
            Err(refusal) if refusal.code == "ErrorFolderNotFound" => {
                results.push(Err(Refusal::new(
                    "ErrorToFolderNotFound",
                    "The destination folder could not be found.",
                )));
                continue;
            }
            Err(refusal) => {
                results.push(Err(refusal.clone()));
                continue;
            }
        };
        results.push(call.item(id).and_then(|from| one(call, from, target, take, return_ids)));
    }
    Ok(batch(&operation.name, results))
}

fn one(
    call: &mut Call<'_>,
    (at, number): (usize, u64),
    (to, folder): (usize, u64),
    take: bool,
    return_ids: bool,
) -> Result<Xml, Refusal> {
    let effect = if take { "move" } else { "copy" };
    let (new, old) = place(call, (at, number), (to, folder), take)?;
    let mailbox = call.mailbox(to)?;
    let item = mailbox.item(new)?;
    let from = call.mailbox(at)?.path(old.folder);
    let values = json!({"from": from, "to": mailbox.path(folder), "old_id": Id::Item(call.mailbox(at)?.store(), number).encode()});
    call.effect(effect, mailbox, item, &values);
    let mut xml = Xml::default();
    xml.open("m:Items", &[]);
    // No id comes back from another mailbox (contract section 2).
    if return_ids && to == at {
        xml.within("t:Message", |xml| {
            let id = Id::Item(mailbox.store(), new).encode();
            xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &change_key(item.version))]);
        });
    }
    xml.close("m:Items");
    Ok(xml)
}

/// Puts the item into the folder under a new number; answers that and the item as it was.
fn place(
    call: &mut Call<'_>,
    (at, number): (usize, u64),
    (to, folder): (usize, u64),
    take: bool,
) -> Result<(u64, Item), Refusal> {
    let old = call.mailbox(at)?.item(number)?.clone();
    call.mailbox(to)?;
    if take {
        call.mailbox_mut(at)?.items.remove(&number);
    }
    let target = call.mailbox_mut(to)?;
    let (new, version) = (target.next_number(), target.next_version());
    let mut item = old.clone();
    item.number = new;
    item.folder = folder;
    item.version = version;
    item.content_version = version;
    item.touched.clear();
    target.items.insert(new, item);
    Ok((new, old))
}

/// DeleteItem.
pub fn delete_items(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let kind = operation.attribute("DeleteType").unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "HardDelete" | "SoftDelete" | "MoveToDeletedItems") {
        return Err(Refusal::schema(
            "DeleteType is HardDelete, SoftDelete or MoveToDeletedItems.",
        ));
    }
    let mut results = Vec::new();
    for id in operation.list("ItemIds") {
        results.push(call.item(id).and_then(|item| delete_one(call, item, &kind)));
    }
    Ok(batch("DeleteItem", results))
}

fn delete_one(call: &mut Call<'_>, (at, number): (usize, u64), kind: &str) -> Result<Xml, Refusal> {
    let mailbox = call.mailbox(at)?;
    let bin = mailbox.distinguished("deleteditems").map(|folder| folder.number);
    let old = match bin.filter(|_| kind == "MoveToDeletedItems") {
        Some(bin) => place(call, (at, number), (at, bin), true)?.1,
        None => {
            let removed = call.mailbox_mut(at)?.items.remove(&number);
            removed.ok_or_else(|| Refusal::of("ErrorItemNotFound"))?
        }
    };
    call.effect("delete", call.mailbox(at)?, &old, &json!({"delete_type": kind}));
    Ok(Xml::default())
}
