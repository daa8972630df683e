//! How does TheHive spell a case template (contract 2.10)?

use serde::{Deserialize, Serialize};

use super::SCALE;
use super::fields::{self, FieldRow, NamedValue, named};
use super::labels::{pap, read_pap, read_severity, read_tlp, severity, tlp};
use crate::bindings::synapse::thehive::cases::TemplateParts;
use crate::bindings::synapse::thehive::templates::{Template, TemplateTask};
use crate::bindings::synapse::workflow::types::Error;

/// `InputCreateCaseTemplate` and `InputUpdateCaseTemplate`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pap: Option<u8>,
    tags: &'a [String],
    flag: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    custom_fields: Vec<NamedValue<'a>>,
    tasks: Vec<TaskBody<'a>>,
}

#[derive(Debug, Serialize)]
struct TaskBody<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// `InputApplyCaseTemplateWithIds`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyBody<'a> {
    ids: &'a [String],
    case_template: &'a str,
    update_title_prefix: bool,
    update_description: bool,
    update_tags: bool,
    update_severity: bool,
    update_tlp: bool,
    update_pap: bool,
    update_flag: bool,
    update_custom_fields: bool,
    import_tasks: &'a [String],
}

/// `OutputCaseTemplate`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub title_prefix: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub severity: Option<i64>,
    #[serde(default)]
    pub tlp: Option<i64>,
    #[serde(default)]
    pub pap: Option<i64>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub flag: bool,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub custom_fields: Vec<FieldRow>,
    #[serde(default)]
    pub tasks: Vec<TemplateTaskRow>,
}

/// `OutputTask` of a template, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
pub struct TemplateTaskRow {
    #[serde(rename = "_id", default)]
    id: Option<String>,
    title: String,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl TemplateRow {
    /// As guests see it.
    pub fn into_template(self, marker_field: Option<&str>) -> Result<Template, Error> {
        let task = |task: TemplateTaskRow| TemplateTask {
            title: task.title,
            group: task.group,
            description: task.description,
            id: task.id,
        };
        Ok(Template {
            display_name: self.display_name.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            title_prefix: self.title_prefix,
            description: self.description,
            severity: self.severity.map(read_severity).transpose()?,
            tlp: self.tlp.map(|number| read_tlp(number, SCALE)).transpose()?,
            pap: self.pap.map(read_pap).transpose()?,
            tags: self.tags,
            flag: self.flag,
            summary: self.summary,
            custom_fields: fields::shown(self.custom_fields, marker_field),
            tasks: self.tasks.into_iter().map(task).collect(),
        })
    }
}

/// The body of a new template; without a name that of a change.
pub fn new_template(template: &Template, is_named: bool, major: u8) -> TemplateBody<'_> {
    let tasks = template.tasks.iter().map(|task| TaskBody {
        title: &task.title,
        group: task.group.as_deref(),
        description: task.description.as_deref(),
    });
    TemplateBody {
        name: is_named.then_some(template.name.as_str()),
        display_name: &template.display_name,
        title_prefix: template.title_prefix.as_deref(),
        description: template.description.as_deref(),
        severity: template.severity.map(severity),
        tlp: template.tlp.map(|label| tlp(label, major)),
        pap: template.pap.map(pap),
        tags: &template.tags,
        flag: template.flag,
        summary: template.summary.as_deref(),
        custom_fields: named(&template.custom_fields),
        tasks: tasks.collect(),
    }
}

/// The body that applies a template to cases.
pub fn apply<'a>(ids: &'a [String], template: &'a str, parts: &'a TemplateParts) -> ApplyBody<'a> {
    ApplyBody {
        ids,
        case_template: template,
        update_title_prefix: parts.title_prefix,
        update_description: parts.description,
        update_tags: parts.tags,
        update_severity: parts.severity,
        update_tlp: parts.tlp,
        update_pap: parts.pap,
        update_flag: parts.flag,
        update_custom_fields: parts.custom_fields,
        import_tasks: &parts.tasks,
    }
}
