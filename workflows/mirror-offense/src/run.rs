//! What happens from event to answer?

use synapse_guest::error::WorkflowError;
use synapse_guest::time::utc;
use synapse_guest::workflow::{Event, Verdict};
use synapse_offenses::run::Run;

use crate::Host;
use crate::answer::Answer;
use crate::config::Config;
use crate::input::{self, Input};
use crate::{inward, outward};

/// What every step of one run needs.
pub struct Mirror<'a, H: Host> {
    /// What the alert's look needs: both sides are open.
    pub run: Run<'a, H>,
    /// The settings.
    pub config: Config,
    /// What the caller will be told.
    pub answer: Answer,
}

/// Mirrors what the event says, in its direction.
///
/// # Errors
/// A binding or a grant is missing, or a target cannot be asked at all.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape of a handler: the event is its own"
)]
pub fn on_event(host: &impl Host, event: Event) -> Result<Answer, WorkflowError> {
    let mut config: Config = host.config()?;
    // Late evidence is qradar2alert's; here a change of the offense brings the next look.
    config.alert.late_minutes.clear();
    let input = input::read(&event, host.go_live())?;
    let mut answer = Answer::new();
    match &input {
        Input::Ignore { subject, reason } => {
            answer.add(host, subject, Verdict::Skipped, reason, None);
            return Ok(answer);
        }
        Input::Case { id, time, .. } if *time < host.go_live() => {
            let reason = format!("older than the go-live point {}", utc(host.go_live()));
            answer.add(host, &format!("case {id}"), Verdict::Skipped, &reason, None);
            return Ok(answer);
        }
        Input::Case { .. } | Input::Offenses { .. } => {}
    }
    let run = Run::open(host, config.alert.clone())?;
    let mut mirror = Mirror { run, config, answer };
    match input {
        Input::Offenses { ids, from } => inward::offenses(&mut mirror, &ids, from)?,
        Input::Case { id, assigned, .. } => outward::case(&mut mirror, &id, assigned)?,
        Input::Ignore { .. } => {}
    }
    Ok(mirror.answer)
}
