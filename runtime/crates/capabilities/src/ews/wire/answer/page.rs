//! What is on this page, and where does the next begin? FindItem and the paging attributes (contract section 2).

use super::super::model::{FindAnswer, Trouble};
use super::super::reader::{Ns, Reader, Tag, flag};
use super::item::items;
use super::{MAX_ANSWER, only, response};

/// What `RootFolder` says about its page.
pub struct Paging {
    /// Where the next one begins.
    pub next_offset: Option<u32>,
    /// How many match in all.
    pub total: Option<u32>,
    /// There is no next one.
    pub last: bool,
}

impl Paging {
    /// Reads the attributes. Without the word of the server a page is the last, unless its numbers say otherwise.
    pub fn of(tag: &Tag) -> Self {
        let number = |name| tag.attribute(name).and_then(|text| text.trim().parse::<u32>().ok());
        let (next_offset, total) = (number("IndexedPagingOffset"), number("TotalItemsInView"));
        let said = tag.attribute("IncludesLastItemInRange").and_then(|text| flag(&text));
        Self {
            next_offset,
            total,
            last: said.unwrap_or_else(|| next_offset.zip(total).is_none_or(|(next, total)| next >= total)),
        }
    }
}

/// Reads the answer to FindItem in one folder.
pub fn read_find_item(answer: &[u8]) -> Result<FindAnswer, Trouble> {
    let mut reader = Reader::new(answer, MAX_ANSWER);
    only(response(
        &mut reader,
        "FindItem",
        |reader, tag, page: &mut FindAnswer| {
            if !tag.is(Ns::Messages, "RootFolder") {
                return Ok(false);
            }
            let paging = Paging::of(tag);
            (page.next_offset, page.total, page.last) = (paging.next_offset, paging.total, paging.last);
            reader.children(tag, |reader, tag| {
                if tag.is(Ns::Types, "Items") {
                    items(reader, tag, &mut page.items)?;
                }
                Ok(())
            })?;
            Ok(true)
        },
    )?)
}
