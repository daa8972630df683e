//! In which portions are mails handled, and how do they end?

use synapse_guest::error::{Error, WorkflowError};
use synapse_guest::ews::Message;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::brake::Brake;
use crate::feedback::{self, Done};
use crate::handle::{self, Ended, Job};
use crate::ledger::{self, Line, Mail};
use crate::run::Run;
use crate::select::{self, Todo};
use crate::streak::{Streak, forgive};

/// Mails fetched with one call.
const CHUNK: usize = 10;
/// Bytes of the bodies of one such call, about; one mail has at most 1.5 MiB.
const CHUNK_BYTES: u64 = 3 << 20;

/// Mail after mail, oldest first (case D05), each for itself (case R9).
pub fn all<H: Host>(run: &mut Run<'_, H>, todo: Vec<Todo>) -> Result<(), WorkflowError> {
    let mut todo = todo.into_iter().peekable();
    let mut streak = Streak::default();
    while let Some(first) = todo.next() {
        let mut bytes = weight(&first);
        // One that an earlier run did not finish goes alone: if it ends the run again, it takes no other one with it.
        let alone = is_suspect(&first);
        let mut chunk = vec![first];
        while let Some(next) = todo
            .next_if(|next| !alone && !is_suspect(next) && chunk.len() < CHUNK && bytes + weight(next) <= CHUNK_BYTES)
        {
            bytes += weight(&next);
            chunk.push(next);
        }
        one_chunk(run, chunk, &mut streak)?;
    }
    streak.end(run)
}

fn is_suspect(todo: &Todo) -> bool {
    todo.line
        .as_ref()
        .and_then(|line| line.value.as_ref())
        .is_some_and(|known| known.tries > 0)
}

/// What fetching it brings, about: its text once or twice, never more than the host's own limit.
fn weight(todo: &Todo) -> u64 {
    todo.summary
        .size
        .saturating_mul(2)
        .saturating_add(64 << 10)
        .min(3 << 19)
}

fn one_chunk<H: Host>(run: &mut Run<'_, H>, chunk: Vec<Todo>, streak: &mut Streak) -> Result<(), WorkflowError> {
    let (mut done, open) = handle::before(run, chunk);
    let messages = fetch(run, &open);
    let mut rest = open.into_iter().zip(messages);
    let mut stop = false;
    for (mut todo, message) in rest.by_ref() {
        let job = match message {
            Ok(message) => Job::new(run, &mut todo, message),
            Err(Error::NotFound) => {
                forgive_all(run, &mut [&mut todo]);
                run.answer.tell(
                    run.host,
                    &select::about(&todo.summary),
                    Verdict::Skipped,
                    None,
                    "moved or deleted meanwhile",
                );
                continue;
            }
            Err(error) => Err(error),
        };
        let ended = match job {
            Ok(mut job) => {
                let ended = handle::one(run, &mut job);
                (todo.summary, todo.line) = (job.message.summary, Some(job.line));
                ended
            }
            Err(error) => Err(error.into()),
        };
        let (summary, Some(mut line)) = (todo.summary, todo.line) else {
            continue;
        };
        match ended {
            Ok(Ended::Done { verdict, reason }) => {
                streak.clear(run);
                done.push(Done {
                    summary,
                    line,
                    verdict,
                    reason,
                });
            }
            Ok(Ended::Left { verdict, reason }) => {
                if verdict == Verdict::Held {
                    run.comes_back(&summary.id, Brake::next(run.host.now()));
                }
                let home = line.value.as_ref().and_then(|known| known.home.clone());
                run.answer
                    .tell(run.host, &select::about(&summary), verdict, home.as_ref(), &reason);
            }
            Err(trouble) => match trouble.error.clone().filter(|_| trouble.is_general()) {
                Some(error) => {
                    stop = streak.add(summary, line, error);
                    if stop {
                        break;
                    }
                }
                None => handle::give_up(run, &summary, &mut line, &trouble.reason),
            },
        }
    }
    feedback::mark(run, done);
    run.brake.keep(run.host);
    if stop {
        let mut rest: Vec<Todo> = rest.map(|(todo, _)| todo).collect();
        forgive_all(run, &mut rest.iter_mut().collect::<Vec<_>>());
        // Even if mails went through before: the targets are gone now.
        return std::mem::take(streak).stop(run);
    }
    Ok(())
}

fn forgive_all<H: Host>(run: &Run<'_, H>, rest: &mut [&mut Todo]) {
    let mut lines: Vec<&mut Line<Mail>> = rest.iter_mut().filter_map(|todo| todo.line.as_mut()).collect();
    lines.iter_mut().for_each(|line| forgive(line));
    ledger::keep_all(run.host, &mut lines);
}

/// The chunk's mails with their bodies, one answer each. What is too much for one call is fetched one by one.
fn fetch<H: Host>(run: &Run<'_, H>, chunk: &[Todo]) -> Vec<Result<Message, Error>> {
    let ids: Vec<String> = chunk.iter().map(|todo| todo.summary.id.clone()).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let get = |ids: &[String]| {
        let mut answers = run.host.get_messages(&run.mailbox, ids, true)?;
        answers.resize_with(ids.len(), || {
            Err(Error::Unavailable("the mailbox gave no answer for it".to_owned()))
        });
        Ok(answers)
    };
    match get(&ids) {
        Ok(answers) => answers,
        Err(error @ (Error::Denied(_) | Error::Unauthenticated | Error::Unavailable(_) | Error::RateLimited(_))) => {
            ids.iter().map(|_| Err(error.clone())).collect()
        }
        Err(_) => ids
            .iter()
            .map(|id| get(std::slice::from_ref(id)).and_then(|mut answers| answers.remove(0)))
            .collect(),
    }
}
