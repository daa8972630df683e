//! What is done about mails that a watched folder tells of?
//!
//! The same as about listed ones, under all rules. But no later run brings them again: a mail that has to settle, or that the brake holds,
//! comes back within this run, which sleeps until then and holds nothing meanwhile.

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::ews::Summary;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::answer::About;
use crate::brake::Brake;
use crate::chunks;
use crate::config::Mode;
use crate::run::Run;
use crate::select;

/// Mails asked for in one call.
const BATCH: usize = 10;
/// How often the run comes back: with the brake, once an hour.
const ROUNDS: usize = 100;
/// Mails that are due within a second come back together.
const TOGETHER_MS: u64 = 1_000;

/// Handles these mails; sleeps for those that have to wait.
///
/// # Errors
/// The mailbox or the ledger could not be asked, or the targets are gone.
pub fn all<H: Host>(run: &mut Run<'_, H>, ids: Vec<String>, since: Option<u64>) -> Result<(), WorkflowError> {
    let since = since.unwrap_or_else(|| select::go_live(run.host));
    let window = format!("{} mails that came into the watched folder or changed there", ids.len());
    run.answer.window.clone_from(&window);
    let mut ids = ids;
    for round in 0..ROUNDS {
        run.later = Some(Vec::new());
        let mails = read(run, &ids)?;
        if round == 0 {
            run.answer.scanned += mails.len() as u64;
            run.host.scanned(mails.len() as u64, &window);
        }
        let todo = select::decide(run, mails, Some(since))?;
        chunks::all(run, todo)?;
        let later = run.later.take().unwrap_or_default();
        let Some(first) = later.iter().map(|(_, at)| *at).min() else {
            return Ok(());
        };
        run.host.sleep_until(first)?;
        // Other runs went on meanwhile.
        run.brake = Brake::read(run.host, run.config.cases_per_hour)?;
        let now = run.host.now().saturating_add(TOGETHER_MS);
        let close = |at: &u64| *at > first && *at <= now;
        if let Some(last) = later.iter().map(|(_, at)| *at).filter(close).max() {
            run.host.sleep_until(last)?;
        }
        ids = later.into_iter().map(|(id, _)| id).collect();
    }
    run.answer
        .warn("mails still wait, and the run comes back no more: ask for them by their Message-ID");
    Ok(())
}

/// What the mailbox says about these mails. One that cannot be read costs the others nothing.
fn read<H: Host>(run: &mut Run<'_, H>, ids: &[String]) -> Result<Vec<Summary>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let answers = match run.host.get_messages(&run.mailbox, batch, false) {
            Ok(answers) => answers,
            Err(
                error @ (Error::Denied(_) | Error::Unauthenticated | Error::Unavailable(_) | Error::RateLimited(_)),
            ) => {
                return Err(error);
            }
            Err(_) => batch.iter().map(|id| one(run, id)).collect(),
        };
        for (id, answer) in batch.iter().zip(answers) {
            match answer {
                Ok(message) => found.extend(wanted(run, message.summary)),
                Err(Error::NotFound) => tell(run, id, Verdict::Skipped, "moved or deleted before it was read"),
                Err(error) => tell(
                    run,
                    id,
                    Verdict::Failed,
                    &format!("cannot be read: {}", explain(&error)),
                ),
            }
        }
    }
    // Of a conversation the first mail goes first.
    found.sort_by_key(|summary| summary.received_at.unwrap_or(u64::MAX));
    Ok(found)
}

fn one<H: Host>(run: &Run<'_, H>, id: &String) -> Result<synapse_guest::ews::Message, Error> {
    let answers = run.host.get_messages(&run.mailbox, std::slice::from_ref(id), false)?;
    let none = || Error::Unavailable("the mailbox gave no answer for it".to_owned());
    answers.into_iter().next().ok_or_else(none)?
}

fn wanted<H: Host>(run: &mut Run<'_, H>, summary: Summary) -> Option<Summary> {
    if run.config.mode == Mode::Unread && summary.is_read {
        let about = select::about(&summary);
        let reason = "read already (setting `mode`)";
        run.answer.tell(run.host, &about, Verdict::Skipped, None, reason);
        return None;
    }
    Some(summary)
}

fn tell<H: Host>(run: &mut Run<'_, H>, id: &str, verdict: Verdict, reason: &str) {
    let about = About {
        internet_message_id: None,
        subject: Some(format!("with the id {}", synapse_guest::text::cut(id, 40))),
    };
    run.answer.tell(run.host, &about, verdict, None, reason);
}
