//! Which event would a webhook have told of an object that was asked for?

use serde_json::{Map, Value};

use super::classify::SAME_CHANGE;
use super::event::{Action, Dialect, HiveEvent, Object, Via};
use super::facts::{Facts, facts, text};
use super::normalise::{closure_key, moment};
use crate::clock::Timestamp;

/// A case or an alert as the server has it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Case or alert.
    pub object: Object,
    /// The server's id.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Is it closed?
    pub closed: bool,
    /// Is it an alert that went to a case? Then it is neither open nor closed.
    pub imported: bool,
    /// When it was closed, if the server says so itself.
    pub closed_at: Option<Timestamp>,
    /// When it was closed or ended, if the server says either.
    pub dated: Option<Timestamp>,
    facts: Facts,
}

/// Reads a row of a query. None: it is no case or alert that can be understood.
pub fn finding(object: Object, row: &Map<String, Value>) -> Option<Finding> {
    let facts = facts(object, row);
    let created_at = facts.created_at?;
    Some(Finding {
        object,
        id: text(row, &["_id", "id"])?,
        created_at,
        updated_at: facts.updated_at.unwrap_or(created_at),
        closed: facts.stage.as_deref() == Some("Closed"),
        imported: facts.stage.as_deref() == Some("Imported"),
        closed_at: facts.closed_at,
        dated: facts.closed_at.or(facts.ended_at),
        facts,
    })
}

impl Finding {
    /// The event that tells it, and its key. `own` is the caller's to fill in.
    pub fn event(&self, connection: &str, action: Action) -> (HiveEvent, String) {
        let facts = self.facts.clone();
        let moment = moment(action, false, self.updated_at, &facts);
        let time = moment.map_or(self.updated_at, |(at, _)| at);
        let actor = match (action, moment) {
            (Action::Created, _) => facts.created_by,
            // Somebody may have changed it since: only the change of that moment is surely the one in question.
            (_, Some((at, true))) if self.updated_at <= at.saturating_add(SAME_CHANGE) => facts.updated_by,
            _ => None,
        };
        let event = HiveEvent {
            connection: connection.to_owned(),
            object: self.object,
            action,
            id: self.id.clone(),
            number: facts.number,
            root: None,
            request: None,
            actor,
            own: false,
            organisation: None,
            title: facts.title,
            status: facts.status,
            stage: facts.stage,
            impact: facts.impact,
            summary: facts.summary,
            tags: facts.tags,
            custom_fields: facts.custom_fields,
            case: facts.case,
            alert: facts.alert,
            assignee: facts.assignee,
            changes: Map::new(),
            dialect: Dialect::Query,
            via: Via::Reconciler,
            time,
            moment,
        };
        let key = closure_key(&event).unwrap_or_else(|| format!("{}:{}:{time}", self.object.as_str(), self.id));
        (event, key)
    }
}
