//! Would TheHive accept these ids and changes of many objects, and this merging?

use synapse_domain::limits;

use super::{TEMPLATE, TITLE, changes, id, invalid, line, named_id, optional_text, tag_changes};
use super::{TEXT, alerts, cases, tasks};
use crate::bindings::synapse::thehive::observables::ObservablePatch;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{
    ApplyTemplate, FollowAlert, ImportAlert, MergeAlert, MergeAlerts, MergeCases, MergeObservables, Removal,
    UnlinkAlert, UpdateAlerts, UpdateCases, UpdateObservable, UpdateObservables, UpdateTasks,
};

/// Cases or alerts of one merge (contract section 8).
const MERGE: usize = 50;

/// What takes one thing away.
pub fn removal<R: Removal>(call: &R) -> Result<(), Error> {
    call.checked()
}

/// `update-alerts`
pub fn update_alerts(call: &UpdateAlerts) -> Result<(), Error> {
    ids("ids", &call.ids, limits::BATCH_ITEMS)?;
    alerts::patch(&call.patch)
}

/// `update-cases`
pub fn update_cases(call: &UpdateCases) -> Result<(), Error> {
    ids("ids", &call.ids, limits::BATCH_ITEMS)?;
    cases::patch(&call.patch)
}

/// `update-tasks`
pub fn update_tasks(call: &UpdateTasks) -> Result<(), Error> {
    ids("ids", &call.ids, limits::BATCH_ITEMS)?;
    tasks::patch(&call.patch)
}

/// `update-observables`
pub fn update_observables(call: &UpdateObservables) -> Result<(), Error> {
    ids("ids", &call.ids, limits::BATCH_ITEMS)?;
    observable_patch(&call.patch)
}

/// `update-observable`
pub fn update_observable(call: &UpdateObservable) -> Result<(), Error> {
    id(&call.id)?;
    observable_patch(&call.patch)
}

fn observable_patch(patch: &ObservablePatch) -> Result<(), Error> {
    let ObservablePatch {
        message,
        tlp,
        pap,
        ioc,
        sighted,
        ignore_similarity,
        add_tags,
        remove_tags,
    } = patch;
    optional_text("patch.message", message.as_ref(), TEXT)?;
    tag_changes(add_tags, remove_tags)?;
    changes(&[
        message.is_some(),
        tlp.is_some(),
        pap.is_some(),
        ioc.is_some(),
        sighted.is_some(),
        ignore_similarity.is_some(),
        !add_tags.is_empty(),
        !remove_tags.is_empty(),
    ])
}

/// `merge-cases`, before
pub fn cases_to_merge(given: &[String]) -> Result<(), Error> {
    if given.len() < 2 {
        return invalid("ids", "a merge needs two cases at least".to_owned());
    }
    ids("ids", given, MERGE)
}

/// `merge-cases`
pub fn merge_cases(call: &MergeCases) -> Result<(), Error> {
    cases_to_merge(&call.ids)?;
    let joined = call
        .parts
        .titles
        .iter()
        .map(|title| title.encode_utf16().count().saturating_add(3));
    if joined.sum::<usize>().saturating_sub(3) > TITLE {
        return invalid("ids", format!("the joined title is longer than {TITLE} characters"));
    }
    Ok(())
}

/// `merge-alert`
pub fn merge_alert(call: &MergeAlert) -> Result<(), Error> {
    named_id("alert-id", &call.alert_id)?;
    named_id("case-id", &call.case_id)
}

/// `import-alert`
pub fn import_alert(call: &ImportAlert) -> Result<(), Error> {
    named_id("alert-id", &call.alert_id)?;
    named_id("case-id", &call.case_id)
}

/// `merge-alerts`
pub fn merge_alerts(call: &MergeAlerts) -> Result<(), Error> {
    ids("alert-ids", &call.alert_ids, MERGE)?;
    named_id("case-id", &call.case_id)
}

/// `unlink-alert`
pub fn unlink_alert(call: &UnlinkAlert) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    named_id("alert-id", &call.alert_id)
}

/// `follow-alert`
pub fn follow_alert(call: &FollowAlert) -> Result<(), Error> {
    id(&call.id)
}

/// `merge-observables`
pub fn merge_observables(call: &MergeObservables) -> Result<(), Error> {
    named_id("case-id", &call.case_id)
}

/// `apply-template`
pub fn apply_template(call: &ApplyTemplate) -> Result<(), Error> {
    ids("case-ids", &call.case_ids, limits::BATCH_ITEMS)?;
    line("template", &call.template, TEMPLATE)?;
    let parts = &call.parts;
    if parts.tasks.len() > limits::BATCH_ITEMS {
        return invalid("parts.tasks", format!("more than {} tasks", limits::BATCH_ITEMS));
    }
    for (n, task) in parts.tasks.iter().enumerate() {
        named_id(&format!("parts.tasks[{n}]"), task)?;
    }
    let any = [
        parts.title_prefix,
        parts.description,
        parts.tags,
        parts.severity,
        parts.tlp,
        parts.pap,
        parts.flag,
        parts.custom_fields,
        !parts.tasks.is_empty(),
    ];
    if any.contains(&true) {
        Ok(())
    } else {
        invalid("parts", "nothing of the template is applied".to_owned())
    }
}

/// Ids, each once, 1 to `most`.
pub fn ids(field: &str, given: &[String], most: usize) -> Result<(), Error> {
    if given.is_empty() || given.len() > most {
        return invalid(field, format!("{} ids; 1 to {most} in one call", given.len()));
    }
    for (n, id) in given.iter().enumerate() {
        named_id(&format!("{field}[{n}]"), id)?;
        if given.iter().take(n).any(|earlier| earlier == id) {
            return invalid(&format!("{field}[{n}]"), format!("`{id}` is given twice"));
        }
    }
    Ok(())
}
