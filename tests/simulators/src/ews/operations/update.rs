//! How are items changed? Fields are set or deleted; change keys decide what a lost race does.

use super::{Call, batch, call::key};
use crate::ews::{
    ids::{Id, change_key},
    refusal::Refusal,
    store::Item,
    xml::{Element, Xml},
};
use serde_json::{Value, json};

/// One change of an item.
enum Change {
    Read(bool),
    Categories(Vec<String>),
    Subject(Option<String>),
}

impl Change {
    fn field(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Categories(_) => "categories",
            Self::Subject(_) => "subject",
        }
    }

    /// Its name in the effects log, and the values there.
    fn effect(&self) -> (&'static str, Value) {
        match self {
            Self::Read(value) => ("mark-read", json!({"is_read": value})),
            Self::Categories(names) => ("set-categories", json!({"categories": names})),
            Self::Subject(subject) => ("set-subject", json!({"new_subject": subject})),
        }
    }
}

/// UpdateItem.
pub fn update(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let resolution = match operation.attribute("ConflictResolution") {
        Some(known @ ("NeverOverwrite" | "AutoResolve" | "AlwaysOverwrite")) => known,
        _ => {
            return Err(Refusal::schema(
                "ConflictResolution is NeverOverwrite, AutoResolve or AlwaysOverwrite.",
            ));
        }
    };
    let disposition = operation.attribute("MessageDisposition");
    let suppress = operation.attribute("SuppressReadReceipts") == Some("true");
    let mut results = Vec::new();
    for change in operation.list("ItemChanges") {
        results.push(match disposition {
            Some("SaveOnly") => update_one(call, change, resolution, suppress),
            Some(_) => Err(Refusal::new(
                "ErrorInvalidRequest",
                "The simulator does not send: use SaveOnly.",
            )),
            None => Err(Refusal::of("ErrorMessageDispositionRequired")),
        });
    }
    Ok(batch("UpdateItem", results))
}

fn update_one(call: &mut Call<'_>, change: &Element, resolution: &str, suppress: bool) -> Result<Xml, Refusal> {
    let id = change
        .child("ItemId")
        .ok_or_else(|| Refusal::schema("ItemId is expected."))?;
    let (at, number) = call.item(id)?;
    let changes: Vec<Change> = change.list("Updates").iter().map(read).collect::<Result<_, _>>()?;
    check_key(call.mailbox(at)?.item(number)?, key(id)?, &changes, resolution)?;
    let now = call.now_ms();
    let mailbox = call.mailbox_mut(at)?;
    let version = mailbox.next_version();
    let item = mailbox
        .items
        .get_mut(&number)
        .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
    let was_read = item.is_read;
    for change in &changes {
        item.touched.insert(change.field(), version);
        match change {
            Change::Read(value) => item.is_read = *value,
            Change::Categories(names) => item.categories.clone_from(names),
            Change::Subject(subject) => item.subject = Some(subject.clone().unwrap_or_default()),
        }
        if !matches!(change, Change::Read(_)) {
            item.content_version = version;
        }
    }
    item.version = version;
    item.changed_ms = now;
    let read_now = item.is_read && !was_read;
    let receipt = read_now && std::mem::take(&mut item.receipt_pending);
    let mailbox = call.mailbox(at)?;
    let item = mailbox.item(number)?;
    for change in &changes {
        let (effect, mut values) = change.effect();
        values["changed"] = json!(!matches!(change, Change::Read(value) if *value == was_read));
        call.effect(effect, mailbox, item, &values);
    }
    if receipt && !suppress {
        let to = item.mail.header("Disposition-Notification-To");
        call.effect("read-receipt-sent", mailbox, item, &json!({"to": to}));
    }
    let mut xml = Xml::default();
    xml.within("m:Items", |xml| {
        xml.within("t:Message", |xml| {
            let id = Id::Item(mailbox.store(), number).encode();
            xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &change_key(version))]);
        });
    });
    xml.within("m:ConflictResults", |xml| xml.leaf("t:Count", "0"));
    Ok(xml)
}

/// Contract section 2, mark read: AutoResolve needs a key and merges what others did to other fields; NeverOverwrite takes the
/// latest key only; AlwaysOverwrite looks at none.
fn check_key(item: &Item, key: Option<u64>, changes: &[Change], resolution: &str) -> Result<(), Refusal> {
    let conflict = match (resolution, key) {
        ("AlwaysOverwrite", _) => false,
        (_, None) => return Err(Refusal::of("ErrorChangeKeyRequired")),
        ("NeverOverwrite", Some(key)) => key != item.version,
        (_, Some(key)) => {
            let touched = |change: &Change| item.touched.get(change.field()).is_some_and(|version| *version > key);
            changes.iter().any(touched)
        }
    };
    if conflict {
        return Err(Refusal::of("ErrorIrresolvableConflict"));
    }
    Ok(())
}

fn read(update: &Element) -> Result<Change, Refusal> {
    let path = update.children.first().filter(|path| path.name == "FieldURI");
    let uri = path.and_then(|path| path.attribute("FieldURI")).unwrap_or_default();
    let value = match update.name.as_str() {
        "SetItemField" => {
            let item = update.children.get(1).and_then(|item| item.children.first());
            Some(item.ok_or_else(|| Refusal::schema("SetItemField has no value."))?)
        }
        "DeleteItemField" => None,
        "AppendToItemField" => {
            return Err(Refusal::new(
                "ErrorInvalidPropertyAppend",
                "Append is not supported for this property.",
            ));
        }
        other => {
            return Err(Refusal::schema(&format!(
                "The element 'Updates' has invalid child element '{other}'."
            )));
        }
    };
    let expected = |name: &str| match value {
        Some(value) if value.name == name => Ok(()),
        Some(_) => Err(Refusal::new(
            "ErrorUpdatePropertyMismatch",
            "The path and the value name different properties.",
        )),
        None => Ok(()),
    };
    match (uri, value) {
        ("message:IsRead", Some(value)) => {
            expected("IsRead")?;
            Ok(Change::Read(matches!(value.text.trim(), "true" | "1")))
        }
        ("item:Categories", value) => {
            expected("Categories")?;
            let names = value.map_or(&[][..], |value| &value.children);
            Ok(Change::Categories(names.iter().map(|name| name.text.clone()).collect()))
        }
        ("item:Subject", value) => {
            expected("Subject")?;
            Ok(Change::Subject(value.map(|value| value.text.clone())))
        }
        ("message:IsRead", None) => Err(Refusal::new(
            "ErrorInvalidPropertyDelete",
            "The property cannot be deleted.",
        )),
        (other, _) => Err(Refusal::new(
            "ErrorInvalidPropertySet",
            format!("The simulator cannot change {other:?}."),
        )),
    }
}
