//! What changed in a folder since the last time? The state holds what the client has seen, so that the server keeps nothing.

use super::{Call, batch};
use crate::ews::{
    ids::Id,
    message::{Request, Shape, View, write_message},
    refusal::Refusal,
    store::Item,
    xml::{Element, Xml},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The most changes one answer may have (contract section 2).
const MAX_CHANGES: usize = 512;

/// What the client has seen of each item: the content's version and the read flag.
type Seen = BTreeMap<u64, (u64, bool)>;

enum Change<'a> {
    Create(&'a Item),
    Update(&'a Item),
    Read(&'a Item),
    Delete(u64),
}

/// SyncFolderItems.
pub fn sync(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let shape = Shape::read(operation.child("ItemShape"), Request::Sync, call.text_body());
    if let Err(refusal) = &shape
        && refusal.code == "ErrorSchemaValidation"
    {
        return Err(refusal.clone());
    }
    let max: Option<usize> = operation.text_of("MaxChangesReturned").and_then(|max| max.parse().ok());
    let max = max.filter(|max| (1..=MAX_CHANGES).contains(max));
    let max = max.ok_or_else(|| Refusal::schema("MaxChangesReturned is from 1 to 512."))?;
    Ok(batch(
        "SyncFolderItems",
        [shape.and_then(|shape| one(call, operation, &shape, max))],
    ))
}

fn one(call: &Call<'_>, operation: &Element, shape: &Shape, max: usize) -> Result<Xml, Refusal> {
    let folder = call.folder_in(operation.child("SyncFolderId"));
    let (at, folder) = folder.map_err(|refusal| match refusal.code.as_str() {
        "ErrorFolderNotFound" => Refusal::new("ErrorSyncFolderNotFound", "The folder could not be found."),
        _ => refusal,
    })?;
    let mailbox = call.mailbox(at)?;
    let scope = [&mailbox.store()[..], &folder.to_be_bytes()].concat();
    let mut seen = match operation.text_of("SyncState").filter(|state| !state.is_empty()) {
        Some(state) => decode(state, &scope).ok_or_else(|| Refusal::of("ErrorInvalidSyncStateData"))?,
        None => Seen::new(),
    };
    let ignored: Vec<&str> = operation
        .list("Ignore")
        .iter()
        .filter_map(|id| id.attribute("Id"))
        .collect();
    let all = changes(&seen, mailbox.in_folder(folder).collect());
    let last = all.len() <= max;
    let mut written = Xml::default();
    for change in all.into_iter().take(max) {
        let (number, now) = match &change {
            Change::Create(item) | Change::Update(item) | Change::Read(item) => {
                (item.number, Some((item.content_version, item.is_read)))
            }
            Change::Delete(number) => (*number, None),
        };
        match now {
            Some(now) => seen.insert(number, now),
            None => seen.remove(&number),
        };
        let id = Id::Item(mailbox.store(), number).encode();
        if ignored.contains(&id.as_str()) {
            continue;
        }
        match change {
            Change::Create(item) => {
                written.open("t:Create", &[]);
                write_message(&View::of(mailbox, item), shape, &mut written)?;
                written.close("t:Create");
            }
            Change::Update(item) => {
                written.open("t:Update", &[]);
                write_message(&View::of(mailbox, item), shape, &mut written)?;
                written.close("t:Update");
            }
            Change::Read(item) => written.within("t:ReadFlagChange", |xml| {
                xml.empty("t:ItemId", &[("Id", &id)]);
                xml.flag("t:IsRead", item.is_read);
            }),
            Change::Delete(_) => written.within("t:Delete", |xml| xml.empty("t:ItemId", &[("Id", &id)])),
        }
    }
    let mut xml = Xml::default();
    xml.leaf("m:SyncState", &encode(&seen, &scope));
    xml.flag("m:IncludesLastItemInRange", last);
    xml.open("m:Changes", &[]);
    xml.append(written);
    xml.close("m:Changes");
    Ok(xml)
}

/// Newest items first, then what is gone.
fn changes<'a>(seen: &Seen, mut items: Vec<&'a Item>) -> Vec<Change<'a>> {
    items.sort_by_key(|item| std::cmp::Reverse((item.received_ms, item.number)));
    let gone = seen
        .keys()
        .filter(|number| !items.iter().any(|item| item.number == **number));
    let gone: Vec<Change<'a>> = gone.map(|number| Change::Delete(*number)).collect();
    let mut all: Vec<Change<'a>> = Vec::new();
    for item in items {
        all.extend(match seen.get(&item.number) {
            None => Some(Change::Create(item)),
            Some((version, _)) if *version != item.content_version => Some(Change::Update(item)),
            Some((_, read)) if *read != item.is_read => Some(Change::Read(item)),
            Some(_) => None,
        });
    }
    all.extend(gone);
    all
}

fn encode(seen: &Seen, scope: &[u8]) -> String {
    let mut bytes = scope.to_vec();
    for (number, (version, read)) in seen {
        bytes.extend(number.to_be_bytes());
        bytes.extend(version.to_be_bytes());
        bytes.push(u8::from(*read));
    }
    let check = Sha256::digest(&bytes);
    bytes.extend(&check[..8]);
    STANDARD.encode(bytes)
}

fn decode(state: &str, scope: &[u8]) -> Option<Seen> {
    let bytes = STANDARD.decode(state).ok()?;
    let (body, check) = bytes.split_last_chunk::<8>()?;
    if Sha256::digest(body)[..8] != check[..] {
        return None;
    }
    let (rows, []) = body.strip_prefix(scope)?.as_chunks::<17>() else {
        return None;
    };
    let word = |row: &[u8; 17], at: usize| row.get(at..at + 8)?.first_chunk().copied().map(u64::from_be_bytes);
    rows.iter()
        .map(|row| Some((word(row, 0)?, (word(row, 8)?, row.last() == Some(&1)))))
        .collect()
}
