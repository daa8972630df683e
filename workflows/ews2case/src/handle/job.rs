//! Which line of the ledger is this mail's own?

use synapse_guest::error::Error;
use synapse_guest::ews::Message;

use super::Job;
use crate::Host;
use crate::digest;
use crate::ledger::{self, Line, Mail};
use crate::letter::Letter;
use crate::run::Run;
use crate::select::Todo;

impl Job {
    /// The mail with the line that is really its own: an equal `Message-ID` with other content is another mail.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn new<H: Host>(run: &mut Run<'_, H>, todo: &mut Todo, message: Message) -> Result<Self, Error> {
        let content = content(&message);
        // An item before it in this run may have had the same line.
        if let Some(line) = todo.line.as_mut().filter(|line| !run.handled.insert(line.key.clone())) {
            *line = ledger::read::<Mail>(run.host, std::slice::from_ref(&line.key))?.remove(0);
        }
        let other = |line: &Line<Mail>| {
            line.value
                .as_ref()
                .is_some_and(|known| !known.digest.is_empty() && known.digest != content)
        };
        let mut line = match todo.line.clone().filter(|line| !other(line)) {
            Some(line) => line,
            None => {
                // Its own try did not happen.
                if let Some(stranger) = todo.line.as_mut() {
                    if let Some(known) = stranger.value.as_mut() {
                        known.tries = known.tries.saturating_sub(1);
                    }
                    ledger::keep(run.host, stranger);
                }
                let mut line = ledger::read::<Mail>(run.host, &[ledger::content_key(&content)])?.remove(0);
                line.value.get_or_insert_with(Mail::default).tries += 1;
                line
            }
        };
        if let Some(known) = line.value.as_mut() {
            known.digest = content;
        }
        todo.line = Some(line.clone());
        Ok(Self {
            message,
            line,
            asked: todo.asked,
        })
    }

    /// Its line.
    pub(super) fn known(&mut self) -> &mut Mail {
        self.line.value.get_or_insert_with(Mail::default)
    }
}

/// A mail's content, without what changes while it lies in a mailbox.
fn content(message: &Message) -> String {
    let letter = Letter::of(message);
    let sent = message.sent_at.map(|at| at.to_string()).unwrap_or_default();
    let names: Vec<&str> = message
        .attachments
        .iter()
        .filter_map(|attachment| attachment.name.as_deref())
        .collect();
    let text = message.text.as_deref().unwrap_or_default().trim();
    let html = if text.is_empty() {
        message.html.as_deref().unwrap_or_default().trim()
    } else {
        ""
    };
    digest::short(&[
        letter.sender().as_deref().unwrap_or_default(),
        letter.subject.as_deref().unwrap_or_default(),
        &sent,
        text,
        html,
        &names.join("\n"),
    ])
}
