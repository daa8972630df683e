//! Which part of a result is answered, and what does a query string find?

use crate::ews::{
    message::View,
    refusal::Refusal,
    xml::{Element, Xml},
};

/// An indexed view, or none.
pub struct Page(Option<Indexed>);

struct Indexed {
    max: Option<usize>,
    offset: usize,
    from_end: bool,
}

/// The part that is answered.
pub struct Cut {
    /// First row.
    pub start: usize,
    /// How many.
    pub count: usize,
    total: usize,
    indexed: bool,
}

impl Page {
    /// Reads `IndexedPageItemView` or `IndexedPageFolderView`.
    pub fn read(view: Option<&Element>) -> Result<Self, Refusal> {
        let Some(view) = view else { return Ok(Self(None)) };
        let number = |name: &str| view.attribute(name).map(str::parse::<usize>).transpose();
        let bad = |_| Refusal::schema("A number is expected.");
        let max = number("MaxEntriesReturned").map_err(bad)?;
        if max == Some(0) {
            return Err(Refusal::new(
                "ErrorInvalidPagingMaxRows",
                "Paging max rows must be at least 1.",
            ));
        }
        let from_end = match view.attribute("BasePoint") {
            Some("Beginning") => false,
            Some("End") => true,
            _ => return Err(Refusal::schema("The required attribute 'BasePoint' is missing.")),
        };
        let offset = number("Offset").map_err(bad)?;
        let offset = offset.ok_or_else(|| Refusal::schema("The required attribute 'Offset' is missing."))?;
        Ok(Self(Some(Indexed { max, offset, from_end })))
    }

    /// The part of `total` rows. A page is never longer than `limit`; without a page, more rows than that are an error.
    pub fn cut(&self, total: usize, limit: usize) -> Result<Cut, Refusal> {
        let Some(page) = &self.0 else {
            if total > limit {
                return Err(Refusal::of("ErrorExceededFindCountLimit"));
            }
            return Ok(Cut {
                start: 0,
                count: total,
                total,
                indexed: false,
            });
        };
        let most = page.max.unwrap_or(limit).min(limit);
        let (start, count) = if page.from_end {
            let end = total.saturating_sub(page.offset);
            (end.saturating_sub(most), most.min(end))
        } else {
            let start = page.offset.min(total);
            (start, most.min(total - start))
        };
        Ok(Cut {
            start,
            count,
            total,
            indexed: true,
        })
    }
}

impl Cut {
    /// Opens `m:RootFolder` with what the client needs for the next page.
    pub fn open(&self, xml: &mut Xml) {
        let (next, total) = ((self.start + self.count).to_string(), self.total.to_string());
        let last = if self.start + self.count >= self.total {
            "true"
        } else {
            "false"
        };
        let mut attributes = Vec::new();
        if self.indexed {
            attributes.push(("IndexedPagingOffset", next.as_str()));
        }
        attributes.push(("TotalItemsInView", total.as_str()));
        attributes.push(("IncludesLastItemInRange", last));
        xml.open("m:RootFolder", &attributes);
    }
}

/// Whether an item fits a query string. Understood are words, `subject:`, `from:` and `body:`; all must be found.
pub fn matches(query: &str, view: &View<'_>) -> Result<bool, Refusal> {
    let subject = view.subject().unwrap_or_default().to_lowercase();
    let body = [&view.mail.text, &view.mail.html]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<String>();
    let body = body.to_lowercase();
    let from = view.mail.from.as_ref();
    let from = from.map_or_else(String::new, |from| {
        format!("{} {}", from.name, from.address.as_deref().unwrap_or_default())
    });
    let from = from.to_lowercase();
    for term in query.to_lowercase().split_whitespace() {
        let found = match term.split_once(':') {
            None => [&subject, &body, &from]
                .iter()
                .any(|text| text.contains(term.trim_matches('"'))),
            Some(("subject", word)) => subject.contains(word.trim_matches('"')),
            Some(("from", word)) => from.contains(word.trim_matches('"')),
            Some(("body", word)) => body.contains(word.trim_matches('"')),
            Some((other, _)) => {
                return Err(Refusal::new(
                    "ErrorInvalidQueryString",
                    format!("The simulator does not know the query term {other:?}."),
                ));
            }
        };
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}
