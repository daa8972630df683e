//! Which kinds of entity exist, how are they named on the wire and which properties can be queried?

mod rows;

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Alert,
    Case,
    Task,
    Log,
    Observable,
    Comment,
    Attachment,
    CaseTemplate,
    Procedure,
    Page,
    PageTemplate,
    CustomEvent,
    User,
    Organisation,
    CustomField,
    ObservableType,
    Profile,
    CaseStatus,
    AlertStatus,
    Share,
    Tag,
    Job,
    Action,
}

/// Within what a natural key is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole server; every organisation sees the entity.
    Platform,
    /// One organisation; no other sees the entity.
    Organisation,
    /// The entity above, in one organisation.
    Parent,
}

/// What the store and the query engine need to know about a kind.
pub struct Info {
    /// The word in error messages and in `list<word>` and `get<word>`; mostly also the value of `_type`.
    pub name: &'static str,
    /// Who sees the entity, and within what its natural key is unique.
    pub scope: Scope,
    /// Properties that form the natural key (`idOrName` without `~` unless the scope is the parent); empty = only ids.
    /// `a|b.c`: property `a`, without it `c` of the object `b`.
    pub natural_key: &'static [&'static str],
    /// Properties with an equality index, so that a filter on them needs no scan. `customFields` indexes each field.
    pub indexed: &'static [&'static str],
    /// Properties that filters and sorts may name, beside the audit ones.
    pub properties: &'static [&'static str],
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 23] = [
        Self::Alert,
        Self::Case,
        Self::Task,
        Self::Log,
        Self::Observable,
        Self::Comment,
        Self::Attachment,
        Self::CaseTemplate,
        Self::Procedure,
        Self::Page,
        Self::PageTemplate,
        Self::CustomEvent,
        Self::User,
        Self::Organisation,
        Self::CustomField,
        Self::ObservableType,
        Self::Profile,
        Self::CaseStatus,
        Self::AlertStatus,
        Self::Share,
        Self::Tag,
        Self::Job,
        Self::Action,
    ];

    /// The row of this kind.
    pub fn info(self) -> &'static Info {
        match self {
            Self::Alert => &rows::ALERT,
            Self::Case => &rows::CASE,
            Self::Task => &rows::TASK,
            Self::Log => &rows::LOG,
            Self::Observable => &rows::OBSERVABLE,
            Self::Comment => &rows::COMMENT,
            Self::Attachment => &rows::ATTACHMENT,
            Self::CaseTemplate => &rows::CASE_TEMPLATE,
            Self::Procedure => &rows::PROCEDURE,
            Self::Page => &rows::PAGE,
            Self::PageTemplate => &rows::PAGE_TEMPLATE,
            Self::CustomEvent => &rows::CUSTOM_EVENT,
            Self::User => &rows::USER,
            Self::Organisation => &rows::ORGANISATION,
            Self::CustomField => &rows::CUSTOM_FIELD,
            Self::ObservableType => &rows::OBSERVABLE_TYPE,
            Self::Profile => &rows::PROFILE,
            Self::CaseStatus => &rows::CASE_STATUS,
            Self::AlertStatus => &rows::ALERT_STATUS,
            Self::Share => &rows::SHARE,
            Self::Tag => &rows::TAG,
            Self::Job => &rows::JOB,
            Self::Action => &rows::ACTION,
        }
    }

    /// The value of `_type`: procedures show none, jobs the old name.
    pub fn wire_type(self) -> Option<&'static str> {
        match self {
            Self::Procedure => None,
            Self::Job => Some("case_artifact_job"),
            kind => Some(kind.info().name),
        }
    }

    /// The name in the words of a message: `case template`.
    pub fn words(self) -> String {
        let mut words = String::new();
        for letter in self.info().name.chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        words
    }

    /// Whether its tags are tags of the organisation.
    pub fn has_tags(self) -> bool {
        [Self::Alert, Self::Case, Self::Observable].contains(&self)
    }

    /// Whether each organisation has its own.
    pub fn in_organisation(self) -> bool {
        self.info().scope != Scope::Platform
    }

    /// The names of the audit fields: created at, created by, updated at, updated by. Those of comments carry no underscore
    /// (contract 2.6).
    pub fn audit_fields(self) -> [&'static str; 4] {
        if self != Self::Comment {
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
