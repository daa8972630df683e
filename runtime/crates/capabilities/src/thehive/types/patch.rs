//! What is sent to change an alert or a case, and does one already look like it (contract 2.2, 2.3)?

use serde::Serialize;
use serde_json::Value;

use super::alert::AlertRow;
use super::case::CaseRow;
use super::fields::{FieldRow, value};
use super::labels::{impact, pap, severity, tlp};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, CustomField};
use crate::bindings::synapse::thehive::cases::CasePatch;

/// `InputUpdateAlert` and `InputUpdateCase`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pap: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub add_tags: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub remove_tags: &'a [String],
    /// A map: it sets the named fields and leaves the others, where a list would replace them all (contract 2.7).
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub custom_fields: serde_json::Map<String, Value>,
}

/// The body of an alert's change.
pub fn alert_patch(patch: &AlertPatch, major: u8) -> PatchBody<'_> {
    PatchBody {
        title: patch.title.as_deref(),
        description: patch.description.as_deref(),
        severity: patch.severity.map(severity),
        tlp: patch.tlp.map(|label| tlp(label, major)),
        pap: patch.pap.map(pap),
        status: patch.status.as_deref(),
        summary: patch.summary.as_deref(),
        impact_status: None,
        assignee: patch.assignee.as_deref(),
        external_link: patch.external_link.as_deref(),
        flag: None,
        start_date: None,
        add_tags: &patch.add_tags,
        remove_tags: &patch.remove_tags,
        custom_fields: by_name(&patch.custom_fields),
    }
}

/// The body of a case's change.
pub fn case_patch(patch: &CasePatch, major: u8) -> PatchBody<'_> {
    PatchBody {
        title: patch.title.as_deref(),
        description: patch.description.as_deref(),
        severity: patch.severity.map(severity),
        tlp: patch.tlp.map(|label| tlp(label, major)),
        pap: patch.pap.map(pap),
        status: patch.status.as_deref(),
        summary: patch.summary.as_deref(),
        impact_status: patch.impact.map(impact),
        assignee: patch.assignee.as_deref(),
        external_link: None,
        flag: patch.flag,
        start_date: patch.start_date,
        add_tags: &patch.add_tags,
        remove_tags: &patch.remove_tags,
        custom_fields: by_name(&patch.custom_fields),
    }
}

fn by_name(fields: &[CustomField]) -> serde_json::Map<String, Value> {
    fields
        .iter()
        .map(|CustomField { name, value: set }| (name.clone(), value(set)))
        .collect()
}

/// What of an alert or case a change can set.
pub struct Looks<'a> {
    title: &'a str,
    description: &'a str,
    severity: i64,
    tlp: i64,
    pap: i64,
    status: &'a str,
    summary: Option<&'a str>,
    impact_status: Option<&'a str>,
    assignee: Option<&'a str>,
    external_link: Option<&'a str>,
    flag: Option<bool>,
    start_date: Option<u64>,
    tags: &'a [String],
    custom_fields: &'a [FieldRow],
}

impl AlertRow {
    /// As a change sees it.
    pub fn looks(&self) -> Looks<'_> {
        Looks {
            title: &self.title,
            description: self.description.as_deref().unwrap_or_default(),
            severity: self.severity,
            tlp: self.tlp,
            pap: self.pap,
            status: &self.status,
            summary: self.summary.as_deref(),
            impact_status: None,
            assignee: self.assignee.as_deref(),
            external_link: self.external_link.as_deref(),
            flag: None,
            start_date: None,
            tags: &self.tags,
            custom_fields: &self.custom_fields,
        }
    }
}

impl CaseRow {
    /// As a change sees it.
    pub fn looks(&self) -> Looks<'_> {
        Looks {
            title: &self.title,
            description: &self.description,
            severity: self.severity,
            tlp: self.tlp,
            pap: self.pap,
            status: &self.status,
            summary: self.summary.as_deref(),
            impact_status: self.impact_status.as_deref(),
            assignee: self.assignee.as_deref(),
            external_link: None,
            flag: Some(self.flag),
            start_date: Some(self.start_date),
            tags: &self.tags,
            custom_fields: &self.custom_fields,
        }
    }
}

impl Looks<'_> {
    /// Is it already as the change would leave it?
    pub fn are_as_asked(&self, body: &PatchBody<'_>) -> bool {
        let PatchBody {
            title,
            description,
            severity,
            tlp,
            pap,
            status,
            summary,
            impact_status,
            assignee,
            external_link,
            flag,
            start_date,
            add_tags,
            remove_tags,
            custom_fields,
        } = body;
        let field = |name: &str, value: &Value| {
            self.custom_fields
                .iter()
                .any(|field| field.name == name && equal(&field.value, value))
        };
        title.is_none_or(|title| self.title == title)
            && description.is_none_or(|description| self.description == description)
            && severity.is_none_or(|severity| self.severity == i64::from(severity))
            && tlp.is_none_or(|tlp| self.tlp == i64::from(tlp))
            && pap.is_none_or(|pap| self.pap == i64::from(pap))
            && status.is_none_or(|status| self.status == status)
            && summary.is_none_or(|summary| self.summary.unwrap_or_default() == summary)
            && impact_status.is_none_or(|impact| self.impact_status == Some(impact))
            && assignee.is_none_or(|assignee| self.assignee == Some(assignee))
            && external_link.is_none_or(|link| self.external_link == Some(link))
            && flag.is_none_or(|flag| self.flag == Some(flag))
            && start_date.is_none_or(|date| self.start_date == Some(date))
            && add_tags.iter().all(|tag| self.tags.contains(tag))
            && !remove_tags.iter().any(|tag| self.tags.contains(tag))
            && custom_fields.iter().all(|(name, value)| field(name, value))
    }
}

/// `1` and `1.0` are one number.
fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}
