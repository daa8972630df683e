//! Which kinds of entity exist, how are they named on the wire and which properties can be queried?

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Alert,
    Observable,
    Comment,
    User,
    Organisation,
    CustomField,
    ObservableType,
    Profile,
}

/// What the store and the query engine need to know about a kind.
pub struct Info {
    /// Value of `_type`; also the word in error messages and in `list<word>` and `get<word>`.
    pub name: &'static str,
    /// Belongs to one organisation (alerts and what hangs below them) or to the platform.
    pub organisation_scoped: bool,
    /// Properties that form the natural key (`idOrName` without `~`), unique within the scope; empty = only ids.
    pub natural_key: &'static [&'static str],
    /// Properties with an equality index, so that a filter on them needs no scan.
    pub indexed: &'static [&'static str],
    /// Properties that filters and sorts may name, beside the audit ones.
    pub properties: &'static [&'static str],
    /// The audit fields `created/updated By/At` carry a leading underscore. Comments do not (contract 2.6).
    pub underscored_audit: bool,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Alert,
        Self::Observable,
        Self::Comment,
        Self::User,
        Self::Organisation,
        Self::CustomField,
        Self::ObservableType,
        Self::Profile,
    ];

    /// The row of this kind.
    pub fn info(self) -> &'static Info {
        match self {
            Self::Alert => &ALERT,
            Self::Observable => &OBSERVABLE,
            Self::Comment => &COMMENT,
            Self::User => &USER,
            Self::Organisation => &ORGANISATION,
            Self::CustomField => &CUSTOM_FIELD,
            Self::ObservableType => &OBSERVABLE_TYPE,
            Self::Profile => &PROFILE,
        }
    }

    /// The names of the audit fields: created at, created by, updated at, updated by.
    pub fn audit_fields(self) -> [&'static str; 4] {
        if self.info().underscored_audit {
            ["_createdAt", "_createdBy", "_updatedAt", "_updatedBy"]
        } else {
            ["createdAt", "createdBy", "updatedAt", "updatedBy"]
        }
    }

    /// Whether a filter or sort may name `property` (`customFields.<name>` where the kind has custom fields).
    pub fn has_property(self, property: &str) -> bool {
        let root = property.split('.').next().unwrap_or(property);
        ["_id", "_type"].contains(&property)
            || self.audit_fields().contains(&property)
            || self.info().properties.contains(&property)
            || (root == "customFields" && self.info().properties.contains(&root))
    }
}

static ALERT: Info = Info {
    name: "Alert",
    organisation_scoped: true,
    natural_key: &["type", "source", "sourceRef"],
    indexed: &["sourceRef", "tags"],
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
    underscored_audit: true,
};

static OBSERVABLE: Info = Info {
    name: "Observable",
    organisation_scoped: true,
    natural_key: &[],
    indexed: &["data"],
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
    ],
    underscored_audit: true,
};

static COMMENT: Info = Info {
    name: "Comment",
    organisation_scoped: true,
    natural_key: &[],
    indexed: &[],
    properties: &["message", "isEdited", "external"],
    underscored_audit: false,
};

static USER: Info = Info {
    name: "User",
    organisation_scoped: false,
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
    underscored_audit: true,
};

static ORGANISATION: Info = Info {
    name: "Organisation",
    organisation_scoped: false,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "description", "locked", "taskRule", "observableRule"],
    underscored_audit: true,
};

static CUSTOM_FIELD: Info = Info {
    name: "CustomField",
    organisation_scoped: false,
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
    underscored_audit: true,
};

static OBSERVABLE_TYPE: Info = Info {
    name: "ObservableType",
    organisation_scoped: false,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "isAttachment", "isCaseSensitive"],
    underscored_audit: true,
};

static PROFILE: Info = Info {
    name: "Profile",
    organisation_scoped: false,
    natural_key: &["name"],
    indexed: &[],
    properties: &["name", "permissions", "editable", "isAdmin"],
    underscored_audit: true,
};
