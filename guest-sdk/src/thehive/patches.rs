//! What does a patch change if it says nothing? Nothing.

use super::{AlertPatch, CasePatch};

#[expect(clippy::derivable_impls, reason = "the type is made from the WIT")]
impl Default for AlertPatch {
    fn default() -> Self {
        Self {
            title: None,
            description: None,
            severity: None,
            tlp: None,
            pap: None,
            status: None,
            summary: None,
            assignee: None,
            external_link: None,
            add_tags: Vec::new(),
            remove_tags: Vec::new(),
            custom_fields: Vec::new(),
        }
    }
}

#[expect(clippy::derivable_impls, reason = "the type is made from the WIT")]
impl Default for CasePatch {
    fn default() -> Self {
        Self {
            title: None,
            description: None,
            severity: None,
            tlp: None,
            pap: None,
            status: None,
            summary: None,
            impact: None,
            assignee: None,
            flag: None,
            start_date: None,
            add_tags: Vec::new(),
            remove_tags: Vec::new(),
            custom_fields: Vec::new(),
        }
    }
}
