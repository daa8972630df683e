//! What starts a deployment's runs by itself: webhooks, schedules and watched sources?
//!
//! An operator declares triggers with the deployment; the manifest says which kinds the workflow understands. HTTP is no trigger in
//! this sense: a caller is there and waits.

mod calendar;
mod condition;
mod cron;
mod schedule;
mod source;
mod webhook;

use serde::{Deserialize, Serialize};

pub use calendar::Calendar;
pub use condition::{BadCondition, Condition, Test};
pub use cron::{Cron, NotCron};
pub use schedule::{CatchUp, Decision, Overlap, Schedule, Skipped};
pub use source::{CHANGES, Source, Watch};
pub use webhook::Webhook;

use crate::ids::TriggerName;
use crate::manifest::Refused;

/// Triggers of one deployment, at most: each is looked at for every event of its kind.
pub const TRIGGERS: usize = 16;

/// What starts runs of a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Trigger {
    /// An event that TheHive sends.
    Webhook(Webhook),
    /// A time.
    Schedule(Schedule),
    /// Something new at a source that the platform watches.
    Source(Source),
}

impl Trigger {
    /// Its name within the deployment.
    pub fn name(&self) -> &TriggerName {
        match self {
            Self::Webhook(webhook) => &webhook.name,
            Self::Schedule(schedule) => &schedule.name,
            Self::Source(source) => &source.name,
        }
    }

    /// What its runs say started them: `webhook:closed-cases`.
    pub fn label(&self) -> String {
        let kind = match self {
            Self::Webhook(_) => "webhook",
            Self::Schedule(_) => "schedule",
            Self::Source(_) => "source",
        };
        format!("{kind}:{}", self.name())
    }
}

/// Checks what can be known without connections: shapes, names used once, numbers in range.
///
/// # Errors
/// Names the trigger and the field.
pub fn check(triggers: &[Trigger]) -> Result<(), Refused> {
    if triggers.len() > TRIGGERS {
        let problem = format!("{} triggers; at most {TRIGGERS} are allowed", triggers.len());
        return Err(Refused::new("triggers", problem));
    }
    for (index, trigger) in triggers.iter().enumerate() {
        let place = format!("triggers[{index}]");
        if triggers[..index].iter().any(|other| other.name() == trigger.name()) {
            let problem = format!("`{}` is used twice; a name is a trigger's own", trigger.name());
            return Err(Refused::new(format!("{place}.name"), problem));
        }
        match trigger {
            Trigger::Webhook(webhook) => webhook.check(&place)?,
            Trigger::Schedule(schedule) => schedule.check(&place)?,
            Trigger::Source(source) => source.check(&place)?,
        }
    }
    Ok(())
}
