//! How shall the simulator misbehave? Faults: which requests they match, what they do, how often they fired.

use super::log::lock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};

/// Which requests a fault applies to; all given parts must match.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// HTTP method, any case.
    pub method: Option<String>,
    /// Against path and query: a substring, or a glob over the whole of it if it contains `*`.
    pub path: Option<String>,
    /// A substring of the request body; of a body over 1 MiB only its first MiB is looked at.
    pub body: Option<String>,
    /// The first `skip` matching requests pass untouched.
    #[serde(default)]
    pub skip: u64,
}

/// A lie about the outcome.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// Performed, then answered with `status` (default 500) as if it had failed.
    DidIt,
    /// Answered with a 2xx without performing.
    DidNothing,
}

/// What a fault does. Parts combine: the request is performed (or not), then delayed, then held, then answered.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Answer this status without performing; with a lie see there.
    pub status: Option<u16>,
    /// JSON body of the answer; without `lie: did_it` the request is not performed.
    pub body: Option<Value>,
    /// Body of the answer exactly as given (broken JSON, HTML); otherwise like `body`.
    pub raw_body: Option<String>,
    /// Headers set on the answer, own or real.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Wait this long after performing and before answering.
    pub delay_ms: Option<u64>,
    /// Reset the connection (RST) after this many bytes of the answer, header included.
    pub reset_after_bytes: Option<u64>,
    /// Answer the opposite of what happened.
    pub lie: Option<Lie>,
    /// Perform, then close the connection without a byte. With `lie: did_nothing` it is not even performed.
    #[serde(default)]
    pub drop_response: bool,
    /// Perform, then wait until this name is released.
    pub hold: Option<String>,
}

impl Action {
    /// Whether the product sees the request.
    pub fn performs(&self) -> bool {
        match self.lie {
            Some(Lie::DidIt) => true,
            Some(Lie::DidNothing) => false,
            None => !self.replaces(),
        }
    }

    /// Whether the answer is the fault's own rather than the product's.
    pub fn replaces(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.raw_body.is_some() || self.lie.is_some()
    }
}

/// One fault as posted to `/_sim/faults`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Which requests; default all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What happens to them.
    pub action: Action,
    /// How many requests it applies to; -1 = until removed.
    #[serde(default = "once")]
    pub count: i64,
}

fn once() -> i64 {
    1
}

/// One fault and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// Number given at adding, from 1.
    pub id: u64,
    /// The fault as posted.
    #[serde(flatten)]
    pub spec: Spec,
    /// How many requests matched, the skipped ones included.
    pub matched: u64,
    /// How many requests it was applied to.
    pub fired: u64,
}

/// The faults of one simulator, tried in the order they were added; the first that applies wins.
#[derive(Default)]
pub struct Faults(Mutex<Vec<State>>);

impl Faults {
    /// Adds one fault and answers its id. Errors: a count of 0 or below -1, a status out of range, an empty action.
    pub fn add(&self, spec: Spec) -> Result<u64, String> {
        check(&spec)?;
        let mut faults = lock(&self.0);
        if faults.len() >= MAX_FAULTS {
            return Err(format!(
                "more than {MAX_FAULTS} faults: remove some with DELETE /_sim/faults"
            ));
        }
        let id = faults.last().map_or(1, |last| last.id + 1);
        faults.push(State {
            id,
            spec,
            matched: 0,
            fired: 0,
        });
        Ok(id)
    }

    /// All faults with their counters.
    pub fn list(&self) -> Vec<State> {
        lock(&self.0).clone()
    }

    /// Removes all faults.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The action for this request, if a fault applies to it, with the fault's id.
    pub fn fire(&self, method: &str, path: &str, body: &[u8]) -> Option<(u64, Action)> {
        let mut faults = lock(&self.0);
        for fault in faults.iter_mut() {
            let spent = fault.spec.count >= 0 && fault.fired >= fault.spec.count.unsigned_abs();
            if spent || !applies(&fault.spec.matches, method, path, body) {
                continue;
            }
            fault.matched += 1;
            if fault.matched > fault.spec.matches.skip {
                fault.fired += 1;
                return Some((fault.id, fault.spec.action.clone()));
            }
        }
        None
    }
}

/// Faults at one time; a test needs a handful.
const MAX_FAULTS: usize = 1000;

fn check(spec: &Spec) -> Result<(), String> {
    let action = &spec.action;
    if spec.count == 0 || spec.count < -1 {
        return Err(format!(
            "count {}: use 1 or more, or -1 for `until removed`",
            spec.count
        ));
    }
    if let Some(status) = action.status.filter(|status| !(200..=599).contains(status)) {
        return Err(format!("status {status}: use 200 to 599"));
    }
    if action.lie == Some(Lie::DidNothing) && action.status.is_some_and(|status| status >= 300) {
        return Err("lie did_nothing answers a 2xx: for another status leave `lie` out".to_owned());
    }
    for (name, value) in &action.headers {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() || http::HeaderValue::from_str(value).is_err() {
            return Err(format!("header {name:?}: not a valid name or value"));
        }
    }
    let acts = action.replaces()
        || action.drop_response
        || action.delay_ms.is_some()
        || action.reset_after_bytes.is_some()
        || action.hold.is_some()
        || !action.headers.is_empty();
    acts.then_some(())
        .ok_or_else(|| "the action is empty: give status, body, delay_ms, lie, hold, ...".to_owned())
}

fn applies(wanted: &Match, method: &str, path: &str, body: &[u8]) -> bool {
    wanted
        .method
        .as_deref()
        .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
        && wanted.path.as_deref().is_none_or(|wanted| path_matches(wanted, path))
        && wanted
            .body
            .as_deref()
            .is_none_or(|wanted| contains(body, wanted.as_bytes()))
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}

fn path_matches(wanted: &str, path: &str) -> bool {
    let mut pieces = wanted.split('*');
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<&str> = pieces.collect();
    let Some((last, middle)) = rest.split_last() else {
        return path.contains(wanted);
    };
    let Some(mut path) = path.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        let Some((_, after)) = path.split_once(piece) else {
            return false;
        };
        path = after;
    }
    path.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_star_is_a_substring_and_with_star_a_glob_over_the_whole() {
        assert!(path_matches("/alert", "/api/v1/alert/~1"));
        assert!(path_matches("/api/*/alert", "/api/v1/alert"));
        assert!(!path_matches("/api/*/alert", "/api/v1/alert/~1"));
        assert!(path_matches("*/alert/*", "/api/v1/alert/~1"));
        assert!(!path_matches("a*a", "a"));
    }

    #[test]
    fn skip_and_count_bound_which_requests_a_fault_hits() {
        let faults = Faults::default();
        let spec = serde_json::json!({"match": {"method": "post", "skip": 1}, "action": {"status": 503}, "count": 2});
        faults.add(serde_json::from_value(spec).unwrap()).unwrap();
        let hits: Vec<bool> = (0..5).map(|_| faults.fire("POST", "/x", b"").is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert!(faults.fire("GET", "/x", b"").is_none());
        assert_eq!(faults.list()[0].fired, 2);
    }

    #[test]
    fn a_fault_that_would_do_nothing_is_refused() {
        let faults = Faults::default();
        let empty = serde_json::from_value(serde_json::json!({"action": {}})).unwrap();
        assert!(faults.add(empty).unwrap_err().contains("empty"));
        assert!(serde_json::from_value::<Spec>(serde_json::json!({"action": {"stauts": 500}})).is_err());
    }
}
