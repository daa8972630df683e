//! Which items does a search find? In a folder, by a restriction or a query string, sorted, page by page.

use super::{
    Call, batch,
    query::{self, Page},
};
use crate::ews::{
    message::{Request, Restriction, Shape, SortOrder, View, write_message},
    refusal::Refusal,
    xml::{Element, Xml},
};

/// FindItem.
pub fn find(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let associated = match operation.attribute("Traversal") {
        Some("Shallow") => false,
        // Neither hidden items nor a dumpster: both are empty.
        Some("SoftDeleted" | "Associated") => true,
        _ => return Err(Refusal::schema("Traversal is Shallow, SoftDeleted or Associated.")),
    };
    for other in [
        "FractionalPageItemView",
        "SeekToConditionPageItemView",
        "CalendarView",
        "ContactsView",
        "GroupBy",
        "DistinguishedGroupBy",
    ] {
        if operation.child(other).is_some() {
            return Err(Refusal::new(
                "ErrorInvalidRequest",
                format!("The simulator does not know {other}."),
            ));
        }
    }
    let search = Search {
        shape: Shape::read(operation.child("ItemShape"), Request::Find, call.text_body()),
        page: Page::read(operation.child("IndexedPageItemView"))?,
        restriction: operation.child("Restriction").map(Restriction::read).transpose(),
        order: SortOrder::read(operation.child("SortOrder")),
        query: operation.text_of("QueryString").filter(|query| !query.is_empty()),
    };
    // The schema is checked before any folder is opened: its violations are faults.
    search.faults()?;
    let one = |id: &Element| {
        if associated {
            search.nothing()
        } else {
            search.run(call, id)
        }
    };
    Ok(batch("FindItem", operation.list("ParentFolderIds").iter().map(one)))
}

struct Search<'a> {
    shape: Result<Shape, Refusal>,
    page: Page,
    restriction: Result<Option<Restriction>, Refusal>,
    order: Result<SortOrder, Refusal>,
    query: Option<&'a str>,
}

impl Search<'_> {
    fn faults(&self) -> Result<(), Refusal> {
        let errors = [
            self.shape.as_ref().err(),
            self.restriction.as_ref().err(),
            self.order.as_ref().err(),
        ];
        let fault = errors
            .into_iter()
            .flatten()
            .find(|refusal| refusal.code == "ErrorSchemaValidation");
        fault.map_or(Ok(()), |refusal| Err(refusal.clone()))
    }

    fn run(&self, call: &Call<'_>, id: &Element) -> Result<Xml, Refusal> {
        let shape = self.shape.as_ref().map_err(Clone::clone)?;
        let restriction = self.restriction.as_ref().map_err(Clone::clone)?.as_ref();
        let order = self.order.as_ref().map_err(Clone::clone)?;
        let (at, folder) = call.folder(id)?;
        let mailbox = call.mailbox(at)?;
        let mut found = Vec::new();
        for item in mailbox.in_folder(folder) {
            let view = View::of(mailbox, item);
            let fits = restriction.is_none_or(|restriction| restriction.holds(&view));
            let asked = match self.query {
                Some(text) if fits => query::matches(text, &view)?,
                _ => fits,
            };
            if asked {
                found.push(view);
            }
        }
        // Without an order the store answers newest first.
        found.sort_by_key(|view| std::cmp::Reverse((view.item.received_ms, view.item.number)));
        if !order.is_empty() {
            order.sort(&mut found);
        }
        let settings = &call.site.settings;
        let restricted = restriction.is_some() || self.query.is_some();
        let limit = if restricted {
            settings.restricted_find_limit
        } else {
            settings.find_limit
        };
        let cut = self.page.cut(found.len(), limit)?;
        let mut xml = Xml::default();
        cut.open(&mut xml);
        xml.open("t:Items", &[]);
        for view in found.into_iter().skip(cut.start).take(cut.count) {
            write_message(&view, shape, &mut xml)?;
        }
        xml.close("t:Items");
        xml.close("m:RootFolder");
        Ok(xml)
    }

    fn nothing(&self) -> Result<Xml, Refusal> {
        let mut xml = Xml::default();
        self.page.cut(0, 1)?.open(&mut xml);
        xml.raw("<t:Items/></m:RootFolder>");
        Ok(xml)
    }
}
