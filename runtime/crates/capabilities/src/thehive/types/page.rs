//! How does TheHive spell a page (contract 2.10)?

use serde::{Deserialize, Serialize};

use crate::bindings::synapse::thehive::pages::Page;
use crate::marked;

/// `InputCreatePage` and `InputUpdatePage`
#[derive(Debug, Default, Serialize)]
pub struct PageBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// `OutputPage`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
pub struct PageRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub content: String,
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

impl PageRow {
    /// Is it already as the change would leave it?
    pub fn is_as_asked(&self, body: &PageBody<'_>) -> bool {
        body.title.is_none_or(|title| self.title == title)
            && body.category.is_none_or(|category| self.category == category)
            && body.content.as_ref().is_none_or(|content| self.content == *content)
    }

    /// As guests see it.
    pub fn into_page(self) -> Page {
        Page {
            id: self.id,
            title: self.title,
            category: self.category,
            content: marked::unmark(self.content),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
