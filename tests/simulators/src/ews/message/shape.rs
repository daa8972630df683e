//! Which fields shall be shown? The shape of a request: a base, more fields by name, the kind of body.

use super::{
    fields::{self, Field},
    known, value,
};
use crate::ews::{refusal::Refusal, xml::Element};

/// Fields one request may name; exchangelib names some 200.
const MAX_FIELDS: usize = 1000;

/// Which body is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyType {
    /// HTML if there is one.
    #[default]
    Best,
    /// HTML, converted if need be.
    Html,
    /// Text, converted if need be.
    Text,
}

/// Which kind of request a shape belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Reads single items: everything.
    Get,
    /// FindItem: refuses to show bodies, recipients, attachments, headers and MIME.
    Find,
    /// SyncFolderItems: leaves the same out (exchangelib asks for them by default and goes on without).
    Sync,
}

/// Which fields the base asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    IdOnly,
    Default,
    All,
}

/// A MAPI property by tag (`0x007D`) that is asked for.
#[derive(Clone, Debug)]
pub struct Tag {
    /// As the request wrote it.
    pub tag: String,
    /// `String`, `Boolean`, ...
    pub kind: String,
}

/// The shape of a request.
#[derive(Clone, Debug)]
pub struct Shape {
    base: Base,
    /// MIME is wanted.
    pub mime: bool,
    /// Which body.
    pub body: BodyType,
    /// Most bytes of a body.
    pub max_body: Option<usize>,
    named: Vec<&'static str>,
    /// MAPI properties.
    pub tags: Vec<Tag>,
    /// A list: no bodies, recipients, attachments, headers (contract section 2).
    pub list: bool,
}

impl Shape {
    /// Everything, as GetAttachment shows an attached message.
    pub fn all() -> Self {
        Self {
            base: Base::All,
            mime: false,
            body: BodyType::Best,
            max_body: None,
            named: Vec::new(),
            tags: Vec::new(),
            list: false,
        }
    }

    /// Reads `ItemShape`. Errors: the schema does not know a name; `ErrorInvalidPropertyRequest` for a field that this kind of
    /// request cannot give.
    pub fn read(element: Option<&Element>, request: Request, text_body: bool) -> Result<Self, Refusal> {
        let mut shape = Self {
            list: request != Request::Get,
            ..Self::all()
        };
        let Some(element) = element else { return Ok(shape) };
        if let Some(base) = element.text_of("BaseShape") {
            shape.base = match base {
                "IdOnly" | "PcxPeopleSearch" => Base::IdOnly,
                "Default" => Base::Default,
                "AllProperties" => Base::All,
                other => return Err(Refusal::schema(&format!("The value '{other}' is not a BaseShape."))),
            };
        }
        let mime = element.text_of("IncludeMimeContent").map(value::flag);
        shape.mime = mime.flatten() == Some(true);
        shape.body = match element.text_of("BodyType") {
            None | Some("Best") => BodyType::Best,
            Some("HTML") => BodyType::Html,
            Some("Text") => BodyType::Text,
            Some(other) => return Err(Refusal::schema(&format!("The value '{other}' is not a BodyType."))),
        };
        shape.max_body = element.text_of("MaximumBodySize").and_then(|size| size.parse().ok());
        let more = element.list("AdditionalProperties");
        if more.len() > MAX_FIELDS {
            return Err(Refusal::schema("Too many properties."));
        }
        for path in more {
            shape.add(path, request, text_body)?;
        }
        if request == Request::Find && shape.mime {
            return Err(cannot("item:MimeContent"));
        }
        shape.mime &= !shape.list;
        Ok(shape)
    }

    fn add(&mut self, path: &Element, request: Request, text_body: bool) -> Result<(), Refusal> {
        match path.name.as_str() {
            "FieldURI" => {
                let uri = path.attribute("FieldURI").unwrap_or_default();
                match fields::by_uri(uri) {
                    Some(field) if request == Request::Find && !field.listed => return Err(cannot(uri)),
                    // Servers before 2013 do not know the name at all.
                    Some(field) if field.uri == "item:TextBody" && !text_body => return Err(unknown(uri)),
                    Some(field) if field.uri == "item:MimeContent" => self.mime = true,
                    Some(field) => self.named.push(field.uri),
                    None if known::without_value(uri) => {}
                    None => return Err(unknown(uri)),
                }
            }
            "ExtendedFieldURI" => {
                if let Some(tag) = path.attribute("PropertyTag") {
                    let kind = path.attribute("PropertyType").unwrap_or("String").to_owned();
                    self.tags.push(Tag {
                        tag: tag.to_owned(),
                        kind,
                    });
                }
            }
            "IndexedFieldURI" | "ExceptionFieldURI" => {}
            other => return Err(Refusal::schema(&format!("'{other}' is not a path to a property."))),
        }
        Ok(())
    }

    /// Whether a field is to be shown.
    pub fn shows(&self, field: &Field) -> bool {
        let by_base = match self.base {
            Base::IdOnly => field.uri == "item:ItemId",
            Base::Default => field.default,
            Base::All => field.all,
        };
        let fits = !self.list || field.listed;
        fits && (by_base || self.named.contains(&field.uri))
    }
}

fn unknown(uri: &str) -> Refusal {
    Refusal::schema(&format!("The value '{uri}' is not a FieldURI."))
}

fn cannot(uri: &str) -> Refusal {
    Refusal::new(
        "ErrorInvalidPropertyRequest",
        format!("The property {uri} can not be used with this type of request."),
    )
}
