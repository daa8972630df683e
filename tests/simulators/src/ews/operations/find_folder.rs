//! Which folders does a search find? Directly below a folder or anywhere below it, by name.

use super::{Call, batch, folders, query::Page};
use crate::ews::{
    refusal::Refusal,
    store::Folder,
    xml::{Element, Xml},
};

/// FindFolder.
pub fn find(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let deep = match operation.attribute("Traversal") {
        Some("Shallow") => false,
        Some("Deep") => true,
        Some("SoftDeleted") => return Ok(batch("FindFolder", [])),
        _ => return Err(Refusal::schema("Traversal is Shallow, Deep or SoftDeleted.")),
    };
    let page = Page::read(operation.child("IndexedPageFolderView"))?;
    let wanted = operation.child("Restriction").map(condition).transpose()?;
    let one = |id: &Element| {
        let (at, parent) = call.folder(id)?;
        let mailbox = call.mailbox(at)?;
        let changes = call.may_change(at, mailbox);
        let mut found = mailbox.below(parent, deep);
        found.retain(|folder| wanted.as_ref().is_none_or(|wanted| wanted.holds(folder)));
        let cut = page.cut(found.len(), call.site.settings.find_limit)?;
        let mut xml = Xml::default();
        cut.open(&mut xml);
        xml.open("t:Folders", &[]);
        for folder in found.into_iter().skip(cut.start).take(cut.count) {
            folders::write(mailbox, folder, changes, folders::ids_only(operation), &mut xml);
        }
        xml.close("t:Folders");
        xml.close("m:RootFolder");
        Ok(xml)
    };
    Ok(batch("FindFolder", operation.list("ParentFolderIds").iter().map(one)))
}

/// A condition on the name or the class of a folder.
struct Condition {
    field: Field,
    contains: bool,
    constant: String,
}

enum Field {
    Name,
    Class,
}

impl Condition {
    fn holds(&self, folder: &Folder) -> bool {
        let text = match self.field {
            Field::Name => &folder.name,
            Field::Class => &folder.class,
        };
        if self.contains {
            text.to_lowercase().contains(&self.constant.to_lowercase())
        } else {
            text.eq_ignore_ascii_case(&self.constant)
        }
    }
}

fn condition(restriction: &Element) -> Result<Condition, Refusal> {
    let one = restriction
        .children
        .first()
        .ok_or_else(|| Refusal::schema("The restriction is empty."))?;
    let contains = match one.name.as_str() {
        "IsEqualTo" => false,
        "Contains" => one.attribute("ContainmentMode") != Some("FullString"),
        _ => {
            return Err(Refusal::new(
                "ErrorUnsupportedPathForQuery",
                "Folders are searched with IsEqualTo and Contains.",
            ));
        }
    };
    let uri = one.child("FieldURI").and_then(|path| path.attribute("FieldURI"));
    let field = match uri {
        Some("folder:DisplayName") => Field::Name,
        Some("folder:FolderClass") => Field::Class,
        _ => {
            return Err(Refusal::new(
                "ErrorUnsupportedPathForQuery",
                "Folders are searched by name and class.",
            ));
        }
    };
    let holder = one.child("FieldURIOrConstant").unwrap_or(one);
    let constant = holder
        .child("Constant")
        .and_then(|constant| constant.attribute("Value"));
    Ok(Condition {
        field,
        contains,
        constant: constant.unwrap_or_default().to_owned(),
    })
}
