//! Which events of TheHive start a run?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::Condition;
use crate::hive::{self, HiveEvent};
use crate::ids::{BindingName, TriggerName};
use crate::manifest::Refused;

/// Event patterns and conditions of one trigger, at most.
const ENTRIES: usize = 32;
/// Longest time between two looks for lost events, seconds: a week.
const RECONCILE_SECONDS: u32 = 604_800;

/// Starts a run for events of a TheHive connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name within the deployment.
    pub name: TriggerName,
    /// The binding whose connection sends the events.
    pub binding: BindingName,
    /// Event names, `case.closed`, or all of an object, `case.*`.
    pub events: Vec<String>,
    /// Conditions on the event's fields; all hold.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Condition>,
    /// Also for what the connection's own user did. Default false: what a workflow writes must not start it again.
    #[serde(default)]
    pub own: bool,
    /// Seconds between two looks for created, closed and reopened cases and alerts whose webhook was lost; 0: never. Default 300.
    #[serde(default = "reconcile")]
    pub reconcile_seconds: u32,
}

fn reconcile() -> u32 {
    300
}

impl Webhook {
    /// Checks the shape.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn check(&self, place: &str) -> Result<(), Refused> {
        if self.events.is_empty() || self.events.len() > ENTRIES || self.conditions.len() > ENTRIES {
            let problem = format!("1 to {ENTRIES} events and at most {ENTRIES} conditions are allowed");
            return Err(Refused::new(format!("{place}.events"), problem));
        }
        for (index, event) in self.events.iter().enumerate() {
            if !hive::is_event_pattern(event) {
                let words = |all: Vec<&str>| all.join(", ");
                let problem = format!(
                    "`{event}` is no event; write OBJECT.ACTION or OBJECT.*, with an object of {} and an action of {}",
                    words(hive::Object::ALL.iter().map(|object| object.as_str()).collect()),
                    words(hive::Action::ALL.iter().map(|action| action.as_str()).collect()),
                );
                return Err(Refused::new(format!("{place}.events[{index}]"), problem));
            }
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            hive::is_field(&condition.field)
                .map_err(|problem| Refused::new(format!("{place}.where[{index}].field"), problem))?;
        }
        if self.reconcile_seconds > RECONCILE_SECONDS {
            let problem = format!("{}; use 0 to {RECONCILE_SECONDS}", self.reconcile_seconds);
            return Err(Refused::new(format!("{place}.reconcile_seconds"), problem));
        }
        Ok(())
    }

    /// Does it listen for events of this name, `case.closed`?
    pub fn listens(&self, name: &str) -> bool {
        self.events.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(object) => name.starts_with(object),
            None => pattern == name,
        })
    }

    /// Does the event start a run?
    ///
    /// # Errors
    /// Why not, for people.
    pub fn accepts(&self, event: &HiveEvent, data: &Value) -> Result<(), String> {
        if !self.listens(&event.name()) {
            return Err(format!(
                "trigger `{}` does not listen for `{}`",
                self.name,
                event.name()
            ));
        }
        if event.own && !self.own {
            return Err(format!(
                "trigger `{}` leaves out what the connection's own user does",
                self.name
            ));
        }
        match self.conditions.iter().find(|condition| !condition.holds(data)) {
            Some(condition) => Err(format!("trigger `{}`: {condition}", self.name)),
            None => Ok(()),
        }
    }
}
