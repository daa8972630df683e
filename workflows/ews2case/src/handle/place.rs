//! How does a mail get its case: a new one, or that of its conversation?

use synapse_guest::error::Error;

use super::Job;
use super::steps::{self, Steps};
use crate::Host;
use crate::case;
use crate::config::Create;
use crate::description::Facts;
use crate::failure::Trouble;
use crate::late::{self, Assigned};
use crate::ledger::{Conversation, Home, Line};
use crate::letter::Letter;
use crate::people::Assignment;
use crate::run::{MAILBOX, Run};
use crate::thread;

/// A new case or alert for the conversation.
pub fn create<H: Host>(
    run: &mut Run<'_, H>,
    job: &mut Job,
    thread: &mut Line<Conversation>,
    steps: &Steps<'_, H::Blob>,
    apart: Option<&str>,
    assignment: &Assignment,
) -> Result<Vec<String>, Trouble> {
    let again = if job.asked {
        format!("/asked/{}", run.host.run_id())
    } else {
        String::new()
    };
    let keep_tags = run.config.keep_unknown_categories_as_tags;
    let inner = steps.evidence.letters.first();
    let mut draft = case::Draft {
        facts: Facts {
            outer: steps.letter,
            inner,
            conversation_id: job.message.summary.conversation_id.as_deref(),
            notes: &steps.evidence.notes,
            apart,
            folder: &run.config.folder,
        },
        conversation: thread.key.trim_start_matches("conversation/"),
        date: inner
            .unwrap_or(steps.letter)
            .sent
            .or(job.message.summary.received_at)
            .unwrap_or_else(|| run.host.now()),
        assignee: assignment.login.clone(),
        categories: if keep_tags {
            assignment.unknown.clone()
        } else {
            Vec::new()
        },
        dedup_key: format!("case/{}{again}", job.line.key),
    };
    let mut told = Vec::new();
    let mut added = Vec::new();
    let (home, assignee) = match run.config.create {
        Create::Case => {
            let mut made = new_case(run, &draft);
            if let Err(Error::Invalid(argument)) = &made
                && argument.field.contains("assignee")
            {
                told.push(format!("not assigned: {}", argument.reason));
                draft.assignee = None;
                made = new_case(run, &draft);
            }
            let made = made?;
            if let Some(login) = &draft.assignee {
                told.push(format!("assigned to {login}"));
            }
            (thread::of_case(&made), made.assignee)
        }
        Create::Alert => {
            let (home, is_ours) = new_alert(run, &draft, steps)?;
            if is_ours {
                added = steps.indicators.kept.iter().map(steps::mark).collect();
            }
            (home, None)
        }
    };
    // A new alert has them; on TheHive 3 one that is there takes no more.
    job.known().added.append(&mut added);
    run.brake.spend(run.host.now());
    let mut line = Conversation {
        home,
        assignee,
        senders: Vec::new(),
        recipients: Vec::new(),
    };
    line.add(steps.letter.sender().as_deref(), &steps.letter.recipients());
    thread.value = Some(line);
    told.extend(apart.map(str::to_owned));
    Ok(told)
}

fn new_case<H: Host>(run: &Run<'_, H>, draft: &case::Draft<'_>) -> Result<synapse_guest::thehive::Case, Error> {
    let answers = run
        .host
        .create_cases(&run.organisation, &[case::case(draft, &run.config)]);
    answers
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(Error::Unavailable("TheHive gave no answer".to_owned())))
}

/// The alert, and whether it was made now.
fn new_alert<H: Host>(
    run: &Run<'_, H>,
    draft: &case::Draft<'_>,
    steps: &Steps<'_, H::Blob>,
) -> Result<(Home, bool), Error> {
    let alert = case::alert(draft, &run.config, &steps.indicators.kept);
    let answers = run.host.create_alerts(&run.organisation, MAILBOX, &[alert]);
    let (made, is_ours) = match answers.into_iter().next() {
        Some(Ok(alert)) => (alert, true),
        // Somebody was faster, or TheHive's search lagged behind (case D13).
        Some(Err(Error::AlreadyExists(id))) => (run.host.get_alert(&run.organisation, &id)?, false),
        Some(Err(error)) => return Err(error),
        None => return Err(Error::Unavailable("TheHive gave no answer".to_owned())),
    };
    let home = Home {
        id: made.id,
        number: None,
        link: made.link,
        task: None,
    };
    Ok((home, is_ours))
}

/// An answer in a conversation that has a case: its category may assign it.
pub fn join<H: Host>(
    run: &Run<'_, H>,
    thread: &mut Line<Conversation>,
    letter: &Letter,
    assignment: &Assignment,
) -> Result<Vec<String>, Trouble> {
    let Some(line) = thread.value.as_mut() else {
        return Ok(Vec::new());
    };
    line.add(letter.sender().as_deref(), &letter.recipients());
    let tags = if run.config.keep_unknown_categories_as_tags {
        assignment.unknown.as_slice()
    } else {
        &[]
    };
    Ok(match late::assign(run, line, assignment.login.as_deref(), tags)? {
        Assigned::Now(login) => vec![format!("assigned to {login}")],
        Assigned::Kept(login) => vec![format!("the case stays with {login}, as a person decided in TheHive")],
        Assigned::Already | Assigned::Nothing => Vec::new(),
    })
}
