//! What does `/metrics` count?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_domain::run::RunState;
use synapse_store::records::StoreCounters;

/// Counters of a node. Labels are never taken from guests or callers: their number is bounded.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    started: IntCounter,
    ended: IntCounterVec,
    given_back: IntCounter,
    running: IntGauge,
    seconds: HistogramVec,
    requests: IntCounterVec,
    webhooks: IntCounterVec,
    /// When each connection's last webhook came.
    webhooks_received: Mutex<BTreeMap<(TenantId, ConnectionName), Timestamp>>,
}

impl Metrics {
    /// Fresh counters.
    ///
    /// # Errors
    /// Two metrics have one name.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let inner = Inner {
            started: IntCounter::new("synapse_attempts_started_total", "Attempts started.")?,
            ended: IntCounterVec::new(
                Opts::new(
                    "synapse_attempts_ended_total",
                    "Attempts that gave their run a new state.",
                ),
                &["state", "code"],
            )?,
            given_back: IntCounter::new(
                "synapse_attempts_given_back_total",
                "Attempts that left their run to another one.",
            )?,
            running: IntGauge::new("synapse_attempts_running", "Attempts under way on this node.")?,
            seconds: HistogramVec::new(
                HistogramOpts::new("synapse_attempt_seconds", "Duration of attempts.")
                    .buckets(vec![0.001, 0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 900.0]),
                &["state"],
            )?,
            requests: IntCounterVec::new(
                Opts::new("synapse_http_requests_total", "HTTP requests answered."),
                &["method", "status"],
            )?,
            webhooks: IntCounterVec::new(
                Opts::new("synapse_webhooks_total", "Webhooks by what became of them."),
                &["outcome"],
            )?,
            webhooks_received: Mutex::default(),
            registry,
        };
        inner.registry.register(Box::new(inner.started.clone()))?;
        inner.registry.register(Box::new(inner.ended.clone()))?;
        inner.registry.register(Box::new(inner.given_back.clone()))?;
        inner.registry.register(Box::new(inner.running.clone()))?;
        inner.registry.register(Box::new(inner.seconds.clone()))?;
        inner.registry.register(Box::new(inner.requests.clone()))?;
        inner.registry.register(Box::new(inner.webhooks.clone()))?;
        Ok(Self(Arc::new(inner)))
    }

    /// An attempt starts.
    pub fn run_started(&self) {
        self.0.started.inc();
        self.0.running.inc();
    }

    /// An attempt gave its run a new state after this many milliseconds.
    pub fn run_ended(&self, state: RunState, code: &str, milliseconds: u64) {
        self.0.running.dec();
        self.0.ended.with_label_values(&[state.as_str(), code]).inc();
        let seconds = std::time::Duration::from_millis(milliseconds).as_secs_f64();
        self.0.seconds.with_label_values(&[state.as_str()]).observe(seconds);
    }

    /// An attempt left its run to another one.
    pub fn run_given_back(&self) {
        self.0.running.dec();
        self.0.given_back.inc();
    }

    /// A request was answered.
    pub fn request(&self, method: &str, status: u16) {
        self.0.requests.with_label_values(&[method, &status.to_string()]).inc();
    }

    /// A webhook was answered, or the reconciler found what one should have told.
    pub fn webhook(&self, outcome: &str) {
        self.0.webhooks.with_label_values(&[outcome]).inc();
    }

    /// A webhook came through a connection.
    pub fn webhook_received(&self, tenant: &TenantId, connection: &ConnectionName, now: Timestamp) {
        self.received().insert((tenant.clone(), connection.clone()), now);
    }

    /// When the last webhook of each connection came.
    pub fn webhooks_received(&self) -> BTreeMap<(TenantId, ConnectionName), Timestamp> {
        self.received().clone()
    }

    fn received(&self) -> MutexGuard<'_, BTreeMap<(TenantId, ConnectionName), Timestamp>> {
        self.0.webhooks_received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text that Prometheus reads. `paused`: pauses that people ordered, and maintenance windows that are open; `more`: what is
    /// known of others.
    pub fn text(&self, store: &StoreCounters, paused: [u64; 2], more: &[Family]) -> String {
        let mut text = Vec::new();
        if TextEncoder::new().encode(&self.0.registry.gather(), &mut text).is_err() {
            return String::new();
        }
        let mut text = String::from_utf8(text).unwrap_or_default();
        let one = |name, kind, value| Family::new(name, kind, [(Vec::new(), value)]);
        let runs = store
            .runs
            .iter()
            .map(|(state, count)| (vec![("state", state.to_string())], *count));
        let own = [
            one("synapse_store_commits_total", "counter", store.commits),
            one("synapse_store_requests_total", "counter", store.requests),
            one("synapse_paused", "gauge", paused[0]),
            one("synapse_maintenance_windows_open", "gauge", paused[1]),
            Family::new("synapse_runs", "gauge", runs),
        ];
        own.iter().chain(more).for_each(|family| family.write(&mut text));
        text
    }
}

/// Labels of a sample. Their values are names of the configuration and of deployments, which need no escaping.
pub type Labels = Vec<(&'static str, String)>;

/// A metric whose samples are known when somebody asks.
pub struct Family {
    name: &'static str,
    kind: &'static str,
    samples: Vec<(Labels, u64)>,
}

impl Family {
    /// `kind`: `counter` or `gauge`.
    pub fn new(name: &'static str, kind: &'static str, samples: impl IntoIterator<Item = (Labels, u64)>) -> Self {
        Self {
            name,
            kind,
            samples: samples.into_iter().collect(),
        }
    }

    fn write(&self, text: &mut String) {
        let Self { name, kind, samples } = self;
        if samples.is_empty() {
            return;
        }
        text.push_str(&format!("# TYPE {name} {kind}\n"));
        for (labels, value) in samples {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{value}\""))
                .collect();
            let labels = if labels.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", labels.join(","))
            };
            text.push_str(&format!("{name}{labels} {value}\n"));
        }
    }
}
