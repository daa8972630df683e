//! How is a folder's content asked for? FindItem with typed restrictions, oldest first (contract section 2).

use super::super::time;
use super::super::writer::Xml;
use super::envelope::{Envelope, FolderId, compare, field_uri, shape};

/// What lists say about an item. FindItem never answers bodies, recipients or attachments.
pub(super) const SUMMARY: &[&str] = &[
    "item:ParentFolderId",
    "item:ItemClass",
    "item:Subject",
    "item:DateTimeReceived",
    "item:Size",
    "item:Categories",
    "item:HasAttachments",
    "item:ConversationId",
    "message:InternetMessageId",
    "message:IsRead",
];

/// Which items are listed. Several hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restriction {
    /// With this read flag.
    IsRead(bool),
    /// Received at this moment or later; milliseconds since 1970.
    ReceivedSince(u64),
    /// With this `Message-ID`, angle brackets included.
    InternetMessageId(String),
    /// With this text in the subject, case ignored.
    SubjectContains(String),
}

impl Restriction {
    fn write(&self, xml: &mut Xml) {
        match self {
            Self::IsRead(flag) => compare(
                xml,
                "t:IsEqualTo",
                "message:IsRead",
                if *flag { "true" } else { "false" },
            ),
            Self::ReceivedSince(ms) => {
                compare(
                    xml,
                    "t:IsGreaterThanOrEqualTo",
                    "item:DateTimeReceived",
                    &time::format(*ms),
                );
            }
            Self::InternetMessageId(id) => compare(xml, "t:IsEqualTo", "message:InternetMessageId", id),
            Self::SubjectContains(text) => {
                let how = [
                    ("ContainmentMode", "Substring"),
                    ("ContainmentComparison", "IgnoreCase"),
                ];
                xml.element("t:Contains", &how, |xml| {
                    field_uri(xml, "item:Subject");
                    xml.empty("t:Constant", &[("Value", text)]);
                });
            }
        }
    }
}

/// FindItem: items of a folder for which all restrictions hold, oldest first; at most `max` from `offset`.
/// With a restriction a server gives at most 250.
pub fn find_item(
    envelope: &Envelope<'_>,
    folder: &FolderId<'_>,
    restrictions: &[Restriction],
    offset: u32,
    max: u32,
) -> Vec<u8> {
    envelope.request("m:FindItem", &[("Traversal", "Shallow")], |xml| {
        shape(xml, "m:ItemShape", |_| {}, SUMMARY);
        let (max, offset) = (max.to_string(), offset.to_string());
        xml.empty(
            "m:IndexedPageItemView",
            &[
                ("MaxEntriesReturned", &max),
                ("Offset", &offset),
                ("BasePoint", "Beginning"),
            ],
        );
        match restrictions {
            [] => {}
            [one] => xml.parent("m:Restriction", |xml| one.write(xml)),
            several => xml.parent("m:Restriction", |xml| {
                xml.parent("t:And", |xml| several.iter().for_each(|one| one.write(xml)));
            }),
        }
        xml.parent("m:SortOrder", |xml| {
            xml.element("t:FieldOrder", &[("Order", "Ascending")], |xml| {
                field_uri(xml, "item:DateTimeReceived");
            });
        });
        folder.inside(xml, "m:ParentFolderIds");
    })
}
