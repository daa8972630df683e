//! How does TheHive spell what cases have to do with each other (contract 2.2)?

use serde::{Deserialize, Serialize};

use super::case::CaseRow;
use crate::bindings::synapse::thehive::links::{CaseLink, CaseLinks, UrlLink};

/// `InputCaseLink`, and a link to a case as it is read
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseLinkBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub case_id: String,
}

/// `InputExternalLink`, and a link to a page as it is read
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UrlLinkBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub url: String,
}

/// A case with its links as extra data.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinksRow {
    #[serde(default)]
    extra_data: Extra,
}

#[derive(Debug, Default, Deserialize)]
struct Extra {
    #[serde(default)]
    links: Links,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Links {
    case_links: Vec<CaseLinkBody>,
    external_links: Vec<UrlLinkBody>,
}

/// `OutputCaseWithLinks`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkedRow {
    #[serde(flatten)]
    pub case: CaseRow,
    #[serde(default)]
    pub links_count: Option<u32>,
}

impl LinksRow {
    /// As guests see them.
    pub fn into_links(self) -> CaseLinks {
        let Links {
            case_links,
            external_links,
        } = self.extra_data.links;
        let case = |CaseLinkBody { kind, case_id }| CaseLink { kind, case_id };
        let url = |UrlLinkBody { kind, url }| UrlLink { kind, url };
        CaseLinks {
            cases: case_links.into_iter().map(case).collect(),
            urls: external_links.into_iter().map(url).collect(),
        }
    }
}
