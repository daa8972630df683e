//! Which calls bring alerts and cases together, or apart?

use serde::{Deserialize, Serialize};

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::cases::{Case, MergedObservables, TemplateParts};
use crate::thehive::{check, reconcile};

/// What tells a merged case from others: the titles of its parts, and that it is newer than they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Titles, in the order of the ids.
    pub titles: Vec<String>,
    /// The greatest number.
    pub newest: u64,
}

ask!(
    /// `merge-cases`, before: what the merged case is told by. Journaled, so that it is still known when the parts are gone.
    CasesToMerge {
        /// The server's ids.
        ids: Vec<String>,
    } = "thehive/cases.merge-cases" -> Parts,
    |call, client, _scopes| {
        check::cases_to_merge(&call.ids)?;
        reconcile::parts(client, &call.ids).await
    }
);
change!(
    /// `merge-cases`
    MergeCases {
        /// The server's ids.
        ids: Vec<String>,
        /// As [`CasesToMerge`] found them.
        parts: Parts,
    } = Probe "thehive/cases.merge-cases" -> Case,
    check: check::merge_cases, perform: reconcile::merge_cases, probe: reconcile::merged_cases
);
change!(
    /// `merge-alert`
    MergeAlert {
        /// The alert's id.
        alert_id: String,
        /// The case's id.
        case_id: String,
    } = Probe "thehive/cases.merge-alert" -> Case,
    check: check::merge_alert, perform: reconcile::merge_alert, probe: reconcile::merged_alert
);
change!(
    /// `import-alert`
    ImportAlert {
        /// The alert's id.
        alert_id: String,
        /// The case's id.
        case_id: String,
    } = Probe "thehive/cases.import-alert" -> Case,
    check: check::import_alert, perform: reconcile::import_alert, probe: reconcile::imported_alert
);
change!(
    /// `merge-alerts`
    MergeAlerts {
        /// The alerts' ids.
        alert_ids: Vec<String>,
        /// The case's id.
        case_id: String,
    } = Probe "thehive/cases.merge-alerts" -> Case,
    check: check::merge_alerts, perform: reconcile::merge_alerts, probe: reconcile::merged_alerts
);
change!(
    /// `unlink-alert`
    UnlinkAlert {
        /// The case's id.
        case_id: String,
        /// The alert's id.
        alert_id: String,
    } = Keyed "thehive/cases.unlink-alert" -> (),
    check: check::unlink_alert, perform: reconcile::unlink_alert
);
change!(
    /// `follow-alert`
    FollowAlert {
        /// The server's id.
        id: String,
        /// From now on, or not any more.
        follow: bool,
    } = Keyed "thehive/alerts.follow-alert" -> (),
    check: check::follow_alert, perform: reconcile::follow_alert
);
change!(
    /// `merge-observables`
    MergeObservables {
        /// The case's id.
        case_id: String,
    } = Keyed "thehive/cases.merge-observables" -> MergedObservables,
    check: check::merge_observables, perform: reconcile::merge_observables
);
change!(
    /// `apply-template`
    ApplyTemplate {
        /// The cases' ids.
        case_ids: Vec<String>,
        /// The template's name.
        template: String,
        /// What of it.
        parts: TemplateParts,
    } = Opaque "thehive/cases.apply-template" -> (),
    check: check::apply_template, perform: reconcile::apply_template
);
