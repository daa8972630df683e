//! Which operations are there? One file each; a request goes to one of them by the name of its body element.

mod attachments;
mod call;
mod conversation;
mod create;
mod find_folder;
mod find_item;
mod folders;
mod get_item;
mod import;
mod moves;
mod names;
mod query;
mod sync;
mod update;

pub use call::Call;

use super::{
    refusal::Refusal,
    xml::{Element, Xml},
};

/// Answers one operation: the inside of its response element, or a fault.
pub fn perform(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    match operation.name.as_str() {
        "GetFolder" => folders::get(call, operation),
        "CreateFolder" => folders::create(call, operation),
        "FindFolder" => find_folder::find(call, operation),
        "FindItem" => find_item::find(call, operation),
        "GetItem" => get_item::get(call, operation),
        "GetAttachment" => attachments::get(call, operation),
        "CreateAttachment" => attachments::create(call, operation),
        "CreateItem" => create::create(call, operation),
        "UpdateItem" => update::update(call, operation),
        "MoveItem" => moves::move_items(call, operation),
        "CopyItem" => moves::copy_items(call, operation),
        "DeleteItem" => moves::delete_items(call, operation),
        "SyncFolderItems" => sync::sync(call, operation),
        "GetConversationItems" => conversation::get(call, operation),
        "ResolveNames" => names::resolve(call, operation),
        "ConvertId" => names::convert(operation),
        other => Err(Refusal::schema(&format!(
            "The element 'Body' has invalid child element '{other}'."
        ))),
    }
}

/// The response messages of a batch, one per input and in its order: an error is for its input alone.
fn batch(operation: &str, results: impl IntoIterator<Item = Result<Xml, Refusal>>) -> Xml {
    let mut xml = Xml::default();
    let name = format!("m:{operation}ResponseMessage");
    xml.open("m:ResponseMessages", &[]);
    for result in results {
        match result {
            Ok(inside) => {
                xml.open(&name, &[("ResponseClass", "Success")]);
                xml.leaf("m:ResponseCode", "NoError");
                xml.append(inside);
            }
            Err(refusal) => {
                xml.open(&name, &[("ResponseClass", "Error")]);
                refusal.write(&mut xml);
                xml.raw(after_refusal(operation));
            }
        }
        xml.close(&name);
    }
    xml.close("m:ResponseMessages");
    xml
}

/// What follows a refusal; exchangelib relies on the state of a refused sync.
fn after_refusal(operation: &str) -> &'static str {
    match operation {
        "GetItem" | "UpdateItem" | "MoveItem" | "CopyItem" | "CreateItem" => "<m:Items/>",
        "GetAttachment" | "CreateAttachment" => "<m:Attachments/>",
        "GetFolder" | "CreateFolder" => "<m:Folders/>",
        "SyncFolderItems" => "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>",
        _ => "",
    }
}

/// The same refusal for every input of a batch: what a quirk answers.
pub fn refuse_all(operation: &Element, refusal: &Refusal) -> Xml {
    const LISTS: [&str; 7] = [
        "ItemIds",
        "FolderIds",
        "AttachmentIds",
        "ItemChanges",
        "Items",
        "ParentFolderIds",
        "Conversations",
    ];
    let inputs = LISTS
        .iter()
        .map(|list| operation.list(list).len())
        .find(|count| *count > 0);
    let results = (0..inputs.unwrap_or(1)).map(|_| Err(refusal.clone()));
    batch(&operation.name, results)
}

/// An empty success of another operation: what a connection out of step answers.
pub fn empty_success(operation: &str) -> Xml {
    batch(operation, [Ok(Xml::default())])
}
