//! Which fields does a case have on the way in? The limits of 5.x (contract 2.2).

use crate::thehive::check::{Field, LONG, PAP, Rule, SEVERITY, TLP, clearable, optional, required};

/// Creation.
pub const CREATE: &[Field] = &[
    required("title", Rule::Text(1, 512)),
    required("description", Rule::Text(0, LONG)),
    optional("severity", SEVERITY),
    optional("startDate", Rule::Millis),
    optional("endDate", Rule::Millis),
    optional("tags", Rule::Tags),
    optional("flag", Rule::Bool),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("status", Rule::Text(1, 64)),
    optional("summary", Rule::Text(0, LONG)),
    optional("assignee", Rule::Text(1, 128)),
    optional("access", Rule::Object),
    optional("customFields", Rule::CustomFields),
    optional("caseTemplate", Rule::Text(1, 128)),
    optional("tasks", Rule::List),
    optional("pages", Rule::List),
    optional("sharingParameters", Rule::List),
    optional("taskRule", Rule::Text(1, 128)),
    optional("observableRule", Rule::Text(1, 128)),
];

/// What a promotion of an alert may say differently from the alert: all but who has access, and nothing of it has to be said.
pub fn from_alert() -> Vec<Field> {
    let others = CREATE.iter().filter(|field| field.name != "access");
    others.map(|field| optional(field.name, field.rule)).collect()
}

/// Update; `ids` comes on top for the bulk call.
pub const UPDATE: &[Field] = &[
    optional("title", Rule::Text(1, 512)),
    optional("description", Rule::Text(0, LONG)),
    optional("severity", SEVERITY),
    optional("startDate", Rule::Millis),
    clearable("endDate", Rule::Millis),
    optional("tags", Rule::Tags),
    optional("addTags", Rule::Tags),
    optional("removeTags", Rule::Tags),
    optional("flag", Rule::Bool),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("status", Rule::Text(1, 64)),
    clearable("summary", Rule::Text(0, LONG)),
    clearable("impactStatus", Rule::Word(&["NotApplicable", "WithImpact", "NoImpact"])),
    clearable("assignee", Rule::Text(1, 128)),
    optional("customFields", Rule::CustomFields),
    optional("taskRule", Rule::Text(1, 128)),
    optional("observableRule", Rule::Text(1, 128)),
];
