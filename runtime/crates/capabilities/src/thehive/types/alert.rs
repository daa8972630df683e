//! How does TheHive spell an alert (contract 2.3)?

use serde::{Deserialize, Serialize};

use super::fields::{self, FieldRow, NamedValue, named};
use super::labels::{self, pap, read_pap, read_severity, read_tlp, severity, tlp};
use super::observable::ObservableBody;
use crate::bindings::synapse::thehive::alerts::{Alert, AlertKey, NewAlert};
use crate::bindings::synapse::workflow::types::Error;

/// `InputCreateAlert`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAlertBody<'a> {
    pub r#type: &'a str,
    pub source: &'a str,
    pub source_ref: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub severity: u8,
    pub date: u64,
    pub tlp: u8,
    pub pap: u8,
    pub tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_template: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<NamedValue<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observables: Vec<ObservableBody>,
}

/// `OutputAlert`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRow {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: String,
    pub source_ref: String,
    pub title: String,
    /// None where the server was asked to leave it out.
    #[serde(default)]
    pub description: Option<String>,
    pub severity: i64,
    pub date: u64,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default = "labels::amber")]
    pub tlp: i64,
    #[serde(default = "labels::amber")]
    pub pap: i64,
    pub status: String,
    pub stage: String,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub case_id: Option<String>,
    #[serde(default)]
    pub assignee: Option<String>,
    #[serde(default)]
    pub custom_fields: Vec<FieldRow>,
    #[serde(default)]
    pub external_link: Option<String>,
    #[serde(default)]
    pub case_template: Option<String>,
    #[serde(default)]
    pub observable_count: u64,
    #[serde(default)]
    pub follow: bool,
    #[serde(default)]
    pub imported_date: Option<u64>,
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

impl AlertRow {
    /// Is it the alert with this key? Blanks at the ends are the server's to trim.
    pub fn has_key(&self, kind: &str, source: &str, reference: &str) -> bool {
        self.kind.trim() == kind.trim()
            && self.source.trim() == source.trim()
            && self.source_ref.trim() == reference.trim()
    }

    /// Does it carry this marker, in the custom field or else as a tag?
    pub fn carries(&self, marker: &str, marker_field: Option<&str>) -> bool {
        match marker_field {
            Some(name) => self.custom_fields.iter().any(|field| field.is(name, marker)),
            None => self.tags.iter().any(|tag| tag == marker),
        }
    }

    /// As guests see it.
    pub fn into_alert(self, link: String, marker_field: Option<&str>, major: u8) -> Result<Alert, Error> {
        let severity = read_severity(self.severity)?;
        Ok(Alert {
            id: self.id,
            key: AlertKey {
                type_: self.kind,
                source: self.source,
                source_ref: self.source_ref,
            },
            title: self.title,
            description: self.description,
            severity,
            date: self.date,
            tags: self.tags,
            tlp: read_tlp(self.tlp, major)?,
            pap: read_pap(self.pap)?,
            status: self.status,
            stage: self.stage,
            summary: self.summary,
            case_id: self.case_id,
            assignee: self.assignee,
            external_link: self.external_link,
            case_template: self.case_template,
            custom_fields: fields::shown(self.custom_fields, marker_field),
            observable_count: self.observable_count,
            follow: self.follow,
            imported_at: self.imported_date,
            closed_at: self.closed_date,
            created_at: self.created_at,
            created_by: self.created_by,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
            link,
        })
    }
}

/// The body of a new alert without observables and marker.
pub fn new_alert<'a>(source: &'a str, alert: &'a NewAlert, major: u8) -> NewAlertBody<'a> {
    NewAlertBody {
        r#type: &alert.type_,
        source,
        source_ref: &alert.source_ref,
        title: &alert.title,
        description: &alert.description,
        severity: severity(alert.severity),
        date: alert.date,
        tlp: tlp(alert.tlp, major),
        pap: pap(alert.pap),
        tags: alert.tags.iter().map(String::as_str).collect(),
        external_link: alert.external_link.as_deref(),
        case_template: alert.case_template.as_deref(),
        custom_fields: named(&alert.custom_fields),
        observables: Vec::new(),
    }
}
