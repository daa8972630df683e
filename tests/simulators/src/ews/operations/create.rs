//! How are items made? Saved into a folder, from MIME or from fields; the simulator sends nothing.

use super::{Call, batch, import};
use crate::ews::{
    ids::{Id, change_key},
    message::{View, write_attachment_ids},
    refusal::Refusal,
    store::{self, Person},
    xml::{Element, Xml},
};
use serde_json::json;

/// CreateItem.
pub fn create(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let disposition = operation.attribute("MessageDisposition");
    let folder = match operation.child("SavedItemFolderId") {
        Some(folder) => call.folder_in(Some(folder)),
        None => drafts(call),
    };
    let mut results = Vec::new();
    for item in operation.list("Items") {
        results.push(match (disposition, item.name.as_str()) {
            (None, _) => Err(Refusal::of("ErrorMessageDispositionRequired")),
            (Some("SaveOnly"), "Message") => folder.clone().and_then(|folder| create_one(call, folder, item)),
            (Some("SaveOnly"), _) => Err(Refusal::new(
                "ErrorInvalidRequest",
                "The simulator makes messages only.",
            )),
            _ => Err(Refusal::new(
                "ErrorInvalidRequest",
                "The simulator does not send: use SaveOnly.",
            )),
        });
    }
    Ok(batch("CreateItem", results))
}

fn drafts(call: &Call<'_>) -> Result<(usize, u64), Refusal> {
    let at = call
        .acting
        .ok_or_else(|| Refusal::new("ErrorMissingEmailAddress", "The account has no mailbox."))?;
    let folder = call.mailbox(at)?.distinguished("drafts").map(|folder| folder.number);
    folder
        .map(|folder| (at, folder))
        .ok_or_else(|| Refusal::of("ErrorFolderNotFound"))
}

fn create_one(call: &mut Call<'_>, (at, folder): (usize, u64), item: &Element) -> Result<Xml, Refusal> {
    let now = call.now_ms();
    let mailbox = call.mailbox_mut(at)?;
    let from = Person {
        name: mailbox.name.clone(),
        address: Some(mailbox.address.clone()),
    };
    let id = format!("<{}.{now}@exchange.sim.test>", mailbox.next_number());
    let mail = import::message(item, &from, &id)?;
    let number =
        store::put(mailbox, folder, mail, now, now).map_err(|text| Refusal::new("ErrorQuotaExceeded", text))?;
    let made = mailbox
        .items
        .get_mut(&number)
        .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
    made.is_read = item.text_of("IsRead").is_none_or(|read| read == "true");
    made.is_draft = item.child("MimeContent").is_none();
    made.categories = item.list("Categories").iter().map(|name| name.text.clone()).collect();
    let mailbox = call.mailbox(at)?;
    let made = mailbox.item(number)?;
    call.effect(
        "create",
        mailbox,
        made,
        &json!({"categories": made.categories, "attachments": made.attachments().count()}),
    );
    let mut xml = Xml::default();
    xml.within("m:Items", |xml| {
        xml.within("t:Message", |xml| {
            let id = Id::Item(mailbox.store(), number).encode();
            xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &change_key(made.version))]);
            if made.attachments().next().is_some() {
                write_attachment_ids(&View::of(mailbox, made), xml);
            }
        });
    });
    Ok(xml)
}
