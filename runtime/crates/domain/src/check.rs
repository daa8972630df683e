//! What must a target have so that a deployment's settings mean something there? Declared by a workflow's author under `[[checks]]`, asked
//! when it is deployed, and by `doctor` at any time.

use serde::{Deserialize, Serialize};

use crate::ids::BindingName;

/// One thing that is asked. `setting` is the path of a setting, for instance `alert.case_template`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// The setting, a table, names a live and unreserved closing reason of the console for each closed status of the organisation's cases
    /// but `Duplicated`.
    ClosingReasons {
        /// Statuses to reasons (text or id).
        setting: String,
        /// The organisation.
        thehive: BindingName,
        /// The console.
        qradar: BindingName,
        /// A setting that says when the closing of an alert counts too: `always`, `never`, or `by-dialect` (3 and 4 only). Absent: never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alerts: Option<String>,
    },
    /// What the setting names (a text, or the values of a table) are closed statuses of the organisation.
    ClosedStatuses {
        /// The name or names.
        setting: String,
        /// The organisation.
        thehive: BindingName,
        /// Whose statuses.
        of: Whose,
    },
    /// The setting names a case template of the organisation, if it is set.
    CaseTemplate {
        /// The name.
        setting: String,
        /// The organisation.
        thehive: BindingName,
    },
    /// The setting names a folder of the mailbox, if it is set.
    Folder {
        /// The name or path.
        setting: String,
        /// The mailbox.
        ews: BindingName,
    },
}

/// Whose statuses are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// Of cases.
    Cases,
    /// Of alerts.
    Alerts,
}

impl Check {
    /// Its name in manifests.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ClosingReasons { .. } => "closing-reasons",
            Self::ClosedStatuses { .. } => "closed-statuses",
            Self::CaseTemplate { .. } => "case-template",
            Self::Folder { .. } => "folder",
        }
    }

    /// The setting that it is about.
    pub fn setting(&self) -> &str {
        match self {
            Self::ClosingReasons { setting, .. }
            | Self::ClosedStatuses { setting, .. }
            | Self::CaseTemplate { setting, .. }
            | Self::Folder { setting, .. } => setting,
        }
    }

    /// Every setting that it reads.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        let second = match self {
            Self::ClosingReasons { alerts, .. } => alerts.as_deref(),
            Self::ClosedStatuses { .. } | Self::CaseTemplate { .. } | Self::Folder { .. } => None,
        };
        std::iter::once(self.setting()).chain(second)
    }

    /// The bindings that are asked, each with the kind that it must have.
    pub fn bindings(&self) -> Vec<(&BindingName, &'static str)> {
        match self {
            Self::ClosingReasons { thehive, qradar, .. } => vec![(thehive, "thehive"), (qradar, "qradar")],
            Self::ClosedStatuses { thehive, .. } | Self::CaseTemplate { thehive, .. } => vec![(thehive, "thehive")],
            Self::Folder { ews, .. } => vec![(ews, "ews")],
        }
    }
}
