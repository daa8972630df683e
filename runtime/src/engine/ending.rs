//! In which state does a run end, given how its guest ended?

use serde::de::IgnoredAny;
use synapse_capabilities::bindings::synapse::workflow::types::Failure;
use synapse_capabilities::gate::{Gate, Stop};
use synapse_domain::clock::Timestamp;
use synapse_domain::limits;
use synapse_domain::run::RunState;
use synapse_sandbox::trap::Trap;
use synapse_store::records::{Problem, RunEnd};

/// How the guest ended.
pub enum Ending {
    /// It returned an answer.
    Answer(String),
    /// It returned a failure.
    Failure(Failure),
    /// The gate stopped it.
    Stop(Stop),
    /// It met a limit or trapped.
    Trap(Trap),
    /// The wall-clock limit of the attempt is over.
    Wall,
    /// The host's own task ended early (a panic): another attempt may succeed.
    Broken(String),
}

/// What to do with the run.
pub enum Then {
    /// Record this end.
    End(Box<RunEnd>),
    /// Give the run back: another attempt goes on.
    GiveBack(String),
}

/// Decides. `retries` counts the `retry-after` failures before this one.
pub fn decide(ending: Ending, gate: &Gate, retries: u32, fuel: Option<u64>, fingerprint: &str, now: Timestamp) -> Then {
    let end = |state, answer, problem| {
        let fingerprint = fingerprint.to_owned();
        Then::End(Box::new(RunEnd {
            state,
            answer,
            problem,
            fuel,
            fingerprint,
            wake: None,
            at: now,
        }))
    };
    let failed = |code: &str, message: String| end(RunState::Failed, None, Some(problem(code, message)));
    // A guest that fails before it has made every recorded call has diverged, too: what its journal leaves in doubt must not go unseen.
    if let (Ending::Failure(_), Err(stop)) = (&ending, gate.returned()) {
        return stopped(&stop, fuel, fingerprint, now);
    }
    match ending {
        Ending::Answer(answer) => match check(&answer, gate) {
            Ok(()) if gate.failed_items() == 0 => end(RunState::Succeeded, Some(answer), None),
            Ok(()) => {
                let message = format!("{} item(s) of the report failed", gate.failed_items());
                end(RunState::Partial, Some(answer), Some(problem("items-failed", message)))
            }
            Err(Unfit::Stop(stop)) => stopped(&stop, fuel, fingerprint, now),
            Err(Unfit::Problem(code, message)) => failed(code, message),
        },
        Ending::Failure(Failure::BadEvent(why)) => failed("bad-event", why),
        Ending::Failure(Failure::Failed(why)) => failed("failed", why),
        Ending::Failure(Failure::RetryAfter((wait_ms, why))) => match gate.retry_from() {
            _ if retries >= limits::RETRIES => failed("retries", format!("gave up after {retries} retries: {why}")),
            None => failed("retries", format!("asked for a retry with nothing to repeat: {why}")),
            Some(cut) => Then::End(Box::new(RunEnd {
                state: RunState::Waiting,
                answer: None,
                problem: Some(problem("retry-after", why)),
                fuel,
                fingerprint: fingerprint.to_owned(),
                wake: Some((now.saturating_add(wait_ms), Some(cut))),
                at: now,
            })),
        },
        Ending::Stop(stop) => stopped(&stop, fuel, fingerprint, now),
        Ending::Trap(Trap::Host(why)) => Then::GiveBack(why),
        Ending::Trap(trap) => failed(trap.code(), trap.to_string()),
        Ending::Wall => failed(
            "wall-limit",
            "the attempt took longer than its wall-clock limit".to_owned(),
        ),
        Ending::Broken(why) => Then::GiveBack(why),
    }
}

fn stopped(stop: &Stop, fuel: Option<u64>, fingerprint: &str, now: Timestamp) -> Then {
    let message = stop.to_string();
    let end = |state, problem, wake| {
        let fingerprint = fingerprint.to_owned();
        Then::End(Box::new(RunEnd {
            state,
            answer: None,
            problem,
            fuel,
            fingerprint,
            wake,
            at: now,
        }))
    };
    match stop {
        Stop::Cancelled => end(RunState::Cancelled, Some(problem("cancelled", message)), None),
        Stop::Draining | Stop::Lost(_) => Then::GiveBack(message),
        Stop::Diverged(divergence) => {
            let detail = serde_json::to_value(divergence).ok();
            end(
                RunState::Diverged,
                Some(Problem {
                    code: "diverged".to_owned(),
                    message,
                    detail,
                }),
                None,
            )
        }
        Stop::InDoubt(effects) => {
            let detail = serde_json::to_value(effects).ok();
            let message = format!("{message}: an operator has to say whether they happened (`synapse runs resolve`)");
            end(
                RunState::InDoubt,
                Some(Problem {
                    code: "in-doubt".to_owned(),
                    message,
                    detail,
                }),
                None,
            )
        }
        Stop::Suspend(wake) => {
            let message = "a target does not say whether an effect happened; it is asked again later".to_owned();
            end(
                RunState::Waiting,
                Some(problem("suspended", message)),
                Some((*wake, None)),
            )
        }
        // No problem: it is what the guest asked for.
        Stop::Sleep(moment) => end(RunState::Waiting, None, Some((*moment, None))),
        Stop::CallLimit => end(RunState::Failed, Some(problem("call-limit", message)), None),
        Stop::Damaged(_) => end(RunState::Failed, Some(problem("damaged", message)), None),
    }
}

/// Why an answer is none.
enum Unfit {
    Stop(Stop),
    Problem(&'static str, String),
}

fn check(answer: &str, gate: &Gate) -> Result<(), Unfit> {
    gate.returned().map_err(Unfit::Stop)?;
    if answer.len() > limits::RESULT_BYTES {
        let message = format!(
            "the answer has {} bytes; at most {} are allowed",
            answer.len(),
            limits::RESULT_BYTES
        );
        return Err(Unfit::Problem("result-too-large", message));
    }
    serde_json::from_str::<IgnoredAny>(answer)
        .map_err(|error| Unfit::Problem("bad-answer", format!("the answer is not JSON: {error}")))?;
    Ok(())
}

/// A problem without detail.
pub fn problem(code: &str, message: String) -> Problem {
    Problem {
        code: code.to_owned(),
        message,
        detail: None,
    }
}
