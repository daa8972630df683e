//! What happens when a case is changed or deleted? Absolute values, except `addTags` and `removeTags`; a deleted one takes all
//! below it along, and its alerts belong to no case any more.

use super::fields::UPDATE;
use crate::thehive::{
    alert::{self, check_assignee},
    app::Hive,
    check::Field,
    custom_field,
    error::ApiError,
    kind::Kind,
    labels,
    resource::{Gone, Plan, Resource},
    status_value,
    store::Author,
    tags,
};
use serde_json::{Map, Value, json};

/// Cases by id or number.
pub struct Case;

impl Resource for Case {
    const KIND: Kind = Kind::Case;
    const PATH: &'static str = "/api/v1/case";
    const CHANGE: &'static str = "manageCase/update";
    const REMOVE: &'static str = "manageCase/delete";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        changed(hive, plan)
    }

    fn removed(hive: &mut Hive, gone: &Gone, author: &Author<'_>) {
        hive.links.remove(&gone.id);
        for links in hive.links.values_mut() {
            links.cases.retain(|(_, linked)| *linked != gone.id);
        }
        for one in &gone.alerts {
            alert::detach(hive, *one, author);
        }
    }
}

/// The case after the change.
fn changed(hive: &Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
    let mut body = plan.body;
    check_assignee(hive, plan.changes.get("assignee"))?;
    for (name, value) in plan.changes {
        match (name.as_str(), value) {
            ("addTags" | "removeTags" | "taskRule" | "observableRule", _) => {}
            ("customFields", value) => {
                let current = body.get("customFields").cloned().unwrap_or_else(|| json!([]));
                body.insert("customFields".into(), custom_field::apply(hive, &current, value)?);
            }
            ("status", Value::String(status)) => {
                if status_value::stage(hive, Kind::CaseStatus, status).as_deref() == Some("Closed") {
                    refuse_open_mandatory_tasks(hive, plan.id)?;
                }
                set_status(hive, &mut body, status, plan.author.now_ms)?;
            }
            (_, Value::Null) => drop(body.shift_remove(name)),
            (_, value) => drop(body.insert(name.clone(), value.clone())),
        }
    }
    let tags = tags::changed(&body, plan.changes);
    body.insert("tags".into(), tags);
    labels::set_labels(&mut body);
    Ok(body)
}

/// 5.x refuses to close a case while a mandatory task is open or has no log (contract 2.1).
fn refuse_open_mandatory_tasks(hive: &Hive, case: u64) -> Result<(), ApiError> {
    let mut tasks = hive
        .store
        .children(case, Kind::Task)
        .filter_map(|id| hive.store.get(id));
    let is_open = tasks.any(|task| {
        let ended = ["Completed", "Cancel"].contains(&task.body.get("status").and_then(Value::as_str).unwrap_or(""));
        let mandatory = task.body.get("mandatory") == Some(&Value::Bool(true));
        mandatory && (!ended || hive.store.count_children(task.id, Kind::Log) == 0)
    });
    if is_open {
        return Err(ApiError::bad_request(
            "Case cannot be closed: a mandatory task is open or has no log",
        ));
    }
    Ok(())
}

/// Sets status, stage and the dates and durations that follow. Error: a status this server does not have (404).
pub fn set_status(hive: &Hive, body: &mut Map<String, Value>, status: &str, now_ms: i64) -> Result<(), ApiError> {
    let stage = status_value::stage(hive, Kind::CaseStatus, status);
    let stage = stage.ok_or_else(|| ApiError::not_found(&format!("CaseStatus {status}")))?;
    let before = body.insert("stage".into(), stage.as_str().into());
    body.insert("status".into(), status.into());
    if before.as_ref().and_then(Value::as_str) == Some(stage.as_str()) {
        return Ok(());
    }
    let new = body.get("newDate").and_then(Value::as_i64).unwrap_or(now_ms);
    let since_new = json!((now_ms - new).max(0));
    match stage.as_str() {
        "InProgress" if !body.contains_key("inProgressDate") => body.extend([
            ("inProgressDate".to_owned(), json!(now_ms)),
            ("timeToTriage".to_owned(), since_new.clone()),
            ("timeToAcknowledge".to_owned(), since_new),
        ]),
        "Closed" => body.extend([
            ("endDate".to_owned(), json!(now_ms)),
            ("closedDate".to_owned(), json!(now_ms)),
            ("handlingDuration".to_owned(), since_new.clone()),
            ("timeToResolve".to_owned(), since_new),
        ]),
        _ => {}
    }
    if stage != "Closed" && before.is_some() {
        for name in ["endDate", "closedDate", "handlingDuration", "timeToResolve"] {
            body.shift_remove(name);
        }
    }
    Ok(())
}
