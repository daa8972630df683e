//! What does Outlook show when a mail is handled?
//!
//! Category, read flag and place in the mailbox are outputs. They come last of all, when everything is in place in TheHive (case D06).

use synapse_guest::error::{Error, explain};
use synapse_guest::ews::{CategoryChange, Summary};
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::config::ALERT_CATEGORY;
use crate::ledger::{self, Home, Line, Mail};
use crate::run::Run;
use crate::select;

/// A mail that is complete in TheHive.
pub struct Done {
    /// What the list said about it.
    pub summary: Summary,
    /// Its line.
    pub line: Line<Mail>,
    /// What the report will say.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// Marks mails, remembers them and reports them: one call for all categories, one for all read flags, one for all moves.
pub fn mark<H: Host>(run: &mut Run<'_, H>, done: Vec<Done>) {
    if done.is_empty() {
        return;
    }
    let mut done: Vec<(Done, Option<Error>)> = done.into_iter().map(|done| (done, None)).collect();
    categories(run, &mut done);
    read_flags(run, &mut done);
    moves(run, &mut done);
    let settle = |(done, error): &mut (Done, Option<Error>)| {
        let gone = matches!(error, Some(Error::NotFound));
        if let Some(known) = done.line.value.as_mut() {
            known.marked = error.is_none() || gone;
            if known.marked {
                (known.tries, known.error) = (0, None);
            }
        }
        if gone {
            done.reason
                .push_str("; the mail is no longer in the folder and was not marked");
        } else if let Some(error) = error {
            done.reason = format!("{}; but the mail could not be marked: {}", done.reason, explain(error));
            done.verdict = Verdict::Failed;
        }
    };
    done.iter_mut().for_each(settle);
    ledger::keep_all(
        run.host,
        &mut done.iter_mut().map(|(done, _)| &mut done.line).collect::<Vec<_>>(),
    );
    for (done, _) in &done {
        let home = done.line.value.as_ref().and_then(|known| known.home.as_ref());
        run.answer.tell(
            run.host,
            &select::about(&done.summary),
            done.verdict,
            home,
            &done.reason,
        );
    }
}

type Marking = [(Done, Option<Error>)];

/// The mails that nothing went wrong with so far and that this step changes.
fn wanted(done: &mut Marking, fits: impl Fn(&Done) -> bool) -> Vec<&mut (Done, Option<Error>)> {
    done.iter_mut()
        .filter(|(done, error)| error.is_none() && fits(done))
        .collect()
}

/// Takes the answers over; an answer that is missing counts as a failure.
fn settle<T>(done: &mut [&mut (Done, Option<Error>)], answers: Vec<Result<T, Error>>) {
    let mut answers = answers.into_iter();
    for (_, failed) in done {
        *failed = match answers.next() {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some(error),
            None => Some(Error::Unavailable("the mailbox gave no answer for it".to_owned())),
        };
    }
}

fn categories<H: Host>(run: &Run<'_, H>, done: &mut Marking) {
    let change = |done: &Done| {
        let home = done.line.value.as_ref().and_then(|known| known.home.as_ref());
        category_change(run, &done.summary, home)
    };
    let mut open = wanted(done, |done| change(done).is_some());
    let changes: Vec<CategoryChange> = open.iter().filter_map(|(done, _)| change(done)).collect();
    if !changes.is_empty() {
        settle(&mut open, run.host.set_categories(&run.mailbox, &changes));
    }
}

/// The category of the mail's case, and none of an earlier failure or another case.
fn category_change<H: Host>(run: &Run<'_, H>, summary: &Summary, home: Option<&Home>) -> Option<CategoryChange> {
    let config = &run.config;
    let wanted = match home? {
        Home {
            number: Some(number), ..
        } => config.processed_category.replace("{number}", &number.to_string()),
        _ if config.processed_category.is_empty() => String::new(),
        _ => ALERT_CATEGORY.to_owned(),
    };
    let add: Vec<String> = Some(wanted.clone())
        .filter(|name| !name.is_empty() && !summary.categories.contains(name))
        .into_iter()
        .collect();
    let stale = |name: &&String| config.is_own_category(name) && **name != wanted;
    let remove: Vec<String> = summary.categories.iter().filter(stale).cloned().collect();
    (!add.is_empty() || !remove.is_empty()).then(|| CategoryChange {
        id: summary.id.clone(),
        add,
        remove,
    })
}

fn read_flags<H: Host>(run: &Run<'_, H>, done: &mut Marking) {
    if !run.config.mark_read {
        return;
    }
    let mut open = wanted(done, |done| !done.summary.is_read);
    let ids: Vec<String> = open.iter().map(|(done, _)| done.summary.id.clone()).collect();
    if !ids.is_empty() {
        settle(&mut open, run.host.set_read(&run.mailbox, &ids, true));
    }
}

fn moves<H: Host>(run: &Run<'_, H>, done: &mut Marking) {
    let Some(folder) = &run.move_to else { return };
    let mut open = wanted(done, |_| true);
    let ids: Vec<String> = open.iter().map(|(done, _)| done.summary.id.clone()).collect();
    if ids.is_empty() {
        return;
    }
    let answers = run.host.move_messages(&run.mailbox, &ids, &folder.id);
    // The mail has another id now.
    for ((done, _), answer) in open.iter_mut().zip(&answers) {
        if let (Some(known), Ok(Some(moved))) = (done.line.value.as_mut(), answer) {
            known.remember(moved);
        }
    }
    settle(&mut open, answers);
}

/// Shows a failure in Outlook. What goes wrong with that is no news.
pub fn show_failure<H: Host>(run: &Run<'_, H>, summary: &Summary) {
    let category = &run.config.failed_category;
    if category.is_empty() || summary.categories.contains(category) {
        return;
    }
    let change = CategoryChange {
        id: summary.id.clone(),
        add: vec![category.clone()],
        remove: Vec::new(),
    };
    run.host.set_categories(&run.mailbox, &[change]);
}
