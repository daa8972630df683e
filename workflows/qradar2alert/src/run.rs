//! What happens from event to answer?

use synapse_guest::entry;
use synapse_guest::error::{Error, WorkflowError};
use synapse_guest::workflow::Event;
use synapse_offenses::answer::Answer;
use synapse_offenses::run::Run;
use synapse_offenses::{import, late};

use crate::Host;
use crate::input::Input;
use crate::items;
use crate::select;

/// How the type of an event ends that a caller sent: by HTTP, by the API, by a route of the original.
const CALLER: &str = ".request";

/// Who started the run: decides whether it can wait for late evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// A caller who waits for the answer: missing evidence is left to the next run.
    ByCaller,
    /// A schedule or a watched source, which may bring no other run soon: the run waits for its own alerts' late passes.
    ByTrigger,
}

/// The component's function.
///
/// # Errors
/// As [`qradar2alert`]; `bad-event` for an event that asks for nothing.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape of a handler: the event is its own"
)]
pub fn on_event(host: &impl Host, event: Event) -> Result<Answer, WorkflowError> {
    let started = if event.type_.ends_with(CALLER) {
        Started::ByCaller
    } else {
        Started::ByTrigger
    };
    qradar2alert(host, entry::parse(&event)?, started)
}

/// Imports what the event asks for, and makes the late passes that are due.
///
/// # Errors
/// Nothing can be imported at all: a binding or a grant is missing, or a target cannot be reached.
pub fn qradar2alert(host: &impl Host, input: Input, started: Started) -> Result<Answer, WorkflowError> {
    let mut run = Run::open(host, host.config()?)?;
    match input {
        Input::Minutes(minutes) => by_window(&mut run, minutes)?,
        Input::Offense(id) => by_id(&mut run, id)?,
        Input::Items { ids, since } => items::import(&mut run, &ids, since)?,
    }
    // What is new goes first; a console that is asked for late evidence has had its fresh offenses taken over.
    late::due(&mut run)?;
    if started == Started::ByTrigger {
        late::wait(&mut run)?;
    }
    Ok(run.answer)
}

/// Page by page, oldest first. Every page is finished before the next one is read, so that little is open at any moment.
fn by_window<H: Host>(run: &mut Run<'_, H>, minutes: u64) -> Result<(), WorkflowError> {
    let window = select::window(run.host.now(), run.host.go_live(), minutes, &run.config);
    run.answer = Answer::new(Some(&window), select::filter_text(&run.config));
    if window.is_empty() {
        run.host.scanned(0, &window.text);
        return Ok(());
    }
    let filter = select::filter(&window, &run.config);
    let mut cursor = None;
    loop {
        let page = run.host.list_offenses(&run.console, &filter, cursor.as_deref())?;
        let count = page.offenses.len() as u64;
        run.answer.scanned += count;
        run.host.scanned(count, &window.text);
        import::page(run, page.offenses, import::Asked::ByWindow)?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// An explicit request: age, status, magnitude and an earlier deletion do not matter.
fn by_id<H: Host>(run: &mut Run<'_, H>, id: u64) -> Result<(), WorkflowError> {
    let text = format!("offense {id}, as asked for, whatever its age, status and magnitude");
    run.answer = Answer::new(None, text.clone());
    match run.host.get_offense(&run.console, id) {
        Ok(offense) => {
            run.answer.scanned = 1;
            run.host.scanned(1, &text);
            import::page(run, vec![offense], import::Asked::ById)
        }
        Err(Error::NotFound) => {
            run.host.scanned(0, &text);
            let why = format!("the console has no offense {id}, or it is not of a domain that this connection covers");
            run.answer.failed(run.host, id, &why, None);
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
