//! Which fields does an alert have on the way in? The limits of 5.x (contract 2.3): 32/32/128 for the triple.

use crate::thehive::check::{Field, LONG, PAP, Rule, SEVERITY, TLP, clearable, optional, required};

/// Creation.
pub const CREATE: &[Field] = &[
    required("type", Rule::Text(1, 32)),
    required("source", Rule::Text(1, 32)),
    required("sourceRef", Rule::Text(1, 128)),
    required("title", Rule::Text(1, 512)),
    required("description", Rule::Text(0, LONG)),
    optional("externalLink", Rule::Text(1, 4096)),
    optional("severity", SEVERITY),
    optional("date", Rule::Millis),
    optional("tags", Rule::Tags),
    optional("flag", Rule::Bool),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("customFields", Rule::CustomFields),
    optional("summary", Rule::Text(0, LONG)),
    optional("status", Rule::Text(1, 64)),
    optional("assignee", Rule::Text(1, 128)),
    optional("caseTemplate", Rule::Text(1, 128)),
    optional("observables", Rule::List),
    optional("procedures", Rule::List),
];

/// Update; `ids` comes on top for the bulk call.
pub const UPDATE: &[Field] = &[
    optional("type", Rule::Text(1, 32)),
    optional("source", Rule::Text(1, 32)),
    optional("sourceRef", Rule::Text(1, 128)),
    optional("title", Rule::Text(1, 512)),
    optional("description", Rule::Text(0, LONG)),
    optional("externalLink", Rule::Text(1, 4096)),
    optional("severity", SEVERITY),
    optional("date", Rule::Millis),
    optional("lastSyncDate", Rule::Millis),
    optional("tags", Rule::Tags),
    optional("addTags", Rule::Tags),
    optional("removeTags", Rule::Tags),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("follow", Rule::Bool),
    optional("customFields", Rule::CustomFields),
    clearable("summary", Rule::Text(0, LONG)),
    optional("status", Rule::Text(1, 64)),
    clearable("assignee", Rule::Text(1, 128)),
];
