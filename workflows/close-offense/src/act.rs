//! How is an offense closed? The note first, then the closing: a note on an open offense is harmless, a closing without a word is not.

use synapse_guest::error::{Error, WorkflowError, explain};

use crate::Host;
use crate::answer::{Kind, Outcome};
use crate::closure::Closure;
use crate::decide::{self, Decision};
use crate::note;
use crate::run::Run;

/// Decides about an offense and closes it if it may be.
///
/// # Errors
/// A target cannot be reached at the moment: worth another try. Everything else is an outcome.
pub fn offense<H: Host>(run: &mut Run<'_, H>, closure: &Closure, closed_at: u64, id: u64) -> Result<Outcome, Error> {
    match act(run, closure, closed_at, id) {
        Ok(outcome) => Ok(outcome),
        Err(error) if is_passing(&error) => Err(error),
        Err(Error::NotFound) => Ok(decide::gone(id)),
        Err(error) => Ok(failed(id, &error)),
    }
}

/// What is told when no more tries are left, and of what will not pass.
pub fn failed(id: u64, error: &Error) -> Outcome {
    Outcome {
        offense: id,
        outcome: Kind::Failed,
        message: format!("not closed: {}", explain(error)),
        link: None,
    }
}

/// Does it help to wait?
pub fn is_passing(error: &Error) -> bool {
    matches!(WorkflowError::from(error.clone()), WorkflowError::RetryAfter { .. })
}

fn act<H: Host>(run: &mut Run<'_, H>, closure: &Closure, closed_at: u64, id: u64) -> Result<Outcome, Error> {
    let (offense, reason) = match decide::decide(run, closure, closed_at, id)? {
        Decision::Leave(outcome) => return Ok(outcome),
        Decision::Close { offense, reason } => (offense, reason),
    };
    let key = format!("{}/{id}/{closed_at}", run.subject_key(closure));
    if !run.told.noted.contains(&id) {
        let text = note::render(&run.config, closure, id, &reason.text, &run.host.run_id());
        run.host
            .add_note(&run.console, id, &text, Some(&format!("note/{key}")))?;
        run.told.noted.insert(id);
        run.keep(closure);
    }
    match run.host.close_offense(&run.console, id, reason.id) {
        Ok(closed) => Ok(Outcome {
            offense: id,
            outcome: Kind::Closed,
            message: format!("closed in QRadar, reason `{}`", reason.text),
            link: Some(closed.link),
        }),
        // Between our look and our closing somebody else closed it, or a busy console says so of our own.
        Err(Error::Conflict(why)) => match decide::decide(run, closure, closed_at, id)? {
            Decision::Leave(outcome) => Ok(outcome),
            Decision::Close { .. } => Err(Error::Conflict(why)),
        },
        Err(Error::NotFound) => Ok(decide::gone(id)),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => Ok(Outcome {
            link: Some(offense.link.clone()),
            ..failed(id, &error)
        }),
    }
}
