//! What starts a deployment's runs by itself, when next, and what was left out?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::DeploymentName;
use synapse_domain::trigger::Trigger;
use synapse_store::timers::Pause;

use super::auth::Authenticated;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;
use crate::triggers::source;

/// Fire times that are shown of a schedule.
const NEXT: usize = 3;

pub(super) async fn show(
    State(node): State<Arc<Node>>,
    Path((tenant, name)): Path<(String, String)>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    let name: DeploymentName = name.parse()?;
    let deployment = node.store.deployment(&tenant, &name).await?;
    let schedules = node.store.schedules(&tenant, &name).await?;
    let cursors = node.store.cursors(&tenant, Some(&name)).await?;
    let pauses = node.store.pauses(Some(&tenant)).await?;
    let now = node.clock.now();
    let mut shown = Vec::new();
    for trigger in &deployment.current.triggers {
        let mut row = declared(trigger, now);
        let bound = |pause: &Pause| match &pause.scope.connection {
            None => true,
            Some(connection) => deployment.current.bindings.values().any(|name| name == connection),
        };
        let covers = |pause: &&Pause| {
            let scope = &pause.scope;
            scope.deployment.as_ref().is_none_or(|other| *other == name)
                && scope.trigger.as_ref().is_none_or(|other| other == trigger.name())
                && bound(pause)
        };
        let paused: Vec<_> = pauses.iter().filter(covers).collect();
        let schedule = schedules.iter().find(|schedule| schedule.trigger == *trigger.name());
        if let Some(row) = row.as_object_mut() {
            row.insert("paused".to_owned(), json!(paused));
            if let (Some(cursor), Trigger::Source(_)) = (
                cursors.iter().find(|cursor| cursor.id.trigger == *trigger.name()),
                trigger,
            ) {
                row.extend(source::standing(cursor));
            }
            if let (Some(Value::Object(schedule)), Trigger::Schedule(_)) =
                (schedule.map(|schedule| json!(schedule)), trigger)
            {
                // The list of next times is there already; this one is what the store will act on.
                row.extend(
                    schedule
                        .into_iter()
                        .filter(|(name, _)| name != "trigger" && name != "next"),
                );
            }
        }
        shown.push(row);
    }
    Ok(Json(json!({ "triggers": shown })))
}

/// A trigger as it was declared; a schedule with its next times.
pub(super) fn declared(trigger: &Trigger, now: Timestamp) -> Value {
    let mut row = json!(trigger);
    if let (Trigger::Schedule(schedule), Some(row)) = (trigger, row.as_object_mut()) {
        let next = schedule
            .calendar()
            .map(|calendar| calendar.next(now, NEXT))
            .unwrap_or_default();
        row.insert("next".to_owned(), json!(next));
    }
    row
}
