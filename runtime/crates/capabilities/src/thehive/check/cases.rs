//! Would TheHive accept this case, change, search or promotion?

use super::{
    DEDUP_KEY, ID, LOGIN, STATUS, TAG, TEMPLATE, TEXT, TITLE, changes, custom_fields, id, id_of_3, invalid, line,
    moment, named_id, optional_line, optional_text, tag_changes, tags, text,
};
use crate::bindings::synapse::thehive::alerts::CustomField;
use crate::bindings::synapse::thehive::cases::{CaseFilter, CasePatch, Closing, NewCase};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{CloseCase, CreateCase, PromoteAlert, UpdateCase};

/// Conditions of one kind in a search: far more than anybody needs, and a bound for the query.
const CONDITIONS: usize = 20;

/// `create-cases`
pub fn create_case(call: &CreateCase) -> Result<(), Error> {
    let NewCase {
        title,
        description,
        severity: _,
        start_date,
        tlp: _,
        pap: _,
        tags: own_tags,
        flag: _,
        assignee,
        case_template,
        custom_fields: fields,
        dedup_key,
    } = &call.case;
    line("title", title, TITLE)?;
    text("description", description, TEXT)?;
    moment("start-date", *start_date)?;
    tags("tags", own_tags)?;
    optional_line("assignee", assignee.as_ref(), LOGIN)?;
    optional_line("case-template", case_template.as_ref(), TEMPLATE)?;
    optional_line("dedup-key", dedup_key.as_ref(), DEDUP_KEY)?;
    custom_fields(fields)
}

/// `update-case`
pub fn update_case(call: &UpdateCase) -> Result<(), Error> {
    id(&call.id)?;
    patch(&call.patch)
}

/// What of a case is changed.
pub fn patch(patch: &CasePatch) -> Result<(), Error> {
    let CasePatch {
        title,
        description,
        severity,
        tlp,
        pap,
        status,
        summary,
        impact,
        assignee,
        flag,
        start_date,
        add_tags,
        remove_tags,
        custom_fields: fields,
    } = patch;
    optional_line("patch.title", title.as_ref(), TITLE)?;
    optional_text("patch.description", description.as_ref(), TEXT)?;
    optional_line("patch.status", status.as_ref(), STATUS)?;
    optional_text("patch.summary", summary.as_ref(), TEXT)?;
    optional_line("patch.assignee", assignee.as_ref(), LOGIN)?;
    start_date.map_or(Ok(()), |date| moment("patch.start-date", date))?;
    tag_changes(add_tags, remove_tags)?;
    custom_fields(fields)?;
    changes(&[
        title.is_some(),
        description.is_some(),
        severity.is_some(),
        tlp.is_some(),
        pap.is_some(),
        status.is_some(),
        summary.is_some(),
        impact.is_some(),
        assignee.is_some(),
        flag.is_some(),
        start_date.is_some(),
        !add_tags.is_empty(),
        !remove_tags.is_empty(),
        !fields.is_empty(),
    ])
}

/// `close-case`
pub fn close_case(call: &CloseCase) -> Result<(), Error> {
    let Closing {
        status,
        impact: _,
        summary,
    } = &call.closing;
    id(&call.id)?;
    line("closing.status", status, STATUS)?;
    optional_text("closing.summary", summary.as_ref(), TEXT)
}

/// `find-cases`. Without a condition it would list the organisation.
pub fn find_cases(filter: &CaseFilter) -> Result<(), Error> {
    let CaseFilter {
        tags: wanted,
        title,
        custom_fields: fields,
        open: _,
    } = filter;
    if wanted.is_empty() && title.is_none() && fields.is_empty() {
        return invalid("filter", "name a tag, a title or a custom field".to_owned());
    }
    if wanted.len() > CONDITIONS || fields.len() > CONDITIONS {
        return invalid("filter", format!("more than {CONDITIONS} tags or custom fields"));
    }
    for (n, tag) in wanted.iter().enumerate() {
        line(&format!("filter.tags[{n}]"), tag, TAG)?;
    }
    optional_line("filter.title", title.as_ref(), TITLE)?;
    custom_fields(fields)
}

/// `promote-alert`
pub fn promote(call: &PromoteAlert) -> Result<(), Error> {
    named_id("alert-id", &call.alert_id)?;
    optional_line("assignee", call.assignee.as_ref(), LOGIN)?;
    optional_line("case-template", call.case_template.as_ref(), TEMPLATE)
}

/// The server's id of a case, or its number.
pub fn case_id(given: &str) -> Result<(), Error> {
    let digits = given.strip_prefix('~').unwrap_or(given);
    let digits = !digits.is_empty() && digits.len() <= ID && digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits || id_of_3(given) {
        Ok(())
    } else {
        invalid(
            "id",
            "a case is named by its number, or by the id that the server gave it".to_owned(),
        )
    }
}

/// Does a guest leave the field alone that carries the platform's marker?
pub fn marker_field(field: &str, set: &[CustomField], marker_field: Option<&str>) -> Result<(), Error> {
    match marker_field {
        Some(name) if set.iter().any(|field| field.name == name) => {
            invalid(field, format!("the custom field `{name}` belongs to the platform"))
        }
        _ => Ok(()),
    }
}
