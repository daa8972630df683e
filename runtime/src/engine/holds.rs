//! Which runs must not go on because something is paused? A copy of the store's pauses, for attempts that have just begun.

use std::sync::{PoisonError, RwLock};

use synapse_capabilities::connection::Connections;
use synapse_store::records::{DeploymentVersion, RunFacts};
use synapse_store::timers::Pause;

/// What is paused now.
#[derive(Default)]
pub struct Holds(RwLock<Vec<Pause>>);

impl Holds {
    /// Replaces the copy, and tells each connection whether it is under maintenance.
    pub fn set(&self, pauses: Vec<Pause>, connections: &Connections) {
        for (tenant, name, connection) in connections.all() {
            let open = |pause: &Pause| {
                pause.maintenance && pause.tenant == *tenant && pause.scope.connection.as_ref() == Some(name)
            };
            if let Some(egress) = connection.egress() {
                egress.health().mute(pauses.iter().any(open));
            }
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = pauses;
    }

    /// What is paused.
    pub fn all(&self) -> Vec<Pause> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does a pause cover this run?
    pub fn cover(&self, run: &RunFacts, version: &DeploymentVersion) -> bool {
        let pauses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        pauses.iter().any(|pause| covers(pause, run, version))
    }
}

fn covers(pause: &Pause, run: &RunFacts, version: &DeploymentVersion) -> bool {
    let scope = &pause.scope;
    let trigger = run.trigger.split_once(':').map_or("", |(_, name)| name);
    pause.tenant == run.tenant
        && scope.deployment.as_ref().is_none_or(|name| *name == run.deployment)
        && scope.trigger.as_ref().is_none_or(|name| name.as_str() == trigger)
        && scope
            .connection
            .as_ref()
            .is_none_or(|name| version.bindings.values().any(|bound| bound == name))
}
