//! How is a server loaded? Callers that each send the next request when the last one is answered, on one connection each.

use anyhow::{Context, Result, ensure};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::process;
use crate::http;

/// What is called.
#[derive(Clone)]
pub struct Target {
    /// Base URL.
    pub url: String,
    /// Path of the request.
    pub path: String,
    /// API key.
    pub key: Option<String>,
}

/// A load.
pub struct Load {
    /// What is called.
    pub target: Target,
    /// With which body; `@N@` in it is another number in each request.
    pub body: String,
    /// Whose CPU time is counted.
    pub process: u32,
}

/// Numbers of requests; no two of a process are equal.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// Where it stands in a body.
const PLACE: &str = "@N@";

/// What a load did.
#[derive(Default)]
pub struct Measured {
    latencies: Vec<Duration>,
    time: Duration,
    commits: f64,
    cpu_ms: f64,
}

impl Load {
    /// Sends requests from this many callers for this long.
    pub fn measure(&self, callers: usize, time: Duration) -> Result<Measured> {
        let (commits, cpu) = (self.commits()?, process::cpu_ms(self.process)?);
        let begin = Instant::now();
        let latencies = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..callers)
                .map(|_| scope.spawn(|| self.call_until(begin + time)))
                .collect();
            let mut all = Vec::new();
            for caller in callers {
                all.extend(caller.join().map_err(|_| anyhow::anyhow!("a caller panicked"))??);
            }
            anyhow::Ok(all)
        })?;
        Ok(Measured {
            latencies,
            time: begin.elapsed(),
            commits: self.commits()? - commits,
            cpu_ms: process::cpu_ms(self.process)? - cpu,
        })
    }

    fn call_until(&self, end: Instant) -> Result<Vec<Duration>> {
        let mut connection = http::Connection::open(&self.target.url)?;
        let bearer = self.target.key.as_ref().map(|key| format!("Bearer {key}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|value| ("authorization", value)));
        let mut latencies = Vec::new();
        let numbered = self.body.contains(PLACE);
        while Instant::now() < end {
            let replaced = numbered.then(|| {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
                self.body.replace(PLACE, &number)
            });
            let body = replaced.as_ref().unwrap_or(&self.body);
            let begin = Instant::now();
            let answer = connection.call("POST", &self.target.path, &headers, body.as_bytes())?;
            ensure!(
                answer.status == 200 || answer.status == 202,
                "{}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
            latencies.push(begin.elapsed());
        }
        Ok(latencies)
    }

    fn commits(&self) -> Result<f64> {
        self.metric("synapse_store_commits_total ")
    }

    /// A number of `/metrics`; `name` is the whole beginning of its line.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let metrics = http::call("GET", &format!("{}/metrics", self.target.url), &[], None)?;
        let text = String::from_utf8(metrics.body)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.with_context(|| format!("no `{name}` in /metrics"))?
            .trim()
            .parse()
            .with_context(|| name.to_owned())
    }
}

impl Measured {
    /// Takes another load's numbers in.
    pub fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
        self.time += other.time;
        self.commits += other.commits;
        self.cpu_ms += other.cpu_ms;
    }

    /// Requests a second.
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }

    /// A quantile of the latency.
    pub fn quantile_ms(&self, percent: usize) -> f64 {
        let at = self.latencies.len() * percent / 100;
        self.latencies
            .get(at)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }

    /// How many requests.
    pub fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// Durable commits for each request.
    pub fn commits_per_run(&self) -> f64 {
        self.commits / self.latencies.len() as f64
    }

    /// CPU time for each request.
    pub fn cpu_ms_per_run(&self) -> f64 {
        self.cpu_ms / self.latencies.len() as f64
    }
}
