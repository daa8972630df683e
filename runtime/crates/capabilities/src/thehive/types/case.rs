//! How does TheHive spell a case (contract 2.2)?

use serde::{Deserialize, Serialize};

use super::fields::{self, FieldRow, NamedValue, named};
use super::labels::{self, pap, read_impact, read_pap, read_severity, read_tlp, severity, tlp};
use crate::bindings::synapse::thehive::cases::{Case, NewCase};
use crate::bindings::synapse::workflow::types::Error;

/// `InputCreateCase`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCaseBody<'a> {
    pub title: &'a str,
    pub description: &'a str,
    pub severity: u8,
    pub start_date: u64,
    pub tlp: u8,
    pub pap: u8,
    pub tags: Vec<&'a str>,
    pub flag: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_template: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<NamedValue<'a>>,
}

/// `InputCreateCaseFromAlert`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_template: Option<&'a str>,
}

/// `OutputCase`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub number: u64,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub severity: i64,
    pub start_date: u64,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default = "labels::amber")]
    pub tlp: i64,
    #[serde(default = "labels::amber")]
    pub pap: i64,
    #[serde(default)]
    pub flag: bool,
    pub status: String,
    pub stage: String,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub impact_status: Option<String>,
    #[serde(default)]
    pub assignee: Option<String>,
    #[serde(default)]
    pub custom_fields: Vec<FieldRow>,
    #[serde(default)]
    pub closed_date: Option<u64>,
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_createdBy")]
    pub created_by: String,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
    #[serde(default, rename = "_updatedBy")]
    pub updated_by: Option<String>,
}

impl CaseRow {
    /// Does it carry this marker, in the custom field or else as a tag?
    pub fn carries(&self, marker: &str, marker_field: Option<&str>) -> bool {
        match marker_field {
            Some(name) => self.custom_fields.iter().any(|field| field.is(name, marker)),
            None => self.tags.iter().any(|tag| tag == marker),
        }
    }

    /// As guests see it.
    pub fn into_case(self, link: String, marker_field: Option<&str>, major: u8) -> Result<Case, Error> {
        Ok(Case {
            id: self.id,
            number: self.number,
            title: self.title,
            description: self.description,
            severity: read_severity(self.severity)?,
            start_date: self.start_date,
            tags: self.tags,
            flag: self.flag,
            tlp: read_tlp(self.tlp, major)?,
            pap: read_pap(self.pap)?,
            status: self.status,
            stage: self.stage,
            summary: self.summary,
            impact: self.impact_status.as_deref().and_then(read_impact),
            assignee: self.assignee,
            custom_fields: fields::shown(self.custom_fields, marker_field),
            closed_at: self.closed_date,
            created_at: self.created_at,
            created_by: self.created_by,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
            link,
        })
    }
}

/// The body of a new case without marker.
pub fn new_case(case: &NewCase, major: u8) -> NewCaseBody<'_> {
    NewCaseBody {
        title: &case.title,
        description: &case.description,
        severity: severity(case.severity),
        start_date: case.start_date,
        tlp: tlp(case.tlp, major),
        pap: pap(case.pap),
        tags: case.tags.iter().map(String::as_str).collect(),
        flag: case.flag,
        assignee: case.assignee.as_deref(),
        case_template: case.case_template.as_deref(),
        custom_fields: named(&case.custom_fields),
    }
}
