//! How is a timeline read and added to (contract 2.10)?

use http::Method;
use tokio::time::Instant;

use super::{Client, json, not_sent};
use crate::bindings::synapse::thehive::timeline::NewEvent;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::types::{self, EventBody, EventPatchBody, EventRow, TimelineRow};

/// Entries that guests get.
const ENTRIES: usize = 1_000;

/// What the server says of a new event, as far as it is used.
#[derive(serde::Deserialize)]
struct Made {
    #[serde(rename = "_id")]
    id: String,
}

impl Client {
    /// The timeline of a case, oldest first.
    pub(in crate::thehive) async fn timeline(&self, case: &str) -> Result<Vec<EventRow>, Error> {
        let mut rows = self.whole_timeline(case).await?;
        rows.truncate(ENTRIES);
        Ok(rows)
    }

    async fn whole_timeline(&self, case: &str) -> Result<Vec<EventRow>, Error> {
        self.major().await?;
        let path = ["api", "v1", "case", case, "timeline"];
        let mut timeline: TimelineRow = self.ask(&Request::new(Method::GET, path)).await?;
        timeline.events.sort_by_key(|event| event.date);
        Ok(timeline.events)
    }

    /// Adds an event; its id.
    pub(in crate::thehive) async fn create_event(
        &self,
        event: &NewEvent,
        marker: &str,
        start: Instant,
    ) -> Result<String, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = json(&body(event, marker)).map_err(not_sent)?;
        let path = ["api", "v1", "case", event.case_id.as_str(), "customEvent"];
        let made: Made = self.make(Request::new(Method::POST, path).json(body), start).await?;
        Ok(made.id)
    }

    /// One event that somebody added, by id: there is no route for it.
    pub(in crate::thehive) async fn event_of(&self, case: &str, id: &str) -> Result<EventRow, Error> {
        let rows = self.whole_timeline(case).await?;
        let found = rows.into_iter().find(|row| row.entity_id == id && row.is_custom());
        found.ok_or(Error::NotFound)
    }

    /// Sets fields of an event.
    pub(in crate::thehive) async fn update_event(
        &self,
        id: &str,
        body: &EventPatchBody<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(body).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "customEvent", id]).json(body);
        self.tell(request, start).await
    }

    /// The event with this marker.
    pub(in crate::thehive) async fn marked_event(
        &self,
        event: &NewEvent,
        marker: &str,
    ) -> Result<Option<EventRow>, Error> {
        let body = body(event, marker);
        let rows = self.whole_timeline(&event.case_id).await?;
        Ok(rows.into_iter().find(|row| row.was_made(&body, marker)))
    }
}

fn body<'a>(event: &'a NewEvent, marker: &str) -> EventBody<'a> {
    EventBody {
        title: &event.title,
        date: event.date,
        end_date: event.end_date,
        description: types::mark(event.description.as_deref().unwrap_or_default(), marker),
    }
}
