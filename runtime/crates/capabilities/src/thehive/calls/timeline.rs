//! Which calls on timelines are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::timeline::{Entry, EventPatch, NewEvent};
use crate::thehive::types::EventRow;
use crate::thehive::{check, reconcile};

ask!(
    /// `read-timeline`
    ReadTimeline {
        /// The case's id.
        case_id: String,
    } = "thehive/timeline.read-timeline" -> Vec<Entry>,
    |call, client, _scopes| {
        check::named_id("case-id", &call.case_id)?;
        let rows = client.timeline(&call.case_id).await?;
        Ok(rows.into_iter().map(EventRow::into_entry).collect())
    }
);
change!(
    /// `create-event`. The marker that the client adds is not an argument.
    CreateEvent {
        /// What the guest asks for.
        event: NewEvent,
    } = Probe "thehive/timeline.create-event" -> String,
    check: check::create_event, perform: reconcile::create_event, probe: reconcile::created_event, key: event.dedup_key
);
change!(
    /// `update-event`
    UpdateEvent {
        /// The case's id.
        case_id: String,
        /// The event's id.
        id: String,
        /// Absolute values.
        patch: EventPatch,
    } = Keyed "thehive/timeline.update-event" -> Entry,
    check: check::update_event, perform: reconcile::update_event
);
