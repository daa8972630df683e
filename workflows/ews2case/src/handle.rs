//! What happens with one mail, step by step?
//!
//! Evidence is read first, because an attached mail decides what the case is about. Then case, task, observables, files and log; each step
//! that is done is in the mail's line, so that a rerun does the missing ones.

mod job;
mod place;
mod standing;
mod steps;
mod unfinished;

use synapse_guest::error::Error;
use synapse_guest::ews::Message;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::automatic;
use crate::brake::Brake;
use crate::evidence::{self, Evidence};
use crate::failure::{self, Trouble};
use crate::feedback::Done;
use crate::indicators;
use crate::ledger::{self, Home, Line, Mail, TRIES};
use crate::letter::{EMPTY_BODY, Letter};
use crate::people::{self, Assignment};
use crate::run::Run;
use crate::select::Todo;
use crate::thread::Place;
use standing::Standing;
pub use unfinished::give_up;

/// What stands for the body of a mail that nobody here can read (case D35).
const ENCRYPTED_BODY: &str = "(encrypted: the body cannot be read here)";

/// One mail on its way.
pub struct Job {
    /// The mail.
    pub message: Message,
    /// Its line; it has a value.
    pub line: Line<Mail>,
    /// The event names it.
    pub asked: bool,
}

/// How it ended.
pub enum Ended {
    /// Complete in TheHive.
    Done {
        /// What the report says.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
    /// Nothing was done.
    Left {
        /// What the report says.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
}

/// Before a chunk is fetched: holds what the brake holds, finds what lacks its marks only, and counts the try.
pub fn before<H: Host>(run: &mut Run<'_, H>, chunk: Vec<Todo>) -> (Vec<Done>, Vec<Todo>) {
    let mut done = Vec::new();
    let mut open = Vec::new();
    for mut todo in chunk {
        let known = todo
            .line
            .as_ref()
            .and_then(|line| line.value.clone())
            .unwrap_or_default();
        if known.complete && !known.marked && known.knows(&todo.summary.id) && !todo.asked {
            let reason = format!(
                "already in {}; marked now",
                known.home.as_ref().map_or_else(|| "TheHive".to_owned(), Home::name)
            );
            if let Some(line) = todo.line {
                done.push(Done {
                    summary: todo.summary,
                    line,
                    verdict: Verdict::Updated,
                    reason,
                });
            }
        } else if run.brakes() && !todo.asked && !todo.in_thread && known.home.is_none() && !known.complete {
            run.comes_back(&todo.summary.id, Brake::next(run.host.now()));
            run.answer.tell(
                run.host,
                &crate::select::about(&todo.summary),
                Verdict::Held,
                None,
                &brake(run),
            );
        } else {
            if let Some(line) = todo.line.as_mut() {
                let known = line.value.get_or_insert_with(Mail::default);
                if todo.asked && known.tries >= TRIES {
                    known.tries = 0;
                }
                known.tries += 1;
                if known.seen == 0 {
                    known.seen = run.host.now();
                }
            }
            open.push(todo);
        }
    }
    ledger::keep_all(
        run.host,
        &mut open
            .iter_mut()
            .filter_map(|todo| todo.line.as_mut())
            .collect::<Vec<_>>(),
    );
    (done, open)
}

fn brake<H: Host>(run: &Run<'_, H>) -> String {
    format!(
        "held: {} new cases an hour are the limit (setting `cases_per_hour`); it comes with a later run, or at once if it is asked for by \
         its Message-ID",
        run.config.cases_per_hour
    )
}

/// One mail.
///
/// # Errors
/// What is missing and why; what is done is in the job's line.
pub fn one<H: Host>(run: &mut Run<'_, H>, job: &mut Job) -> Result<Ended, Trouble> {
    let item = job.message.summary.id.clone();
    if let Some(ended) = standing::already(run, job, &item)? {
        return Ok(ended);
    }
    if let Some(reason) = automatic::by_headers(&job.message).filter(|_| !job.asked) {
        return Ok(standing::leave(run, job, &item, reason));
    }
    let mut letter = Letter::of(&job.message);
    let (mut thread, apart, is_new) = match standing::home(run, job, &letter)? {
        Standing::Place(Place::Joins(line)) => (line, None, false),
        Standing::Place(Place::New { line, apart }) => (line, apart, true),
        Standing::Deleted(name) => {
            let reason = failure::deleted(&name);
            return Ok(standing::leave(run, job, &item, reason));
        }
    };
    if is_new && run.brakes() && !job.asked {
        job.known().tries -= 1;
        ledger::keep(run.host, &mut job.line);
        return Ok(Ended::Left {
            verdict: Verdict::Held,
            reason: brake(run),
        });
    }
    let evidence = evidence::gather(run, &job.message)?;
    let body = body(&mut letter, &evidence);
    let given = people::given(&job.message.summary.categories, &run.config);
    let assignment = assignment(run, &given)?;
    let steps = steps::Steps {
        letter: &letter,
        body: &body,
        indicators: collect(run, &letter, &evidence),
        evidence: &evidence,
        is_new,
        last: job.known().tries >= TRIES,
    };
    let mut told = if is_new {
        place::create(run, job, &mut thread, &steps, apart.as_deref(), &assignment)?
    } else {
        place::join(run, &mut thread, &letter, &assignment)?
    };
    steps::task(run, &mut thread, is_new, assignment.login.as_deref())?;
    let known = job.known();
    known.home = thread.value.as_ref().map(|thread| thread.home.clone());
    known.conversation = thread.key.trim_start_matches("conversation/").to_owned();
    known.categories = given;
    known.remember(&item);
    ledger::keep(run.host, &mut thread);
    ledger::keep(run.host, &mut job.line);
    told.extend(steps.write(run, job)?);
    unfinished::cure(run, job);
    let known = job.known();
    (known.complete, known.added) = (true, Vec::new());
    let name = known.home.as_ref().map(Home::name).unwrap_or_default();
    let (verdict, done) = if is_new {
        (Verdict::Created, format!("created {name}"))
    } else {
        (Verdict::Updated, format!("added to {name}"))
    };
    told.extend(assignment.notes);
    told.extend(evidence.notes);
    let reason = std::iter::once(done).chain(told).collect::<Vec<_>>().join("; ");
    Ok(Ended::Done { verdict, reason })
}

/// The body, or what was inside a signed wrapper, or that nobody here can read it (case D35).
fn body<B>(letter: &mut Letter, evidence: &Evidence<B>) -> String {
    if let Some(inner) = evidence.unwrapped.as_ref().filter(|_| letter.body() == EMPTY_BODY) {
        letter.text.clone_from(&inner.text);
        letter.html.clone_from(&inner.html);
    }
    let body = letter.body();
    if body == EMPTY_BODY && evidence.encrypted {
        ENCRYPTED_BODY.to_owned()
    } else {
        body
    }
}

fn assignment<H: Host>(run: &mut Run<'_, H>, given: &[String]) -> Result<Assignment, Error> {
    if given.is_empty() {
        return Ok(Assignment::default());
    }
    let users = run.users()?;
    Ok(people::assignment(given, &users, &run.config))
}

/// The first attached mail is what was reported; a mail without one is itself.
fn collect<H: Host>(run: &Run<'_, H>, letter: &Letter, evidence: &Evidence<H::Blob>) -> indicators::Indicators {
    match evidence.letters.split_first() {
        Some((inner, deeper)) => {
            let others: Vec<&Letter> = deeper.iter().chain(std::iter::once(letter)).collect();
            indicators::collect(inner, &others, &evidence.links, &run.config)
        }
        None => indicators::collect(letter, &[], &evidence.links, &run.config),
    }
}
