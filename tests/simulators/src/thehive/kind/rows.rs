//! What do the store and the query engine know about each kind? One row per kind.

use super::{Info, Scope};

pub static ALERT: Info = Info {
    name: "Alert",
    scope: Scope::Organisation,
    natural_key: &["type", "source", "sourceRef"],
    indexed: &["sourceRef", "tags", "caseId", "customFields"],
    properties: &[
        "type",
        "source",
        "sourceRef",
        "externalLink",
        "title",
        "description",
        "severity",
        "date",
        "tags",
        "tlp",
        "pap",
        "follow",
        "customFields",
        "caseTemplate",
        "observableCount",
        "caseId",
        "status",
        "stage",
        "assignee",
        "summary",
        "newDate",
        "inProgressDate",
        "closedDate",
        "importedDate",
        "timeToDetect",
        "timeToTriage",
        "timeToQualify",
        "timeToAcknowledge",
        "lastSyncDate",
    ],
};

pub static CASE: Info = Info {
    name: "Case",
    scope: Scope::Organisation,
    natural_key: &["number"],
    indexed: &["number", "tags", "title", "customFields"],
    properties: &[
        "number",
        "title",
        "description",
        "severity",
        "startDate",
        "endDate",
        "tags",
        "flag",
        "tlp",
        "pap",
        "status",
        "stage",
        "summary",
        "impactStatus",
        "assignee",
        "access",
        "customFields",
        "newDate",
        "inProgressDate",
        "closedDate",
        "alertDate",
        "alertNewDate",
        "alertInProgressDate",
        "alertImportedDate",
        "timeToDetect",
        "timeToTriage",
        "timeToQualify",
        "timeToAcknowledge",
        "timeToResolve",
        "handlingDuration",
        "caseTemplate",
    ],
};

pub static TASK: Info = Info {
    name: "Task",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &["title"],
    properties: &[
        "title",
        "group",
        "description",
        "status",
        "flag",
        "startDate",
        "endDate",
        "assignee",
        "order",
        "dueDate",
        "mandatory",
        "timeToHandle",
    ],
};

pub static LOG: Info = Info {
    name: "Log",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &["message", "date", "owner", "includeInTimeline", "attachments"],
};

pub static ATTACHMENT: Info = Info {
    name: "Attachment",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &["id"],
    properties: &["name", "hashes", "size", "contentType", "id", "path", "external"],
};

pub static CASE_TEMPLATE: Info = Info {
    name: "CaseTemplate",
    scope: Scope::Organisation,
    natural_key: &["name"],
    indexed: &[],
    properties: &[
        "name",
        "displayName",
        "titlePrefix",
        "description",
        "severity",
        "tags",
        "flag",
        "tlp",
        "pap",
        "summary",
        "customFields",
        "tasks",
    ],
};

pub static OBSERVABLE: Info = Info {
    name: "Observable",
    scope: Scope::Parent,
    natural_key: &["dataType", "data|attachment.id"],
    indexed: &["data", "tags"],
    properties: &[
        "dataType",
        "data",
        "message",
        "tags",
        "tlp",
        "pap",
        "ioc",
        "sighted",
        "sightedAt",
        "ignoreSimilarity",
        "startDate",
        "external",
        "reports",
        "attachment",
    ],
};

pub static COMMENT: Info = Info {
    name: "Comment",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &["message", "isEdited", "external"],
};

pub static USER: Info = Info {
    name: "User",
    scope: Scope::Platform,
    natural_key: &["login"],
    indexed: &[],
    properties: &[
        "login",
        "name",
        "email",
        "locked",
        "type",
        "hasKey",
        "hasPassword",
        "hasMFA",
        "profile",
        "organisation",
        "defaultOrganisation",
    ],
};

pub static ORGANISATION: Info = Info {
    name: "Organisation",
    scope: Scope::Platform,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "description", "locked", "taskRule", "observableRule"],
};

pub static CUSTOM_FIELD: Info = Info {
    name: "CustomField",
    scope: Scope::Platform,
    natural_key: &["name"],
    indexed: &[],
    properties: &[
        "name",
        "displayName",
        "group",
        "description",
        "type",
        "mandatory",
        "options",
    ],
};

pub static OBSERVABLE_TYPE: Info = Info {
    name: "ObservableType",
    scope: Scope::Platform,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "isAttachment", "isCaseSensitive"],
};

pub static PROFILE: Info = Info {
    name: "Profile",
    scope: Scope::Platform,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "permissions", "editable", "type"],
};

pub static PROCEDURE: Info = Info {
    name: "Procedure",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &[
        "patternId",
        "patternName",
        "occurDate",
        "tactic",
        "tacticLabel",
        "description",
    ],
};

const PAGE_PROPERTIES: &[&str] = &["title", "content", "category", "order"];

pub static PAGE: Info = Info {
    name: "Page",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: PAGE_PROPERTIES,
};

pub static PAGE_TEMPLATE: Info = Info {
    name: "PageTemplate",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: PAGE_PROPERTIES,
};

pub static CUSTOM_EVENT: Info = Info {
    name: "CustomEvent",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &["title", "description", "date", "endDate"],
};

const STATUS_PROPERTIES: &[&str] = &["value", "stage", "order", "description", "colour", "hidden"];

pub static CASE_STATUS: Info = Info {
    name: "CaseStatus",
    scope: Scope::Platform,
    natural_key: &["value"],
    indexed: &[],
    properties: STATUS_PROPERTIES,
};

pub static ALERT_STATUS: Info = Info {
    name: "AlertStatus",
    scope: Scope::Platform,
    natural_key: &["value"],
    indexed: &[],
    properties: STATUS_PROPERTIES,
};

pub static SHARE: Info = Info {
    name: "Share",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &[
        "caseId",
        "organisationName",
        "profileName",
        "owner",
        "taskRule",
        "observableRule",
    ],
};

pub static TAG: Info = Info {
    name: "Tag",
    scope: Scope::Organisation,
    natural_key: &["predicate"],
    indexed: &[],
    properties: &["namespace", "predicate", "value", "description", "colour"],
};

pub static JOB: Info = Info {
    name: "Job",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &[
        "analyzerId",
        "analyzerName",
        "analyzerDefinition",
        "cortexId",
        "cortexJobId",
        "status",
        "startDate",
        "endDate",
    ],
};

pub static ACTION: Info = Info {
    name: "Action",
    scope: Scope::Organisation,
    natural_key: &[],
    indexed: &[],
    properties: &[
        "responderId",
        "responderName",
        "cortexId",
        "cortexJobId",
        "objectType",
        "objectId",
        "status",
        "startDate",
        "endDate",
    ],
};
