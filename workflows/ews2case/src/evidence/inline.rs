//! Is an image a picture of the body, or a file that was sent?

use std::collections::BTreeSet;

use synapse_guest::ews::{Attachment, AttachmentKind};

use crate::html;
use crate::mime::Part;

/// What a body shows by `cid:` links.
pub struct Shown(BTreeSet<String>);

impl Shown {
    /// Reads the links of a body.
    pub fn new(html: Option<&str>) -> Self {
        let links = html.map(html::links).unwrap_or_default();
        let cid = |link: &String| {
            let (scheme, id) = link.split_once(':')?;
            scheme.eq_ignore_ascii_case("cid").then(|| plain(id))
        };
        Self(links.iter().filter_map(cid).collect())
    }

    /// An image that the body shows. An attached mail is never one, whatever its flag or its siblings' (case D03), nor is a file that
    /// only calls itself inline.
    pub fn hides(&self, attachment: &Attachment) -> bool {
        let is_image = attachment
            .media_type
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .starts_with("image/");
        attachment.kind == AttachmentKind::File && is_image && self.refers_to(attachment.content_id.as_deref())
    }

    /// As [`Shown::hides`], for a part of an attached mail.
    pub fn hides_part(&self, part: &Part) -> bool {
        self.hides_image(&part.media_type, part.content_id.as_deref())
    }

    /// As [`Shown::hides`], for an attachment in an Outlook file.
    pub fn hides_image(&self, media_type: &str, content_id: Option<&str>) -> bool {
        media_type.starts_with("image/") && self.refers_to(content_id)
    }

    fn refers_to(&self, content_id: Option<&str>) -> bool {
        content_id.is_some_and(|id| self.0.contains(&plain(id)))
    }
}

fn plain(id: &str) -> String {
    id.trim_matches(['<', '>', ' ']).to_ascii_lowercase()
}
