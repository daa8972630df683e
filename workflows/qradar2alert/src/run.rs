//! What happens from event to answer?

use synapse_guest::error::{Error, WorkflowError};
use synapse_guest::thehive::AlertKey;

use crate::Host;
use crate::answer::Answer;
use crate::cidr::Cidr;
use crate::config::Config;
use crate::enrich::Memo;
use crate::import;
use crate::input::Input;
use crate::select;

/// The binding of the console.
pub const QRADAR: &str = "qradar";
/// The binding of the organisation.
pub const THEHIVE: &str = "thehive";

/// What every step of one run needs.
pub struct Run<'a, H: Host> {
    /// The host.
    pub host: &'a H,
    /// The console.
    pub console: H::Console,
    /// The organisation.
    pub organisation: H::Organisation,
    /// The console's source id: the alerts' source (case D10).
    pub source_id: String,
    /// The settings.
    pub config: Config,
    /// The networks that are the customer's own.
    pub internal: Vec<Cidr>,
    /// What was asked once and holds for the whole run.
    pub memo: Memo,
    /// What the caller will be told.
    pub answer: Answer,
}

impl<H: Host> Run<'_, H> {
    /// The key our own alert for an offense has.
    pub fn alert_key(&self, id: u64) -> AlertKey {
        AlertKey {
            type_: self.config.alert_type.clone(),
            source: self.source_id.clone(),
            source_ref: id.to_string(),
        }
    }
}

/// Imports what the event asks for.
///
/// # Errors
/// Nothing can be imported at all: a binding or a grant is missing, or a target cannot be reached.
pub fn qradar2alert(host: &impl Host, input: Input) -> Result<Answer, WorkflowError> {
    let config: Config = host.config()?;
    let internal = config.internal()?;
    let console = host.console(QRADAR)?;
    let organisation = host.organisation(THEHIVE)?;
    let source_id = host.source_id(QRADAR)?;
    let answer = Answer::new(None, String::new());
    let memo = Memo::default();
    let mut run = Run {
        host,
        console,
        organisation,
        source_id,
        config,
        internal,
        memo,
        answer,
    };
    match input {
        Input::Minutes(minutes) => by_window(&mut run, minutes)?,
        Input::Offense(id) => by_id(&mut run, id)?,
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
    let filter = window.filter(&run.config);
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
