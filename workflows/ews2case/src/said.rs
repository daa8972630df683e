//! Where does TheHive say something about a conversation, if not in its task's log? In a comment. On 3 and 4, which have none: in the task's
//! log after all, and for an alert, which has no task, at the end of its description.

use synapse_guest::error::Error;
use synapse_guest::thehive::{AlertPatch, NewLog};

use crate::Host;
use crate::ledger::Home;
use crate::run::Run;

/// Bytes of an alert's description that is added to: a stock TheHive 4 takes 256 kB of JSON, in which a text is longer.
const DESCRIPTION_BYTES: usize = 160_000;
/// Between what a description says and what is added to it.
pub const RULE: &str = "---";

/// Says something that is no mail; `key` makes it one, however often the run is carried on.
///
/// # Errors
/// It could not be said anywhere.
pub fn say<H: Host>(run: &Run<'_, H>, home: &Home, text: &str, key: &str) -> Result<(), Error> {
    let unsupported = match comment(run, home, text, key) {
        Err(error @ Error::Unsupported(_)) => error,
        said => return said,
    };
    match &home.task {
        Some(task) => {
            let log = NewLog {
                task_id: task.clone(),
                message: text.to_owned(),
                date: None,
                dedup_key: Some(key.to_owned()),
            };
            run.host.create_log(&run.organisation, &log, &[]).map(|_| ())
        }
        None if home.number.is_none() => append(run, home, &[text], |known| known.contains(text)).map(|_| ()),
        None => Err(unsupported),
    }
}

/// A comment.
///
/// # Errors
/// `unsupported` on 3 and 4; whatever else TheHive says.
pub fn comment<H: Host>(run: &Run<'_, H>, home: &Home, text: &str, key: &str) -> Result<(), Error> {
    let added = run.host.add_comment(&run.organisation, &home.owner(), text, Some(key));
    added.map(|_| ())
}

/// Adds the first of these texts that has room to an alert's description, unless it is there. Answers whether one of them is.
///
/// # Errors
/// The alert could not be read or changed.
pub fn append<H: Host>(
    run: &Run<'_, H>,
    home: &Home,
    texts: &[&str],
    is_there: impl Fn(&str) -> bool,
) -> Result<bool, Error> {
    let alert = run.host.get_alert(&run.organisation, &home.id)?;
    let known = alert.description.unwrap_or_default();
    if is_there(&known) {
        return Ok(true);
    }
    let longer = texts.iter().map(|text| format!("{known}\n\n{RULE}\n\n{text}"));
    let Some(description) = longer.into_iter().find(|text| text.len() <= DESCRIPTION_BYTES) else {
        return Ok(false);
    };
    let patch = AlertPatch {
        description: Some(description),
        ..AlertPatch::default()
    };
    run.host.update_alert(&run.organisation, &home.id, &patch)?;
    Ok(true)
}
