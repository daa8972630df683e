//! Who is registered, what is on its way, and what became of it?

use super::{
    endpoint::{Endpoint, Knobs},
    worker,
};
use crate::{control::Control, thehive::audit::Event};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    sync::{Notify, mpsc},
    task::AbortHandle,
};

/// Endpoints of one server.
const MAX_ENDPOINTS: usize = 64;
/// Events kept for one endpoint, and events on their way to it; more are lost and counted.
const MAX_QUEUED: usize = 200_000;
/// Deliveries kept for tests to look at; older ones are dropped and counted.
const MAX_DELIVERIES: usize = 20_000;

/// One event for one endpoint, as often as its knob says.
pub struct Parcel {
    pub event: Arc<Event>,
    pub copies: u64,
}

/// One `POST` that ended.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Position in the log, from 1.
    pub seq: u64,
    /// The endpoint's id.
    pub endpoint: u64,
    /// The status of the answer; null without one.
    pub status: Option<u16>,
    /// Why there is no answer.
    pub error: Option<String>,
    /// What was posted.
    pub payload: Value,
}

/// Everything about the webhooks of one server.
pub struct Hub {
    control: Control,
    /// Endpoints, kept beside the lock so that a request without listeners pays nothing.
    heard: AtomicU64,
    requests: AtomicU64,
    inner: Mutex<Inner>,
    news: Notify,
}

#[derive(Default)]
struct Inner {
    endpoints: BTreeMap<u64, Registered>,
    next_id: u64,
    deliveries: VecDeque<Delivery>,
    next_seq: u64,
    dropped: u64,
}

impl Inner {
    /// How many events are on their way.
    fn queued(&self) -> u64 {
        self.endpoints.values().map(|one| one.queued).sum()
    }
}

struct Registered {
    endpoint: Endpoint,
    parcels: mpsc::UnboundedSender<Parcel>,
    worker: AbortHandle,
    /// What waits while paused.
    kept: Vec<Arc<Event>>,
    /// What was handed to the worker and is not yet done.
    queued: u64,
    sent: u64,
    lost: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Hub {
    /// Without endpoints.
    pub fn new(control: Control) -> Self {
        Self {
            control,
            heard: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            inner: Mutex::default(),
            news: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.heard.load(Ordering::Acquire) > 0
    }

    /// A number for the next request that changed something.
    pub fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Registers an endpoint and answers its id. Errors: what [`Endpoint::check`] finds, too many.
    pub fn add(self: &Arc<Self>, endpoint: Endpoint) -> Result<u64, String> {
        endpoint.check()?;
        let mut inner = self.lock();
        if inner.endpoints.len() >= MAX_ENDPOINTS {
            return Err(format!("more than {MAX_ENDPOINTS} endpoints"));
        }
        inner.next_id += 1;
        let id = inner.next_id;
        let (parcels, inbox) = mpsc::unbounded_channel();
        let worker = tokio::spawn(worker::run(Arc::clone(self), id, endpoint.clone(), inbox));
        inner.endpoints.insert(
            id,
            Registered {
                endpoint,
                parcels,
                worker: worker.abort_handle(),
                kept: Vec::new(),
                queued: 0,
                sent: 0,
                lost: 0,
            },
        );
        self.heard.fetch_add(1, Ordering::Release);
        Ok(id)
    }

    /// Changes the knobs of an endpoint. No longer paused: what was kept is sent.
    pub fn turn(&self, id: u64, knobs: Knobs) -> Result<(), String> {
        let mut inner = self.lock();
        let one = inner.endpoints.get_mut(&id).ok_or("no such endpoint")?;
        one.endpoint.knobs.set(knobs)?;
        let kept = match one.endpoint.knobs.paused {
            Some(true) => Vec::new(),
            _ => std::mem::take(&mut one.kept),
        };
        one.send(kept);
        Ok(())
    }

    /// Forgets an endpoint and what is on its way to it.
    pub fn remove(&self, id: u64) -> bool {
        let removed = self.lock().endpoints.remove(&id).is_some();
        self.recount();
        removed
    }

    /// Forgets all endpoints and deliveries.
    pub fn clear(&self) {
        let mut inner = self.lock();
        let next_id = inner.next_id;
        *inner = Inner {
            next_id,
            ..Inner::default()
        };
        drop(inner);
        self.recount();
    }

    fn recount(&self) {
        let count = u64::try_from(self.lock().endpoints.len()).unwrap_or(u64::MAX);
        self.heard.store(count, Ordering::Release);
        self.news.notify_waiters();
    }

    /// Hands the events of one request to the endpoints.
    pub fn publish(&self, events: Vec<Event>) {
        let events: Vec<Arc<Event>> = events.into_iter().map(Arc::new).collect();
        let mut inner = self.lock();
        for one in inner.endpoints.values_mut() {
            let wanted = one.endpoint.organisation.as_ref();
            let wanted = |event: &&Arc<Event>| wanted.is_none_or(|name| *name == event.organisation.1);
            let mut batch: Vec<Arc<Event>> = Vec::new();
            for event in events.iter().filter(wanted) {
                let full = one.kept.len() + batch.len() >= MAX_QUEUED || one.queued >= MAX_QUEUED as u64;
                if full || one.endpoint.knobs.loses() {
                    one.lost += 1;
                } else {
                    batch.push(Arc::clone(event));
                }
            }
            if one.endpoint.knobs.paused == Some(true) {
                one.kept.append(&mut batch);
            } else {
                one.send(batch);
            }
        }
    }

    /// Notes a `POST` that ended.
    pub(super) fn delivered(&self, endpoint: u64, answer: Result<u16, String>, payload: Value) {
        let mut inner = self.lock();
        if inner.deliveries.len() >= MAX_DELIVERIES {
            inner.deliveries.pop_front();
            inner.dropped += 1;
        }
        inner.next_seq += 1;
        let seq = inner.next_seq;
        let (status, error) = match answer {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        inner.deliveries.push_back(Delivery {
            seq,
            endpoint,
            status,
            error,
            payload,
        });
        drop(inner);
        self.news.notify_waiters();
    }

    /// Notes that a parcel of an endpoint is done.
    pub(super) fn done(&self, endpoint: u64) {
        if let Some(one) = self.lock().endpoints.get_mut(&endpoint) {
            one.queued = one.queued.saturating_sub(1);
        }
        self.news.notify_waiters();
    }

    /// The simulator's time.
    pub(super) fn now_ms(&self) -> i64 {
        self.control.now_ms()
    }

    /// The endpoints as the control API shows them.
    pub fn show(&self) -> Value {
        let inner = self.lock();
        let shown = inner.endpoints.iter().map(|(id, one)| {
            let mut shown = one.endpoint.shown();
            shown["id"] = json!(id);
            shown["sent"] = json!(one.sent);
            shown["lost"] = json!(one.lost);
            shown["kept"] = json!(one.kept.len());
            shown
        });
        shown.collect()
    }

    /// The deliveries after `since`; see [`super`] for when this answers.
    pub async fn deliveries(&self, since: u64, idle: bool) -> Value {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // Enabled before looking, so that nothing is missed in between.
            news.as_mut().enable();
            let (ready, answer) = self.look(since, idle);
            if ready {
                return answer;
            }
            news.await;
        }
    }

    /// The deliveries after `since` as they are now, and whether they are what is waited for.
    pub fn look(&self, since: u64, idle: bool) -> (bool, Value) {
        let inner = self.lock();
        let new: Vec<&Delivery> = inner.deliveries.iter().filter(|one| one.seq > since).collect();
        let queued = inner.queued();
        let ready = if idle { queued == 0 } else { !new.is_empty() };
        let answer = json!({"queued": queued, "dropped": inner.dropped, "deliveries": new});
        (ready, answer)
    }
}

impl Registered {
    /// Hands events to the worker.
    fn send(&mut self, mut events: Vec<Arc<Event>>) {
        if self.endpoint.knobs.reorder == Some(true) {
            events.reverse();
        }
        let copies = self.endpoint.knobs.duplicate.unwrap_or(1);
        for event in events {
            // A worker ends with its endpoint only.
            if self.parcels.send(Parcel { event, copies }).is_ok() {
                self.queued += 1;
                self.sent += 1;
            }
        }
    }
}
