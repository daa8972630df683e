//! Is there any point in going on?

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::ews::Summary;

use crate::Host;
use crate::handle;
use crate::ledger::{self, Line, Mail};
use crate::run::Run;

/// Failures in a row that have nothing to do with the mails.
#[derive(Default)]
pub struct Streak {
    failed: Vec<(Summary, Line<Mail>, Error)>,
    finished: bool,
}

/// So many end the run.
const STREAK: usize = 2;

impl Streak {
    /// True: there is no point in going on.
    pub fn add(&mut self, summary: Summary, line: Line<Mail>, error: Error) -> bool {
        self.failed.push((summary, line, error));
        self.failed.len() >= STREAK
    }

    /// A mail went through: those before it failed for themselves.
    pub fn clear<H: Host>(&mut self, run: &mut Run<'_, H>) {
        self.finished = true;
        for (summary, mut line, error) in self.failed.drain(..) {
            handle::give_up(run, &summary, &mut line, &explain(&error));
        }
    }

    /// The targets are down, or busy: no mail is to blame, and the scheduler knows when to come again (case D28).
    ///
    /// # Errors
    /// Nothing went through, and something failed.
    pub fn end<H: Host>(mut self, run: &mut Run<'_, H>) -> Result<(), WorkflowError> {
        if self.finished {
            self.clear(run);
            return Ok(());
        }
        self.stop(run)
    }

    /// As [`Streak::end`], whatever went through before.
    ///
    /// # Errors
    /// The last failure, if there is one.
    pub fn stop<H: Host>(mut self, run: &Run<'_, H>) -> Result<(), WorkflowError> {
        let Some((.., error)) = self.failed.last() else {
            return Ok(());
        };
        let error = error.clone();
        for (_, line, _) in &mut self.failed {
            forgive(line);
        }
        ledger::keep_all(
            run.host,
            &mut self.failed.iter_mut().map(|(_, line, _)| line).collect::<Vec<_>>(),
        );
        Err(error.into())
    }
}

/// The try does not count.
pub fn forgive(line: &mut Line<Mail>) {
    if let Some(known) = line.value.as_mut() {
        known.tries = known.tries.saturating_sub(1);
    }
}
