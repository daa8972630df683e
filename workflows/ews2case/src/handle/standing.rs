//! Was the mail handled before, and where does it belong?

use synapse_guest::workflow::Verdict;

use super::{Ended, Job};
use crate::Host;
use crate::failure::Trouble;
use crate::ledger::{self, Conversation, Home, Mail};
use crate::letter::Letter;
use crate::run::Run;
use crate::thread::{self, Place};

/// An earlier run finished this mail: it is a copy, or was named by the event.
pub fn already<H: Host>(run: &Run<'_, H>, job: &mut Job, item: &str) -> Result<Option<Ended>, Trouble> {
    let asked = job.asked;
    let known = job.known();
    if known.skipped.is_some() && asked {
        known.skipped = None;
    }
    if let Some(reason) = known.skipped.clone() {
        return Ok(Some(leave(run, job, item, reason)));
    }
    let Some(home) = known.home.clone().filter(|_| known.complete) else {
        return Ok(None);
    };
    if asked && thread::current(run, &home)?.is_none() {
        // Deleted, and wanted again: everything is to be done anew.
        *known = Mail {
            digest: known.digest.clone(),
            seen: known.seen,
            tries: 1,
            ..Mail::default()
        };
        return Ok(None);
    }
    let reason = format!("already in {}", home.name());
    if !known.marked || !known.knows(item) {
        // Another copy gets its marks too.
        known.remember(item);
        return Ok(Some(Ended::Done {
            verdict: Verdict::Skipped,
            reason,
        }));
    }
    known.tries = 0;
    ledger::keep(run.host, &mut job.line);
    Ok(Some(Ended::Left {
        verdict: Verdict::Skipped,
        reason,
    }))
}

/// Left out for good, with the reason in the ledger.
pub fn leave<H: Host>(run: &Run<'_, H>, job: &mut Job, item: &str, reason: String) -> Ended {
    let known = job.known();
    known.skipped = Some(reason.clone());
    known.tries = 0;
    known.remember(item);
    ledger::keep(run.host, &mut job.line);
    Ended::Left {
        verdict: Verdict::Skipped,
        reason,
    }
}

/// How the mail stands.
pub enum Standing {
    /// It belongs here.
    Place(Place),
    /// An analyst deleted what it became; the name that had.
    Deleted(String),
}

/// Where the mail is, or belongs.
pub fn home<H: Host>(run: &Run<'_, H>, job: &mut Job, letter: &Letter) -> Result<Standing, Trouble> {
    let asked = job.asked;
    let known = job.known();
    let Some(home) = known.home.clone() else {
        let own = known.digest.clone();
        return Ok(Standing::Place(thread::place(run, &job.message, letter, &own)?));
    };
    let Some(current) = thread::current(run, &home)? else {
        if !asked {
            return Ok(Standing::Deleted(home.name()));
        }
        (known.home, known.logged, known.added) = (None, false, Vec::new());
        let own = known.digest.clone();
        return Ok(Standing::Place(thread::place(run, &job.message, letter, &own)?));
    };
    let mut line = ledger::read::<Conversation>(run.host, &[ledger::conversation_key(&known.conversation)])?.remove(0);
    let line_value = line.value.get_or_insert_with(|| Conversation {
        home: current.clone(),
        assignee: None,
        senders: Vec::new(),
        recipients: Vec::new(),
    });
    line_value.home = Home {
        task: current.task.clone().or(home.task),
        ..current
    };
    Ok(Standing::Place(Place::Joins(line)))
}
