//! Which mails of the folder are new, which are unfinished, and which are left alone?

use synapse_guest::error::Error;
use synapse_guest::ews::{Filter, Summary};
use synapse_guest::time::utc;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::answer::About;
use crate::automatic;
use crate::config::Mode;
use crate::failure;
use crate::input::Input;
use crate::late;
use crate::ledger::{self, Conversation, Line, Mail, TRIES};
use crate::people;
use crate::run::Run;
use crate::thread;

const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Unfinished and new mails of one run that are kept in memory; the others come with the next run.
const MAILS_OF_ONE_RUN: usize = 2_000;

/// A mail that shall be handled.
pub struct Todo {
    /// What the list says about it.
    pub summary: Summary,
    /// Its line; none where only its content can tell which one that is.
    pub line: Option<Line<Mail>>,
    /// The event names it: age, earlier failures and deletions do not matter.
    pub asked: bool,
    /// Its conversation has a case already.
    pub in_thread: bool,
}

/// Which mails are listed, and the reasons for that in a sentence.
pub struct Window {
    /// What the server is asked for.
    pub filter: Filter,
    /// In a sentence.
    pub text: String,
}

/// Exchange tells receipt in whole seconds: a mail of the go-live's own second is not older than it.
pub fn go_live(host: &impl Host) -> u64 {
    host.go_live() / 1_000 * 1_000
}

/// The window of an event that names no mail.
pub fn window<H: Host>(run: &Run<'_, H>, input: &Input) -> Window {
    let now = run.host.now();
    let go_live = go_live(run.host);
    let oldest = now.saturating_sub(run.config.window_days.saturating_mul(DAY));
    let (since, why) = match input {
        Input::Since(since) => (*since, "as asked for".to_owned()),
        _ if go_live >= oldest => (
            go_live,
            "the go-live point; older mails are left alone until they are asked for".to_owned(),
        ),
        _ => (oldest, format!("setting `window_days` = {}", run.config.window_days)),
    };
    let is_read = (run.config.mode == Mode::Unread).then_some(false);
    let kind = if is_read.is_some() { "unread mails" } else { "mails" };
    Window {
        filter: Filter {
            is_read,
            received_since: Some(since),
            internet_message_id: None,
            subject_contains: None,
        },
        text: format!("{kind} received since {} ({why})", utc(since)),
    }
}

/// Lists the whole window first, page by page, so that marking and moving mails later hides none (case D30).
///
/// # Errors
/// The mailbox or the ledger could not be asked.
pub fn list<H: Host>(run: &mut Run<'_, H>, window: &Window) -> Result<Vec<Todo>, Error> {
    let mut todo = Vec::new();
    let mut over = 0u64;
    let mut cursor = None;
    loop {
        let page = run
            .host
            .list_messages(&run.mailbox, &run.folder.id, &window.filter, cursor.as_deref())?;
        let count = page.messages.len() as u64;
        run.answer.scanned += count;
        run.host.scanned(count, &window.text);
        for found in decide(run, page.messages, window.filter.received_since)? {
            if todo.len() < MAILS_OF_ONE_RUN {
                todo.push(found);
            } else {
                over += 1;
            }
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    if over > 0 {
        run.answer.warn(&format!(
            "{over} more mails come with the next runs: {MAILS_OF_ONE_RUN} are looked at in one"
        ));
    }
    Ok(todo)
}

/// One page: one look into the ledger for mails and conversations.
pub fn decide<H: Host>(run: &mut Run<'_, H>, page: Vec<Summary>, since: Option<u64>) -> Result<Vec<Todo>, Error> {
    let mail_keys: Vec<String> = page
        .iter()
        .filter_map(|summary| summary.internet_message_id.as_deref().map(ledger::mail_key))
        .collect();
    let conversation_keys: Vec<String> = page
        .iter()
        .map(|summary| ledger::conversation_key(&thread::of_summary(summary).unwrap_or_else(|| "none".to_owned())))
        .collect();
    let mut mails = ledger::read::<Mail>(run.host, &mail_keys)?.into_iter();
    let threads = ledger::read::<Conversation>(run.host, &conversation_keys)?;
    let mut todo = Vec::new();
    let mut waiting = Vec::new();
    for (summary, thread) in page.into_iter().zip(threads) {
        let line = summary.internet_message_id.as_ref().and_then(|_| mails.next());
        if since.is_some_and(|since| summary.received_at.is_some_and(|at| at < since)) {
            let reason = "received before the go-live point; ask for it by its Message-ID to import it";
            run.answer
                .tell(run.host, &about(&summary), Verdict::Skipped, None, reason);
            continue;
        }
        if let Some(found) = stand(run, &summary, line, thread.value.is_some(), &mut waiting)? {
            todo.push(found);
        }
    }
    ledger::keep_all(run.host, &mut waiting.iter_mut().collect::<Vec<_>>());
    Ok(todo)
}

/// How one mail stands: something to do, or the reason why not.
fn stand<H: Host>(
    run: &mut Run<'_, H>,
    summary: &Summary,
    line: Option<Line<Mail>>,
    in_thread: bool,
    waiting: &mut Vec<Line<Mail>>,
) -> Result<Option<Todo>, Error> {
    let found = |line| Todo {
        summary: summary.clone(),
        line,
        asked: false,
        in_thread,
    };
    if let Some(reason) = automatic::by_class(summary) {
        run.answer.finished(run.host, &about(summary), None, &reason);
        return Ok(None);
    }
    let Some(mut line) = line else {
        return Ok(Some(found(None)));
    };
    let known = line.value.clone().unwrap_or_default();
    if known.complete || known.skipped.is_some() {
        // Another copy, or another mail that bears the same Message-ID: only its content tells.
        if !known.knows(&summary.id) {
            return Ok(Some(found(Some(line))));
        }
        if let Some(reason) = &known.skipped {
            run.answer
                .finished(run.host, &about(summary), known.home.as_ref(), reason);
            return Ok(None);
        }
        if !known.marked {
            return Ok(Some(found(Some(line))));
        }
        if !late::reassign(run, summary, &mut line)? {
            let home = known.home.as_ref();
            let reason = match home {
                None => "already in TheHive".to_owned(),
                Some(home) if run.is_gone(home) => failure::deleted(&home.name()),
                Some(home) => format!("already in {}", home.name()),
            };
            run.answer.finished(run.host, &about(summary), home, &reason);
        }
        return Ok(None);
    }
    if known.tries >= TRIES {
        let last = known
            .error
            .unwrap_or_else(|| "the run ended before it was finished".to_owned());
        let reason = format!("given up after {TRIES} tries; ask for it by its Message-ID to try again. Last: {last}");
        run.answer
            .finished(run.host, &about(summary), known.home.as_ref(), &reason);
        return Ok(None);
    }
    if let Some((reason, until)) = waits(run, summary, &known, in_thread) {
        if line.value.is_none() {
            line.value = Some(Mail {
                seen: run.host.now(),
                ..Mail::default()
            });
            waiting.push(line);
        }
        if !until.is_some_and(|until| run.comes_back(&summary.id, until)) {
            run.answer
                .tell(run.host, &about(summary), Verdict::Skipped, None, &reason);
        }
        return Ok(None);
    }
    Ok(Some(found(Some(line))))
}

/// Analysts drag first and categorise after: the reason, and until when, if that is known.
fn waits<H: Host>(run: &Run<'_, H>, summary: &Summary, known: &Mail, in_thread: bool) -> Option<(String, Option<u64>)> {
    let config = &run.config;
    let settled =
        in_thread || known.tries > 0 || known.home.is_some() || !people::given(&summary.categories, config).is_empty();
    if settled {
        return None;
    }
    if config.wait_for_category {
        return Some(("waits for a category (setting `wait_for_category`)".to_owned(), None));
    }
    let now = run.host.now();
    let seen = if known.seen == 0 { now } else { known.seen };
    let until = seen.saturating_add(config.settle_seconds.saturating_mul(1_000));
    let reason = || format!("waits for a category until {} (setting `settle_seconds`)", utc(until));
    (now < until).then(|| (reason(), Some(until)))
}

/// Which mail it is, for people.
pub fn about(summary: &Summary) -> About {
    About {
        internet_message_id: summary.internet_message_id.clone(),
        subject: summary.subject.clone(),
    }
}
