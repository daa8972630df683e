//! What happened in this simulator so far? The effects log, the request log and the clock.

use super::{fault::Faults, hold::Holds, recording::Recording};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

/// Requests kept; older ones are dropped and counted, so that a long benchmark cannot fill the memory.
const MAX_REQUESTS: usize = 200_000;
/// Effects kept. Tests compare whole logs, so this is far above what any test does; dropped ones are counted.
const MAX_EFFECTS: usize = 1_000_000;

/// One accepted state change.
#[derive(Clone, Debug, Serialize)]
pub struct Effect {
    /// Position in the log, from 1.
    pub seq: u64,
    /// Simulator time in milliseconds since the epoch.
    pub time: i64,
    /// HTTP method of the request that did it.
    pub method: String,
    /// Path (and query, where it matters) of that request.
    pub path: String,
    /// The body as the product understood it.
    pub body: Value,
    /// The idempotency marker found in the body, if any.
    pub marker: Option<String>,
    /// The id of the object created or changed, if it has one.
    pub id: Option<String>,
    /// What was created or changed, in the product's own words, as it is afterwards; empty where the product tells no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
}

/// One request to the product (not to `/_sim`). Header values are never kept, except the two that carry no secret.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Position in the log, from 1.
    pub seq: u64,
    /// Simulator time at arrival in milliseconds since the epoch.
    pub time: i64,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Status answered; null while in flight, after a dropped connection, or when the client went away first.
    pub status: Option<u16>,
    /// Header names, lower case.
    pub headers: Vec<String>,
    /// Value of `X-Organisation` (TheHive).
    pub organisation: Option<String>,
    /// Value of `Version` (QRadar).
    pub version: Option<String>,
    /// The SOAP operation (Exchange), without its prefix.
    pub operation: Option<String>,
    /// Bytes of the request body.
    pub body_bytes: u64,
    /// Id of the fault that was applied, if any.
    pub fault: Option<u64>,
}

/// A bounded log whose entries are addressed by sequence number.
struct Log<T> {
    entries: VecDeque<T>,
    next_seq: u64,
    dropped: u64,
    limit: usize,
}

impl<T: Clone> Log<T> {
    fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            next_seq: 1,
            dropped: 0,
            limit,
        }
    }

    fn push(&mut self, make: impl FnOnce(u64) -> T) -> u64 {
        if self.entries.len() >= self.limit {
            self.entries.pop_front();
            self.dropped += 1;
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        self.entries.push_back(make(seq));
        seq
    }

    fn get_mut(&mut self, seq: u64) -> Option<&mut T> {
        let index = seq.checked_sub(self.dropped + 1)?;
        self.entries.get_mut(usize::try_from(index).ok()?)
    }

    fn since(&self, seq: u64) -> Vec<T> {
        let skip = usize::try_from(seq.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skip).cloned().collect()
    }
}

struct Inner {
    name: &'static str,
    effects: Mutex<Log<Effect>>,
    requests: Mutex<Log<Request>>,
    in_flight: AtomicUsize,
    in_flight_max: AtomicUsize,
    clock_offset_ms: AtomicI64,
    faults: Faults,
    holds: Holds,
    recording: Recording,
}

/// The handle to one simulator's logs, faults and clock. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

impl Control {
    /// A fresh control for the product `name` (shown by the control API).
    pub fn new(name: &'static str) -> Self {
        Self(Arc::new(Inner {
            name,
            effects: Mutex::new(Log::new(MAX_EFFECTS)),
            requests: Mutex::new(Log::new(MAX_REQUESTS)),
            in_flight: AtomicUsize::new(0),
            in_flight_max: AtomicUsize::new(0),
            clock_offset_ms: AtomicI64::new(0),
            faults: Faults::default(),
            holds: Holds::default(),
            recording: Recording::default(),
        }))
    }

    /// The product this control belongs to.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The simulator's time in milliseconds since the epoch: the real time plus the offset set by the test.
    pub fn now_ms(&self) -> i64 {
        real_now_ms() + self.0.clock_offset_ms.load(Ordering::Relaxed)
    }

    /// Moves the simulator's clock relative to the real one.
    pub fn set_clock_offset_ms(&self, offset: i64) {
        self.0.clock_offset_ms.store(offset, Ordering::Relaxed);
    }

    /// Records one accepted state change. `marker`: whatever idempotency marker the simulator found in the body (a tag
    /// `synapse:...`, a custom field, an INTO name), else `None`; `id`: the object created or changed.
    pub fn effect(&self, method: &str, path: &str, body: Value, marker: Option<String>, id: Option<String>) {
        self.effect_on(method, path, body, marker, id, Vec::new());
    }

    /// The same with what was created or changed.
    pub fn effect_on(
        &self,
        method: &str,
        path: &str,
        body: Value,
        marker: Option<String>,
        id: Option<String>,
        objects: Vec<Value>,
    ) {
        let (time, method, path) = (self.now_ms(), method.to_owned(), path.to_owned());
        lock(&self.0.effects).push(|seq| Effect {
            seq,
            time,
            method,
            path,
            body,
            marker,
            id,
            objects,
        });
    }

    /// The effects with a sequence number above `since` (0 = all that are kept).
    pub fn effects(&self, since: u64) -> Vec<Effect> {
        lock(&self.0.effects).since(since)
    }

    /// The requests with a sequence number above `since` (0 = all that are kept).
    pub fn requests(&self, since: u64) -> Vec<Request> {
        lock(&self.0.requests).since(since)
    }

    /// How many requests the request log has dropped, and how many effects the effects log has.
    pub fn dropped(&self) -> (u64, u64) {
        (lock(&self.0.requests).dropped, lock(&self.0.effects).dropped)
    }

    /// The highest number of product requests that were being answered at the same time.
    pub fn in_flight_max(&self) -> usize {
        self.0.in_flight_max.load(Ordering::Relaxed)
    }

    /// The faults of this simulator.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.0.recording
    }

    pub(super) fn holds(&self) -> &Holds {
        &self.0.holds
    }

    /// Everything but the product's state back to the start.
    pub fn reset(&self) {
        *lock(&self.0.effects) = Log::new(MAX_EFFECTS);
        *lock(&self.0.requests) = Log::new(MAX_REQUESTS);
        self.0
            .in_flight_max
            .store(self.0.in_flight.load(Ordering::Relaxed), Ordering::Relaxed);
        self.0.clock_offset_ms.store(0, Ordering::Relaxed);
        self.0.faults.clear();
        self.0.holds.release_all();
    }

    /// Records an arriving request and counts it as in flight until the guard is dropped.
    pub(super) fn arrive(&self, make: impl FnOnce(u64) -> Request) -> InFlight {
        let now = self.0.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.in_flight_max.fetch_max(now, Ordering::Relaxed);
        let seq = lock(&self.0.requests).push(make);
        InFlight {
            control: self.clone(),
            seq,
        }
    }
}

/// A request being answered; dropping it (also when the client goes away) ends the in-flight count.
pub(super) struct InFlight {
    control: Control,
    seq: u64,
}

impl InFlight {
    /// Notes the status that was answered.
    pub(super) fn answered(&self, status: u16) {
        if let Some(request) = lock(&self.control.0.requests).get_mut(self.seq) {
            request.status = Some(status);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.control.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A poisoned lock only means that another test request panicked; the data is still a log.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is an outside system: it has its own clock"
)]
fn real_now_ms() -> i64 {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
