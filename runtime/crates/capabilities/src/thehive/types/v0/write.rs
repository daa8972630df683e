//! What is sent to 3 and 4? Typed values only; TLP by label, so amber and strict, which they do not know, is refused.

use serde_json::{Value, json};

use super::fields;
use crate::bindings::synapse::thehive::alerts::{AlertPatch, CustomField, NewAlert};
use crate::bindings::synapse::thehive::cases::{CasePatch, NewCase};
use crate::bindings::synapse::thehive::observables::ObservablePatch;
use crate::bindings::synapse::thehive::tasks::{NewTask, TaskPatch};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::thehive::types::{
    LogBody, ObservableBody, TaskPatchBody, labels, new_task as v1_task, task_patch as v1_task_patch, value,
};

/// The status of an open case.
const OPEN: &str = "Open";
/// How a case can end on every version (contract 2.1).
const RESOLUTIONS: [&str; 5] = ["Indeterminate", "FalsePositive", "TruePositive", "Other", "Duplicated"];
/// What an observable says that has neither message nor tag: 3 wants one of them.
const SAID: &str = "Added by Synapse";

/// The number of a TLP on 3 and 4, from that on 5.
fn tlp(five: u8, field: &str) -> Result<u8, Error> {
    match five {
        0..=2 => Ok(five),
        4 => Ok(3),
        _ => Err(invalid(
            field,
            "TheHive 3 and 4 have no TLP:AMBER+STRICT; use amber, or red to be stricter",
        )),
    }
}

/// A login as an owner: on 4 they are e-mail shaped (D07).
fn owner<'a>(major: u8, field: &str, login: &'a str) -> Result<&'a str, Error> {
    if major >= 4 && !login.contains('@') {
        return Err(invalid(field, "a login of TheHive 4 looks like an e-mail address"));
    }
    Ok(login)
}

/// A new alert with its marker.
pub(in crate::thehive) fn new_alert(
    major: u8,
    source: &str,
    alert: &NewAlert,
    observables: &[ObservableBody],
    marker: &str,
    marker_field: Option<&str>,
) -> Result<Value, Error> {
    let mut tags: Vec<&str> = alert.tags.iter().map(String::as_str).collect();
    if marker_field.is_none() {
        tags.push(marker);
    }
    let in_field = marker_field.map(|name| (name, marker));
    let artifacts: Vec<Value> = observables
        .iter()
        .map(|one| artifact(major, one))
        .collect::<Result<_, _>>()?;
    let mut body = json!({
        "type": alert.type_, "source": source, "sourceRef": alert.source_ref, "title": alert.title,
        "description": alert.description, "severity": labels::severity(alert.severity), "date": alert.date,
        "tlp": tlp(labels::tlp(alert.tlp, 5), "tlp")?, "tags": tags, "artifacts": artifacts,
        "customFields": fields::map(&alert.custom_fields, in_field),
    });
    set(&mut body, "caseTemplate", alert.case_template.as_deref());
    if major >= 4 {
        set(&mut body, "pap", Some(labels::pap(alert.pap)));
        set(&mut body, "externalLink", alert.external_link.as_deref());
    } else if let Some(link) = &alert.external_link {
        // 3 has no place for it, and analysts need it.
        let text = format!("{}\n\nExternal link: {link}", alert.description);
        set(&mut body, "description", Some(text));
    }
    Ok(body)
}

/// A new case with its marker.
pub(in crate::thehive) fn new_case(
    major: u8,
    case: &NewCase,
    marker: &str,
    marker_field: Option<&str>,
) -> Result<Value, Error> {
    let mut tags: Vec<&str> = case.tags.iter().map(String::as_str).collect();
    if marker_field.is_none() {
        tags.push(marker);
    }
    let in_field = marker_field.map(|name| (name, marker));
    let mut body = json!({
        "title": case.title, "description": case.description, "severity": labels::severity(case.severity),
        "startDate": case.start_date, "tlp": tlp(labels::tlp(case.tlp, 5), "tlp")?, "pap": labels::pap(case.pap),
        "tags": tags, "flag": case.flag, "customFields": fields::map(&case.custom_fields, in_field),
    });
    set(&mut body, "template", case.case_template.as_deref());
    if let Some(login) = &case.assignee {
        // 4 reads another name on creation than everywhere else (contract 2.2). Without one, it is the connection's own user.
        let name = if major >= 4 { "user" } else { "owner" };
        set(&mut body, name, Some(owner(major, "assignee", login)?));
    }
    Ok(body)
}

/// A change of a case; `row` is the case as the server has it, where the change needs it.
pub(in crate::thehive) fn case_patch(major: u8, patch: &CasePatch, row: Option<&Value>) -> Result<Value, Error> {
    let mut body = json!({});
    set(&mut body, "title", patch.title.as_deref());
    set(&mut body, "description", patch.description.as_deref());
    set(&mut body, "severity", patch.severity.map(labels::severity));
    let level = patch.tlp.map(|label| tlp(labels::tlp(label, 5), "patch.tlp"));
    set(&mut body, "tlp", level.transpose()?);
    set(&mut body, "pap", patch.pap.map(labels::pap));
    set(&mut body, "flag", patch.flag);
    set(&mut body, "startDate", patch.start_date);
    set(&mut body, "summary", patch.summary.as_deref());
    set(&mut body, "impactStatus", patch.impact.map(labels::impact));
    let login = patch.assignee.as_deref();
    let login = login.map(|login| owner(major, "patch.assignee", login));
    set(&mut body, "owner", login.transpose()?);
    match patch.status.as_deref() {
        None => {}
        Some(OPEN) => set(&mut body, "status", Some(OPEN)),
        Some(word) if RESOLUTIONS.contains(&word) => {
            set(&mut body, "status", Some("Resolved"));
            set(&mut body, "resolutionStatus", Some(word));
        }
        Some(other) => {
            let words = RESOLUTIONS.join(", ");
            let why = format!("TheHive {major} has no case status `{other}`; use {OPEN}, {words}");
            return Err(invalid("patch.status", &why));
        }
    }
    tags_and_fields(
        major,
        &mut body,
        row,
        &patch.add_tags,
        &patch.remove_tags,
        &patch.custom_fields,
    );
    Ok(body)
}

/// A change of an alert without its status, which is the read flag ([`status_of_alert`]).
pub(in crate::thehive) fn patch_of_alert(major: u8, patch: &AlertPatch, row: Option<&Value>) -> Result<Value, Error> {
    let newer = |what: &str| Error::Unsupported(format!("the {what} of an alert: TheHive {major} has none"));
    if patch.assignee.is_some() {
        return Err(newer("assignee"));
    }
    if patch.summary.is_some() {
        return Err(newer("summary"));
    }
    if major < 4 && patch.external_link.is_some() {
        return Err(newer("external link"));
    }
    if major < 4 && patch.pap.is_some() {
        return Err(newer("PAP"));
    }
    let mut body = json!({});
    set(&mut body, "title", patch.title.as_deref());
    set(&mut body, "description", patch.description.as_deref());
    set(&mut body, "severity", patch.severity.map(labels::severity));
    let level = patch.tlp.map(|label| tlp(labels::tlp(label, 5), "patch.tlp"));
    set(&mut body, "tlp", level.transpose()?);
    set(&mut body, "pap", patch.pap.map(labels::pap));
    set(&mut body, "externalLink", patch.external_link.as_deref());
    tags_and_fields(
        major,
        &mut body,
        row,
        &patch.add_tags,
        &patch.remove_tags,
        &patch.custom_fields,
    );
    Ok(body)
}

/// Which call sets an alert's status: its read flag is all there is to set (contract 2.1).
pub(in crate::thehive) fn status_of_alert(major: u8, status: &str) -> Result<&'static str, Error> {
    match status {
        "Ignored" => Ok("markAsRead"),
        "New" => Ok("markAsUnread"),
        other => Err(invalid(
            "patch.status",
            &format!("TheHive {major} cannot set an alert to `{other}`; use Ignored (read) or New (unread)"),
        )),
    }
}

fn tags_and_fields(
    major: u8,
    body: &mut Value,
    row: Option<&Value>,
    add: &[String],
    remove: &[String],
    set_fields: &[CustomField],
) {
    if !add.is_empty() || !remove.is_empty() {
        set(body, "tags", Some(tagged(row, add, remove)));
    }
    if set_fields.is_empty() {
        return;
    }
    if major >= 4 {
        // A property path of 4's leaves the other fields alone (contract 2.7).
        for field in set_fields {
            set(body, &format!("customFields.{}", field.name), Some(value(&field.value)));
        }
    } else {
        let current = row.and_then(|row| row.get("customFields"));
        set(body, "customFields", Some(fields::changed(current, set_fields)));
    }
}

/// The tags after a change.
pub(in crate::thehive) fn tagged(row: Option<&Value>, add: &[String], remove: &[String]) -> Vec<String> {
    let current = row.and_then(|row| row.get("tags")?.as_array()).into_iter().flatten();
    let mut tags: Vec<String> = current.filter_map(Value::as_str).map(str::to_owned).collect();
    tags.retain(|tag| !remove.contains(tag));
    for tag in add {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// An observable. 3 wants a message or a tag, and does not know `ignoreSimilarity`.
pub(in crate::thehive) fn artifact(major: u8, one: &ObservableBody) -> Result<Value, Error> {
    let mut body = json!({
        "dataType": one.data_type, "tags": one.tags, "ioc": one.ioc, "tlp": tlp(one.tlp, "tlp")?,
    });
    set(&mut body, "data", one.data.as_deref());
    let message = one.message.as_deref().filter(|text| !text.trim().is_empty());
    let said = (major < 4 && one.tags.is_empty()).then_some(SAID);
    set(&mut body, "message", message.or(said));
    if major >= 4 {
        set(&mut body, "ignoreSimilarity", Some(one.ignore_similarity));
    }
    Ok(body)
}

/// A change of an observable; `row` is the observable as the server has it, where the change needs it.
pub(in crate::thehive) fn patch_of_artifact(
    major: u8,
    patch: &ObservablePatch,
    row: Option<&Value>,
) -> Result<Value, Error> {
    let newer = |what: &str| Error::Unsupported(format!("the {what} of an observable: TheHive {major} has none"));
    if patch.pap.is_some() {
        return Err(newer("PAP"));
    }
    if major < 4 && patch.ignore_similarity.is_some() {
        return Err(newer("mark to leave it out of what is similar"));
    }
    let mut body = json!({});
    set(&mut body, "message", patch.message.as_deref());
    let level = patch.tlp.map(|label| tlp(labels::tlp(label, 5), "patch.tlp"));
    set(&mut body, "tlp", level.transpose()?);
    set(&mut body, "ioc", patch.ioc);
    set(&mut body, "sighted", patch.sighted);
    set(&mut body, "ignoreSimilarity", patch.ignore_similarity);
    if !patch.add_tags.is_empty() || !patch.remove_tags.is_empty() {
        set(
            &mut body,
            "tags",
            Some(tagged(row, &patch.add_tags, &patch.remove_tags)),
        );
    }
    Ok(body)
}

/// A new task with its marker.
pub(in crate::thehive) fn new_task(major: u8, task: &NewTask, marker: &str) -> Result<Value, Error> {
    let v1 = v1_task(task, marker);
    let mut body = json!({
        "title": v1.title, "group": v1.group, "description": v1.description, "status": v1.status,
    });
    let login = v1.assignee.map(|login| owner(major, "assignee", login));
    set(&mut body, "owner", login.transpose()?);
    Ok(body)
}

/// A change of a task.
pub(in crate::thehive) fn task_patch(major: u8, patch: &TaskPatch) -> Result<Value, Error> {
    let TaskPatchBody {
        title,
        status,
        assignee,
        group,
        mandatory,
        flag,
        due_date,
    } = v1_task_patch(patch);
    if mandatory.is_some() {
        let why = format!("a mandatory task: TheHive {major} has none");
        return Err(Error::Unsupported(why));
    }
    let mut body = json!({});
    set(&mut body, "title", title);
    set(&mut body, "status", status);
    set(&mut body, "group", group);
    set(&mut body, "flag", flag);
    set(&mut body, "dueDate", due_date);
    let login = assignee.map(|login| owner(major, "patch.assignee", login));
    set(&mut body, "owner", login.transpose()?);
    Ok(body)
}

/// A new log entry.
pub(in crate::thehive) fn log_body(log: &LogBody) -> Value {
    let mut body = json!({"message": log.message});
    set(&mut body, "startDate", log.start_date);
    body
}

/// Sets a member that has a value.
fn set<T: Into<Value>>(body: &mut Value, name: &str, value: Option<T>) {
    if let (Some(members), Some(value)) = (body.as_object_mut(), value) {
        members.insert(name.to_owned(), value.into());
    }
}

fn invalid(field: &str, reason: &str) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason: reason.to_owned(),
    })
}
