//! When is a read repeated, and after which pause? Capped, jittered, inside one budget (threat row 67).

use std::future::Future;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use super::answer::Answered;
use super::fault::Fault;

/// Shortest and longest pause of our own choosing.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Longest pause that a target can ask for: "in ten years" means "soon, please" here.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// All tries and pauses of one read together, in request deadlines.
const BUDGET_DEADLINES: u32 = 3;

/// How long a target that asks for patience wants to be left alone; none: it did not say, or not understandably.
pub(crate) fn retry_after(headers: &HeaderMap, now: Duration) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(moment.saturating_sub(now))
}

/// Repeats `attempt` until it succeeds, is not worth repeating, or the budget is used up. `attempt` gets the time that is left.
pub(super) async fn read<F, A, T>(
    retries: u32,
    deadline: Duration,
    now: fn() -> Duration,
    mut attempt: F,
) -> Result<T, Fault>
where
    F: FnMut(Duration) -> A,
    A: Future<Output = Result<T, Fault>>,
    T: Answered,
{
    let (start, budget) = (Instant::now(), deadline.saturating_mul(BUDGET_DEADLINES));
    let mut crashed = false;
    for n in 0..=retries {
        let left = budget.saturating_sub(start.elapsed());
        let result = attempt(left.min(deadline)).await;
        let asked = match &result {
            Err(fault) if fault.is_transient() => None,
            Err(_) => return result,
            Ok(answer) => match answer.status() {
                429 | 503 => retry_after(answer.headers(), now()),
                502 | 504 => None,
                // A 500 may be a hiccup once; twice, it is an answer (contracts/thehive.md section 4).
                500 if !std::mem::replace(&mut crashed, true) => None,
                _ => return result,
            },
        };
        let pause = asked.map_or_else(|| jittered(n), |asked| asked.min(LONGEST_RETRY_AFTER));
        if n == retries || pause >= budget.saturating_sub(start.elapsed()) {
            return result;
        }
        tokio::time::sleep(pause).await;
    }
    Err(Fault::Late(deadline))
}

/// Half of the pause is fixed and half by chance, so that the runs of a node do not come back together.
fn jittered(n: u32) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << n.min(10)).min(LONGEST_PAUSE);
    whole.mul_f64(rand::random_range(0.5..=1.0))
}
