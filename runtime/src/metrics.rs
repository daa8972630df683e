//! What does `/metrics` count?

use std::sync::Arc;

use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use synapse_domain::clock::Timestamp;
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
    webhook_received: IntGaugeVec,
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
            webhook_received: IntGaugeVec::new(
                Opts::new(
                    "synapse_webhook_last_received_seconds",
                    "When a connection's last webhook came, seconds since 1970.",
                ),
                &["tenant", "connection"],
            )?,
            registry,
        };
        inner.registry.register(Box::new(inner.started.clone()))?;
        inner.registry.register(Box::new(inner.ended.clone()))?;
        inner.registry.register(Box::new(inner.given_back.clone()))?;
        inner.registry.register(Box::new(inner.running.clone()))?;
        inner.registry.register(Box::new(inner.seconds.clone()))?;
        inner.registry.register(Box::new(inner.requests.clone()))?;
        inner.registry.register(Box::new(inner.webhooks.clone()))?;
        inner.registry.register(Box::new(inner.webhook_received.clone()))?;
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

    /// A webhook came through a connection. Both names are the configuration's.
    pub fn webhook_received(&self, tenant: &str, connection: &str, now: Timestamp) {
        let seconds = i64::try_from(now / 1_000).unwrap_or(i64::MAX);
        self.0
            .webhook_received
            .with_label_values(&[tenant, connection])
            .set(seconds);
    }

    /// The text that Prometheus reads. `paused`: pauses that people ordered, and maintenance windows that are open.
    pub fn text(&self, store: &StoreCounters, paused: [u64; 2]) -> String {
        let mut text = Vec::new();
        if TextEncoder::new().encode(&self.0.registry.gather(), &mut text).is_err() {
            return String::new();
        }
        let mut text = String::from_utf8(text).unwrap_or_default();
        let mut line = |name: &str, kind: &str, labels: &str, value: u64| {
            text.push_str(&format!("# TYPE {name} {kind}\n{name}{labels} {value}\n"));
        };
        line("synapse_store_commits_total", "counter", "", store.commits);
        line("synapse_store_requests_total", "counter", "", store.requests);
        line("synapse_paused", "gauge", "", paused[0]);
        line("synapse_maintenance_windows_open", "gauge", "", paused[1]);
        for (state, count) in &store.runs {
            line("synapse_runs", "gauge", &format!("{{state=\"{state}\"}}"), *count);
        }
        text
    }
}
