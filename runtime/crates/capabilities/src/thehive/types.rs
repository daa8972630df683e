//! How does TheHive spell it? Wire and WIT, side by side. Numbers are made from labels, because their meaning changed (contract 2.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bindings::synapse::thehive::alerts::{
    Alert, AlertKey, AlertPatch, CustomField, CustomValue, NewAlert, Pap, Severity, Tlp,
};
use crate::bindings::synapse::workflow::types::{Error, OtherError};

/// `InputCreateAlert`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewAlertBody<'a> {
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

/// `InputCustomFieldValue`
#[derive(Debug, Serialize)]
pub(super) struct NamedValue<'a> {
    pub name: &'a str,
    pub value: Value,
}

/// `InputCreateObservable`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObservableBody {
    pub data_type: String,
    pub data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub tags: Vec<String>,
    pub ioc: bool,
    pub ignore_similarity: bool,
    pub tlp: u8,
    pub pap: u8,
}

/// `InputUpdateAlert`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PatchBody<'a> {
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
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub add_tags: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub remove_tags: &'a [String],
    /// A map: it sets the named fields and leaves the others, where a list would replace them all (contract 2.7).
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub custom_fields: serde_json::Map<String, Value>,
}

/// `OutputAlert`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlertRow {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: String,
    pub source_ref: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub severity: i64,
    pub date: u64,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub tlp: i64,
    #[serde(default)]
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
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

/// `OutputCustomFieldValue`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FieldRow {
    pub name: String,
    #[serde(default)]
    pub value: Value,
}

/// `OutputObservableType`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObservableTypeRow {
    pub name: String,
    #[serde(default)]
    pub is_attachment: bool,
}

impl AlertRow {
    /// Is it the alert with this key? Blanks at the ends are the server's to trim.
    pub fn has_key(&self, kind: &str, source: &str, reference: &str) -> bool {
        self.kind.trim() == kind.trim()
            && self.source.trim() == source.trim()
            && self.source_ref.trim() == reference.trim()
    }

    /// As guests see it.
    pub fn into_alert(self, link: String) -> Result<Alert, Error> {
        let severity = match self.severity {
            1 => Severity::Low,
            2 => Severity::Medium,
            3 => Severity::High,
            4 => Severity::Critical,
            other => return Err(unreadable(&format!("an alert of severity {other}"))),
        };
        Ok(Alert {
            id: self.id,
            key: AlertKey {
                type_: self.kind,
                source: self.source,
                source_ref: self.source_ref,
            },
            title: self.title,
            severity,
            date: self.date,
            tags: self.tags,
            status: self.status,
            stage: self.stage,
            case_id: self.case_id,
            assignee: self.assignee,
            created_at: self.created_at,
            updated_at: self.updated_at,
            link,
        })
    }
}

/// An answer that cannot be what TheHive answers.
pub(super) fn unreadable(what: &str) -> Error {
    Error::Other(OtherError {
        code: "unreadable-answer".to_owned(),
        message: format!("TheHive answered with {what}"),
    })
}

/// An answer about something else than what was asked (threat row 65).
pub(super) fn inconsistent(what: &str) -> Error {
    Error::Other(OtherError {
        code: "upstream-inconsistent".to_owned(),
        message: format!("TheHive answered with {what}"),
    })
}

/// The body of a new alert without observables and marker.
pub(super) fn new_alert<'a>(source: &'a str, alert: &'a NewAlert, major: u8) -> NewAlertBody<'a> {
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
        custom_fields: alert
            .custom_fields
            .iter()
            .map(|field| NamedValue {
                name: &field.name,
                value: value(&field.value),
            })
            .collect(),
        observables: Vec::new(),
    }
}

/// The body of a change.
pub(super) fn patch(patch: &AlertPatch, major: u8) -> PatchBody<'_> {
    PatchBody {
        title: patch.title.as_deref(),
        description: patch.description.as_deref(),
        severity: patch.severity.map(severity),
        tlp: patch.tlp.map(|label| tlp(label, major)),
        pap: patch.pap.map(pap),
        status: patch.status.as_deref(),
        summary: patch.summary.as_deref(),
        add_tags: &patch.add_tags,
        remove_tags: &patch.remove_tags,
        custom_fields: patch
            .custom_fields
            .iter()
            .map(|CustomField { name, value: set }| (name.clone(), value(set)))
            .collect(),
    }
}

fn value(value: &CustomValue) -> Value {
    match value {
        CustomValue::Text(text) => Value::from(text.as_str()),
        CustomValue::Integer(number) => Value::from(*number),
        CustomValue::Number(number) => Value::from(*number),
        CustomValue::Boolean(yes) => Value::from(*yes),
        CustomValue::Date(moment) => Value::from(*moment),
    }
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

/// By label: 5.x has five levels, 4.x four. What 4.x does not know becomes the next stricter one.
pub(super) fn tlp(label: Tlp, major: u8) -> u8 {
    match (label, major) {
        (Tlp::Clear, _) => 0,
        (Tlp::Green, _) => 1,
        (Tlp::Amber, _) => 2,
        (Tlp::AmberStrict, _) | (Tlp::Red, ..=4) => 3,
        (Tlp::Red, _) => 4,
    }
}

pub(super) fn pap(label: Pap) -> u8 {
    match label {
        Pap::Clear => 0,
        Pap::Green => 1,
        Pap::Amber => 2,
        Pap::Red => 3,
    }
}
