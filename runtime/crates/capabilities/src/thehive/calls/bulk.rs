//! Which calls set the same fields of many objects by one request?

use super::declare::change;
use crate::bindings::synapse::thehive::alerts::AlertPatch;
use crate::bindings::synapse::thehive::cases::CasePatch;
use crate::bindings::synapse::thehive::observables::ObservablePatch;
use crate::bindings::synapse::thehive::tasks::TaskPatch;
use crate::thehive::{check, reconcile};

change!(
    /// `update-alerts`
    UpdateAlerts {
        /// The server's ids.
        ids: Vec<String>,
        /// Absolute values.
        patch: AlertPatch,
    } = Keyed "thehive/alerts.update-alerts" -> (),
    check: check::update_alerts, perform: reconcile::update_alerts
);
change!(
    /// `update-cases`
    UpdateCases {
        /// The server's ids.
        ids: Vec<String>,
        /// Absolute values.
        patch: CasePatch,
    } = Keyed "thehive/cases.update-cases" -> (),
    check: check::update_cases, perform: reconcile::update_cases
);
change!(
    /// `update-tasks`
    UpdateTasks {
        /// The server's ids.
        ids: Vec<String>,
        /// Absolute values.
        patch: TaskPatch,
    } = Keyed "thehive/tasks.update-tasks" -> (),
    check: check::update_tasks, perform: reconcile::update_tasks
);
change!(
    /// `update-observables`
    UpdateObservables {
        /// The server's ids.
        ids: Vec<String>,
        /// Absolute values.
        patch: ObservablePatch,
    } = Keyed "thehive/observables.update-observables" -> (),
    check: check::update_observables, perform: reconcile::update_observables
);
