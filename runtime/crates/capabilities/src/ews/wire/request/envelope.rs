//! What surrounds every request, and how are folders and items named in it (contract section 1)?

use super::super::model::ItemRef;
use super::super::writer::{Attributes, MESSAGES, SOAP, TYPES, Xml};

/// What the headers of a request say.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Schema version, for instance `Exchange2016`: selects the server's behaviour.
    pub version: &'a str,
    /// SMTP address of the mailbox's owner, for an account that may impersonate.
    pub impersonate: Option<&'a str>,
}

impl Envelope<'_> {
    /// The whole request: this operation with its attributes and content.
    pub(super) fn request(
        &self,
        operation: &str,
        attributes: Attributes<'_>,
        content: impl FnOnce(&mut Xml),
    ) -> Vec<u8> {
        let mut xml = Xml::new();
        let namespaces = [("xmlns:soap", SOAP), ("xmlns:t", TYPES), ("xmlns:m", MESSAGES)];
        xml.element("soap:Envelope", &namespaces, |xml| {
            xml.parent("soap:Header", |xml| {
                xml.empty("t:RequestServerVersion", &[("Version", self.version)]);
                if let Some(address) = self.impersonate {
                    impersonation(xml, address);
                }
            });
            xml.parent("soap:Body", |xml| xml.element(operation, attributes, content));
        });
        xml.finish()
    }
}

fn impersonation(xml: &mut Xml, address: &str) {
    xml.parent("t:ExchangeImpersonation", |xml| {
        xml.parent("t:ConnectingSID", |xml| xml.leaf("t:PrimarySmtpAddress", address));
    });
}

/// A folder in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderId<'a> {
    /// A well-known one.
    Known {
        /// For instance `inbox` or `msgfolderroot`.
        name: &'a str,
        /// SMTP address of another mailbox, for delegate access.
        mailbox: Option<&'a str>,
    },
    /// One by its opaque id.
    Id(&'a str),
}

impl FolderId<'_> {
    /// The folder inside an element of this name.
    pub(super) fn inside(&self, xml: &mut Xml, parent: &str) {
        xml.parent(parent, |xml| match *self {
            FolderId::Known { name, mailbox: None } => xml.empty("t:DistinguishedFolderId", &[("Id", name)]),
            FolderId::Known {
                name,
                mailbox: Some(address),
            } => xml.element("t:DistinguishedFolderId", &[("Id", name)], |xml| {
                xml.parent("t:Mailbox", |xml| xml.leaf("t:EmailAddress", address));
            }),
            FolderId::Id(id) => xml.empty("t:FolderId", &[("Id", id)]),
        });
    }
}

/// `ItemIds` without change keys.
pub(super) fn item_ids(xml: &mut Xml, ids: &[impl AsRef<str>]) {
    xml.parent("m:ItemIds", |xml| {
        for id in ids {
            xml.empty("t:ItemId", &[("Id", id.as_ref())]);
        }
    });
}

/// `ItemId` with its change key, if there is one.
pub(super) fn item_id(xml: &mut Xml, item: &ItemRef) {
    match &item.change_key {
        Some(key) => xml.empty("t:ItemId", &[("Id", &item.id), ("ChangeKey", key)]),
        None => xml.empty("t:ItemId", &[("Id", &item.id)]),
    }
}

/// A shape of nothing but ids, plus what `extra` writes between, plus these properties.
pub(super) fn shape(xml: &mut Xml, name: &str, extra: impl FnOnce(&mut Xml), fields: &[&str]) {
    xml.parent(name, |xml| {
        xml.leaf("t:BaseShape", "IdOnly");
        extra(xml);
        additional(xml, fields);
    });
}

fn additional(xml: &mut Xml, fields: &[&str]) {
    if fields.is_empty() {
        return;
    }
    xml.parent("t:AdditionalProperties", |xml| {
        for field in fields {
            field_uri(xml, field);
        }
    });
}

/// A property by its name.
pub(super) fn field_uri(xml: &mut Xml, field: &str) {
    xml.empty("t:FieldURI", &[("FieldURI", field)]);
}

/// `name`: the property compared with a constant.
pub(super) fn compare(xml: &mut Xml, name: &str, field: &str, value: &str) {
    xml.parent(name, |xml| {
        field_uri(xml, field);
        xml.parent("t:FieldURIOrConstant", |xml| {
            xml.empty("t:Constant", &[("Value", value)]);
        });
    });
}
