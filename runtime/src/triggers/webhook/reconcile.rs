//! What happened at TheHive of which no webhook came? It does not send again (D22), so it is asked.
//!
//! Per connection and lane: everything that was created, or changed, since the watermark is compared with what is known; what is missing
//! is recorded as an event, once. A watermark is the server's time and durable; it starts at the go-live point of the deployments that
//! listen. The time before it is looked at again, because what just changed may not be found yet.

use std::collections::HashMap;
use std::time::Duration;

use synapse_capabilities::connection::Client;
use synapse_capabilities::thehive::client::{self, Since};
use synapse_domain::clock::Timestamp;
use synapse_domain::hive::{Action, Finding, Object, finding};
use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_store::deliveries::{Mark, SAME_CLOSURE, Told};
use tokio::time::Instant;

use super::index::Listener;
use super::receive::{Hooks, Refusal};

/// How far before the watermark is looked again: far above the time after which a change can be found (contract section 8).
const OVERLAP_MS: u64 = 60_000;
/// A webhook's head start, at most: what just happened is told rather than found. By our clock; a server whose clock is ahead is asked
/// later by that much.
const HEAD_START: Duration = Duration::from_secs(10);
/// How long before that a closure may have happened of which nothing is known. What is older was compared when it was new, and what is
/// known of it may be deleted by now: a tag that somebody adds a year later must not close it again. Half as long as events are kept.
const LOOK_BACK_MS: u64 = 7 * 86_400_000;
/// Pages of one lane in one look; what is left is looked at after a short rest, so that a long outage does not hold a connection.
const PAGES: usize = 50;
/// That rest, and the longest time between two looks at what is due.
const REST: Duration = Duration::from_secs(2);

/// Where is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lane {
    object: Object,
    since: Since,
    /// Is a reopening wanted, too?
    reopened: bool,
}

impl Lane {
    fn name(self) -> String {
        let of = match self.since {
            Since::Created => "created",
            Since::Changed { .. } => "changed",
        };
        format!("{}-{of}", self.object.as_str())
    }
}

/// What the listeners of a connection want to be reconciled.
struct Plan {
    lanes: Vec<Lane>,
    period: Duration,
    go_live: Timestamp,
}

fn plan(listeners: &[Listener]) -> Option<Plan> {
    let reconciled: Vec<_> = listeners
        .iter()
        .filter(|listener| listener.webhook.reconcile_seconds > 0)
        .collect();
    let wanted = |object: Object, action: Action| {
        let name = format!("{}.{}", object.as_str(), action.as_str());
        reconciled.iter().any(|listener| listener.webhook.listens(&name))
    };
    let mut lanes = Vec::new();
    for object in [Object::Case, Object::Alert] {
        if wanted(object, Action::Created) {
            lanes.push(Lane {
                object,
                since: Since::Created,
                reopened: false,
            });
        }
        let reopened = wanted(object, Action::Reopened);
        if reopened || wanted(object, Action::Closed) {
            lanes.push(Lane {
                object,
                since: Since::Changed { closed: !reopened },
                reopened,
            });
        }
    }
    let seconds = reconciled
        .iter()
        .map(|listener| listener.webhook.reconcile_seconds)
        .min()?;
    (!lanes.is_empty()).then_some(Plan {
        lanes,
        period: Duration::from_secs(u64::from(seconds)),
        go_live: reconciled.iter().map(|listener| listener.go_live).min()?,
    })
}

type At = (TenantId, ConnectionName);

impl Hooks {
    /// Looks at every connection that has to be reconciled, for ever. Each in a task of its own: one that does not answer keeps nobody
    /// waiting.
    pub(super) async fn reconcile(self) {
        let mut due: HashMap<At, Instant> = HashMap::new();
        let mut looks: tokio::task::JoinSet<(At, Duration)> = tokio::task::JoinSet::new();
        let mut busy: std::collections::HashSet<At> = std::collections::HashSet::new();
        loop {
            let now = Instant::now();
            for (tenant, connection, listeners) in self.0.index.all() {
                let at = (tenant, connection);
                let Some(plan) = plan(&listeners) else { continue };
                if busy.contains(&at) || due.get(&at).is_some_and(|due| *due > now) {
                    continue;
                }
                busy.insert(at.clone());
                let hooks = self.clone();
                looks.spawn(async move {
                    let rest = if hooks.look(&at, &plan).await {
                        REST.min(plan.period)
                    } else {
                        plan.period
                    };
                    (at, rest)
                });
            }
            let next = due
                .iter()
                .filter(|(at, _)| !busy.contains(*at))
                .map(|(_, due)| *due)
                .min();
            let next = next.unwrap_or(now + REST).min(now + REST);
            tokio::select! {
                Some(looked) = looks.join_next(), if !looks.is_empty() => match looked {
                    Ok((at, rest)) => {
                        busy.remove(&at);
                        due.insert(at, Instant::now() + rest);
                    }
                    Err(error) => {
                        // Which one it was is not said; all that look are looked at again.
                        tracing::error!(%error, "a reconciler ended early");
                        busy.clear();
                        looks.abort_all();
                    }
                },
                () = tokio::time::sleep_until(next) => {}
                () = self.0.reconcile.notified() => due.clear(),
            }
        }
    }

    /// One look at all lanes of a connection; answers whether there is more to look at soon.
    async fn look(&self, at: &At, plan: &Plan) -> bool {
        let Some(connection) = self.0.connections.get(&at.0, &at.1) else {
            return false;
        };
        let Client::TheHive(client) = &connection.client else {
            return false;
        };
        if connection.is_left_alone() {
            // Soon after the window: what was closed meanwhile is waited for.
            return true;
        }
        let mut more = false;
        for lane in &plan.lanes {
            match self.look_at(at, client, *lane, plan).await {
                Ok(left) => more |= left,
                Err((watermark, error)) => {
                    let problem = Some(connection.redactor.clean(&error));
                    tracing::warn!(tenant.id = %at.0, connection = %at.1, lane = lane.name(), problem, "TheHive cannot be compared with what is known");
                    self.mark(at, *lane, watermark, problem).await;
                }
            }
        }
        more
    }

    /// One look at a lane. The error comes with how far it got.
    async fn look_at(
        &self,
        at: &At,
        client: &client::Client,
        lane: Lane,
        plan: &Plan,
    ) -> Result<bool, (Timestamp, String)> {
        let go_live = plan.go_live;
        let head_start = u64::try_from(HEAD_START.min(plan.period).as_millis()).unwrap_or(u64::MAX);
        let until = self.0.clock.now().saturating_sub(head_start);
        let marks = self.0.store.marks(&at.0, &at.1).await;
        let marks = marks.map_err(|error| (go_live, error.to_string()))?;
        let known = marks.into_iter().find(|mark| mark.lane == lane.name());
        let mut watermark = known.map_or(go_live, |mark| mark.watermark).max(go_live);
        let (mut from, mut seen, mut pages) = (watermark.saturating_sub(OVERLAP_MS).max(go_live), 0, 0);
        let floor = from.saturating_sub(LOOK_BACK_MS).max(go_live);
        'pages: while pages < PAGES {
            let page = client.changes(lane.object, lane.since, from, seen).await;
            let page = page.map_err(|error| (watermark, format!("{error:?}")))?;
            for row in &page.rows {
                // A row that cannot be understood must not hold up all others.
                let Some(found) = finding(lane.object, row) else {
                    continue;
                };
                let moment = match lane.since {
                    Since::Created => found.created_at,
                    Since::Changed { .. } => found.updated_at,
                };
                if moment > until {
                    break 'pages;
                }
                self.compare(at, lane, &found, floor)
                    .await
                    .map_err(|error| (watermark, error))?;
                seen = if moment == from { seen.saturating_add(1) } else { 1 };
                from = moment;
                watermark = watermark.max(moment);
            }
            if !page.more {
                break;
            }
            pages = pages.saturating_add(1);
        }
        self.mark(at, lane, watermark, None).await;
        Ok(pages == PAGES)
    }

    async fn mark(&self, at: &At, lane: Lane, watermark: Timestamp, problem: Option<String>) {
        let mark = Mark {
            lane: lane.name(),
            watermark,
            looked_at: self.0.clock.now(),
            problem,
        };
        match self.0.store.set_mark(&at.0, &at.1, mark).await {
            Ok(()) => self.0.news.tell(&at.0),
            Err(error) => {
                tracing::error!(tenant.id = %at.0, connection = %at.1, %error, "the reconciler's place cannot be recorded; it looks there again");
            }
        }
    }

    /// Records what a row tells and nobody knows.
    async fn compare(&self, at: &At, lane: Lane, found: &Finding, floor: Timestamp) -> Result<(), String> {
        let told = self.0.store.told(&at.0, &at.1, found.object, &found.id).await;
        let told = told.map_err(|error| error.to_string())?;
        let Some(action) = missing(lane, found, &told, floor) else {
            return Ok(());
        };
        let (event, key) = found.event(at.1.as_str(), action);
        if event.moment.is_none_or(|(moment, _)| moment < floor) {
            return Ok(());
        }
        let recorded = async {
            let delivery = self.delivery(&at.0, &at.1, event, key, None, self.0.clock.now())?;
            self.record(delivery).await
        };
        match recorded.await {
            Ok(_) => Ok(()),
            // It would be too large the next time as well.
            Err(Refusal::TooLarge) => Ok(()),
            Err(Refusal::Store(error)) => Err(error.to_string()),
            Err(Refusal::Full) => Err("too many events wait; what was found is looked for again".to_owned()),
            Err(other) => Err(format!("{other:?}")),
        }
    }
}

/// What a row tells that is not known. Nothing that happened before `floor` counts: never before the go-live point.
fn missing(lane: Lane, found: &Finding, told: &[Told], floor: Timestamp) -> Option<Action> {
    if lane.since == Since::Created {
        let known = told.iter().any(|told| told.action == Action::Created);
        return (!known).then_some(Action::Created);
    }
    let last = told.iter().find(|told| told.action != Action::Created);
    let last_is_closed = last.is_some_and(|told| told.action == Action::Closed);
    if !found.closed {
        // An import ends an alert in another way than by opening it again.
        return (lane.reopened && last_is_closed && !found.imported).then_some(Action::Reopened);
    }
    let known = match found.closed_at {
        Some(at) => told
            .iter()
            .any(|told| told.action == Action::Closed && told.moment.saturating_add(SAME_CLOSURE) >= at),
        // 3 and 4 do not say when: what was closed and not opened again is still closed.
        None => last_is_closed,
    };
    // ... and an alert that they say nothing more of than that it is closed may have been so for long.
    let surely_after = match found.dated {
        Some(at) => at >= floor,
        None => found.created_at >= floor || last.is_some(),
    };
    (!known && surely_after).then_some(Action::Closed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const FLOOR: Timestamp = 1_000_000;

    fn lane(object: Object, reopened: bool) -> Lane {
        Lane {
            object,
            since: Since::Changed { closed: !reopened },
            reopened,
        }
    }

    /// A case or alert of 5 or 4 with these members.
    fn found(object: Object, row: &Value) -> Finding {
        finding(object, row.as_object().unwrap()).unwrap()
    }

    fn told(events: &[(Action, Timestamp)]) -> Vec<Told> {
        events.iter().map(|&(action, moment)| Told { action, moment }).collect()
    }

    #[test]
    fn d22_a_closure_is_missing_if_nothing_is_known_of_it_and_it_is_not_from_before() {
        let closed = |at: u64| {
            let row = json!({
                "_id": "~1", "_createdAt": 1, "_updatedAt": 9_000_000, "stage": "Closed", "status": "Other", "closedDate": at,
            });
            found(Object::Case, &row)
        };
        let case = lane(Object::Case, false);
        for (at, known, expected) in [
            (2_000_000, vec![], Some(Action::Closed)),
            (FLOOR - 1, vec![], None),
            (2_000_000, vec![(Action::Closed, 2_000_000)], None),
            (2_000_000, vec![(Action::Closed, 1_998_500)], None),
            (
                2_000_000,
                vec![(Action::Reopened, 1_500_000), (Action::Closed, 1_200_000)],
                Some(Action::Closed),
            ),
            (2_000_000, vec![(Action::Created, 1)], Some(Action::Closed)),
        ] {
            assert_eq!(
                missing(case, &closed(at), &told(&known), FLOOR),
                expected,
                "{at} {known:?}"
            );
        }
    }

    #[test]
    fn an_alert_of_4_that_does_not_say_when_it_was_read_is_found_only_if_it_surely_was_lately() {
        let read = |created: u64| {
            let row = json!({ "id": "~1", "createdAt": created, "updatedAt": 9_000_000, "status": "Ignored" });
            found(Object::Alert, &row)
        };
        let alert = lane(Object::Alert, false);
        for (created, known, expected) in [
            (FLOOR, vec![], Some(Action::Closed)),
            (FLOOR - 1, vec![], None),
            (FLOOR - 1, vec![(Action::Reopened, 1_500_000)], Some(Action::Closed)),
            (FLOOR, vec![(Action::Closed, 1_200_000)], None),
        ] {
            assert_eq!(
                missing(alert, &read(created), &told(&known), FLOOR),
                expected,
                "{created} {known:?}"
            );
        }
    }

    #[test]
    fn a_reopening_is_missing_only_after_a_closure_that_is_known_and_never_of_an_import() {
        let open = |stage: &str| {
            let row = json!({ "_id": "~1", "_createdAt": 1, "_updatedAt": 9_000_000, "stage": stage, "status": stage });
            found(Object::Alert, &row)
        };
        let (closed, reopened) = ((Action::Closed, 2_000_000), (Action::Reopened, 3_000_000));
        for (stage, wanted, known, expected) in [
            ("InProgress", true, vec![closed], Some(Action::Reopened)),
            ("InProgress", false, vec![closed], None),
            ("InProgress", true, vec![reopened, closed], None),
            ("InProgress", true, vec![], None),
            ("Imported", true, vec![closed], None),
        ] {
            let lane = lane(Object::Alert, wanted);
            assert_eq!(
                missing(lane, &open(stage), &told(&known), FLOOR),
                expected,
                "{stage} {known:?}"
            );
        }
    }
}
