//! What does a workflow learn of an event in TheHive? The same fields, whichever version sent it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one with this name.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words!(
    /// What something happened to.
    Object {
        /// A case.
        Case = "case",
        /// An alert.
        Alert = "alert",
        /// A task of a case.
        Task = "task",
        /// An entry in a task's log.
        Log = "log",
        /// An observable of a case or an alert.
        Observable = "observable",
        /// A comment on a case or an alert.
        Comment = "comment",
        /// A file of a case.
        Attachment = "attachment",
        /// A tactic, technique or procedure.
        Procedure = "procedure",
        /// Anything else that TheHive reports: users, analyzer jobs, dashboards.
        Other = "other",
    }
);

words!(
    /// What happened.
    Action {
        /// It is new.
        Created = "created",
        /// Fields of it were set.
        Updated = "updated",
        /// It is gone.
        Deleted = "deleted",
        /// Several became this one.
        Merged = "merged",
        /// A case or alert was closed.
        Closed = "closed",
        /// A closed case or alert is open again.
        Reopened = "reopened",
        /// An alert became a case or a part of one.
        Imported = "imported",
    }
);

words!(
    /// How the server told it.
    Dialect {
        /// TheHive 3.
        V3 = "v3",
        /// TheHive 4, endpoint version 0.
        V4v0 = "v4-0",
        /// TheHive 4, endpoint version 1.
        V4v1 = "v4-1",
        /// TheHive 5, endpoint version 0.
        V5v0 = "v5-0",
        /// TheHive 5, endpoint version 1.
        V5v1 = "v5-1",
        /// It was asked for.
        Query = "query",
    }
);

words!(
    /// How it came here.
    Via {
        /// TheHive sent it.
        Webhook = "webhook",
        /// TheHive's webhook was lost, and the platform found what it would have told.
        Reconciler = "reconciler",
    }
);

/// The case that an event belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFacts {
    /// The server's id.
    pub id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// The alert that an event is about or comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlertFacts {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it came from.
    pub source: String,
    /// What it is called there.
    pub source_ref: String,
}

/// An event of TheHive, as JSON the data of `synapse.thehive.<object>.<action>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HiveEvent {
    /// The connection that it came through.
    pub connection: String,
    /// To what it happened.
    pub object: Object,
    /// What happened.
    pub action: Action,
    /// The server's id of the object.
    pub id: String,
    /// A case's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The server's root id; what it means differs by version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The request at the server that caused it: equal for all events of one click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Login of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Was it the connection's own user?
    pub own: bool,
    /// Name of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The object's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its status after the event. A resolved case of TheHive 3 and 4 has its resolution here, an alert that was marked as read `Ignored`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `New`, `InProgress`, `Imported` or `Closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// `NotApplicable`, `WithImpact` or `NoImpact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// What was found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The object's tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Values of custom fields by name.
    #[serde(default)]
    pub custom_fields: Map<String, Value>,
    /// The case that it belongs to; of an import the case that the alert went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseFacts>,
    /// The alert that it is about, belongs to, or was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertFacts>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// What was set, by field; empty for a new object.
    #[serde(default)]
    pub changes: Map<String, Value>,
    /// How the server told it.
    pub dialect: Dialect,
    /// How it came here.
    pub via: Via,
    /// When it happened, by the server's clock: an attribute of the event, not part of its data.
    #[serde(skip)]
    pub time: Timestamp,
    /// When the object was created, closed or reopened, by the server's clock, and whether the server says so itself; else it is the
    /// object's last update or the event's own time.
    #[serde(skip)]
    pub moment: Option<(Timestamp, bool)>,
}

impl HiveEvent {
    /// `case.closed`
    pub fn name(&self) -> String {
        format!("{}.{}", self.object.as_str(), self.action.as_str())
    }

    /// `synapse.thehive.case.closed`
    pub fn kind(&self) -> String {
        format!("synapse.thehive.{}", self.name())
    }
}

/// Is it the name of an event, `case.closed`, or of all events of an object, `case.*`?
pub fn is_event_pattern(pattern: &str) -> bool {
    pattern.split_once('.').is_some_and(|(object, action)| {
        Object::parse(object).is_some() && (action == "*" || Action::parse(action).is_some())
    })
}

/// Fields that are a value or a list.
const FIELDS: [&str; 19] = [
    "connection",
    "object",
    "action",
    "id",
    "number",
    "root",
    "request",
    "actor",
    "own",
    "organisation",
    "title",
    "status",
    "stage",
    "impact",
    "summary",
    "tags",
    "assignee",
    "dialect",
    "via",
];
/// Fields that have named parts: a condition says which. No list: any name.
const PARTS: [(&str, &[&str]); 4] = [
    ("case", &["id", "number"]),
    ("alert", &["type", "source", "source-ref"]),
    ("custom-fields", &[]),
    ("changes", &[]),
];

/// Is it the path of a field of an event's data? The error says which there are.
///
/// # Errors
/// What to write instead.
pub fn is_field(path: &str) -> Result<(), String> {
    if FIELDS.contains(&path) || PARTS.iter().any(|(name, _)| *name == path) {
        return Ok(());
    }
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    match PARTS.iter().find(|(name, _)| *name == head) {
        Some((_, parts)) if parts.is_empty() && !rest.is_empty() => Ok(()),
        Some((_, parts)) if parts.contains(&rest) => Ok(()),
        Some((_, parts)) if !parts.is_empty() => Err(format!("`{head}` has {}", parts.join(", "))),
        Some(_) => Err(format!("name a part: `{head}.NAME`")),
        None => Err(format!(
            "an event has no field `{head}`; use {}, case.id, case.number, alert.type, alert.source, alert.source-ref, \
             custom-fields.NAME or changes.NAME",
            FIELDS.join(", ")
        )),
    }
}
