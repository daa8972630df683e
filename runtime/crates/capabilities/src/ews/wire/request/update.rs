//! How is an item changed? UpdateItem for the read flag and the categories (contract section 2, D29).

use super::super::model::ItemRef;
use super::super::writer::Xml;
use super::envelope::{Envelope, field_uri, item_id};

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The read flag.
    Read(bool),
    /// The whole list of categories; an empty one deletes the property.
    Categories(Vec<String>),
}

impl Change {
    fn write(&self, xml: &mut Xml) {
        match self {
            Self::Read(flag) => set(xml, "message:IsRead", |xml| {
                xml.leaf("t:IsRead", if *flag { "true" } else { "false" });
            }),
            Self::Categories(list) if list.is_empty() => {
                xml.parent("t:DeleteItemField", |xml| field_uri(xml, "item:Categories"));
            }
            Self::Categories(list) => set(xml, "item:Categories", |xml| {
                xml.parent("t:Categories", |xml| {
                    list.iter().for_each(|name| xml.leaf("t:String", name));
                });
            }),
        }
    }
}

fn set(xml: &mut Xml, field: &str, value: impl FnOnce(&mut Xml)) {
    xml.parent("t:SetItemField", |xml| {
        field_uri(xml, field);
        xml.parent("t:Message", value);
    });
}

/// What the server does if somebody else changed the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Merges where it can; needs a change key.
    AutoResolve,
    /// Our value wins; the only one that works without a change key.
    AlwaysOverwrite,
    /// Refuses with `ErrorIrresolvableConflict`; needs a change key.
    NeverOverwrite,
}

impl Resolution {
    const fn name(self) -> &'static str {
        match self {
            Self::AutoResolve => "AutoResolve",
            Self::AlwaysOverwrite => "AlwaysOverwrite",
            Self::NeverOverwrite => "NeverOverwrite",
        }
    }
}

/// UpdateItem: one change of one item. The sender is not told that it was read.
pub fn update_item(envelope: &Envelope<'_>, item: &ItemRef, change: &Change, resolution: Resolution) -> Vec<u8> {
    let how = [
        ("ConflictResolution", resolution.name()),
        ("MessageDisposition", "SaveOnly"),
        ("SuppressReadReceipts", "true"),
    ];
    envelope.request("m:UpdateItem", &how, |xml| {
        xml.parent("m:ItemChanges", |xml| {
            xml.parent("t:ItemChange", |xml| {
                item_id(xml, item);
                xml.parent("t:Updates", |xml| change.write(xml));
            });
        });
    })
}
