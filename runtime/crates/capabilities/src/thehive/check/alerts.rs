//! Would TheHive accept this alert, or this change of one?

use super::observables::{DATA, observable};
use super::{
    DEDUP_KEY, LOGIN, STATUS, TEMPLATE, TEXT, TITLE, changes, custom_fields, id, line, moment, optional_line,
    optional_text, tag_changes, tags, text,
};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{CreateAlert, UpdateAlert};

const TYPE: usize = 32;
const SOURCE: usize = 32;
const SOURCE_REF: usize = 128;
const LINK: usize = 512;

/// `create-alerts`
pub fn create(call: &CreateAlert) -> Result<(), Error> {
    let CreateAlert { source, alert } = call;
    let NewAlert {
        type_,
        source_ref,
        title,
        description,
        severity: _,
        date,
        tlp: _,
        pap: _,
        tags: alert_tags,
        external_link,
        case_template,
        custom_fields: fields,
        observables,
        dedup_key,
    } = alert;
    line("type", type_, TYPE)?;
    line("source", source, SOURCE)?;
    line("source-ref", source_ref, SOURCE_REF)?;
    line("title", title, TITLE)?;
    text("description", description, TEXT)?;
    moment("date", *date)?;
    tags("tags", alert_tags)?;
    optional_line("external-link", external_link.as_ref(), LINK)?;
    optional_line("case-template", case_template.as_ref(), TEMPLATE)?;
    optional_line("dedup-key", dedup_key.as_ref(), DEDUP_KEY)?;
    custom_fields(fields)?;
    observables
        .iter()
        .enumerate()
        .try_for_each(|(n, one)| observable(&format!("observables[{n}]"), one, DATA))
}

/// `update-alert`
pub fn update(call: &UpdateAlert) -> Result<(), Error> {
    id(&call.id)?;
    patch(&call.patch)
}

/// What of an alert is changed.
pub fn patch(patch: &AlertPatch) -> Result<(), Error> {
    optional_line("patch.title", patch.title.as_ref(), TITLE)?;
    optional_line("patch.status", patch.status.as_ref(), STATUS)?;
    optional_text("patch.description", patch.description.as_ref(), TEXT)?;
    optional_text("patch.summary", patch.summary.as_ref(), TEXT)?;
    optional_line("patch.assignee", patch.assignee.as_ref(), LOGIN)?;
    optional_line("patch.external-link", patch.external_link.as_ref(), LINK)?;
    tag_changes(&patch.add_tags, &patch.remove_tags)?;
    custom_fields(&patch.custom_fields)?;
    changes(&[
        patch.title.is_some(),
        patch.description.is_some(),
        patch.severity.is_some(),
        patch.tlp.is_some(),
        patch.pap.is_some(),
        patch.status.is_some(),
        patch.summary.is_some(),
        patch.assignee.is_some(),
        patch.external_link.is_some(),
        !patch.add_tags.is_empty(),
        !patch.remove_tags.is_empty(),
        !patch.custom_fields.is_empty(),
    ])
}
