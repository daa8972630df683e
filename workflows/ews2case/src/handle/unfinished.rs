//! Where is it said that a mail is not finished?

use synapse_guest::ews::Summary;
use synapse_guest::thehive::CasePatch;
use synapse_guest::workflow::Verdict;

use super::Job;
use crate::Host;
use crate::digest;
use crate::feedback;
use crate::late;
use crate::ledger::{self, Home, Line, Mail, TRIES};
use crate::run::Run;
use crate::said;

/// Tag of a case that is not complete; removable.
const FAILED_TAG: &str = "ews2case:failed";

/// A mail that could not be finished: said in its case, in Outlook, in the ledger and in the report.
pub fn give_up<H: Host>(run: &mut Run<'_, H>, summary: &Summary, line: &mut Line<Mail>, reason: &str) {
    let key = line.key.clone();
    let home = line.value.as_ref().and_then(|known| known.home.clone());
    let tries = line.value.as_ref().map_or(1, |known| known.tries);
    if let Some(known) = line.value.as_mut() {
        let shown = synapse_guest::text::cut(reason, 500);
        let is_news = known.error.as_ref() != Some(&shown);
        known.error = Some(shown);
        if let Some(home) = known.home.as_ref().filter(|_| is_news) {
            tell(run, &key, home, reason);
        }
    }
    ledger::keep(run.host, line);
    feedback::show_failure(run, summary);
    let place = home.as_ref().map_or_else(
        || "not imported".to_owned(),
        |home| format!("{} is not complete", home.name()),
    );
    let next = if tries >= TRIES {
        "it was the last try"
    } else {
        "the next run tries again"
    };
    run.answer.tell(
        run.host,
        &crate::select::about(summary),
        Verdict::Failed,
        home.as_ref(),
        &format!("{place}: {reason}; {next}"),
    );
}

/// Takes the mark of an earlier failure off. That it stays where it cannot be taken off is no reason to fail again.
pub fn cure<H: Host>(run: &Run<'_, H>, job: &mut Job) {
    let known = job.known();
    let was_ill = known.error.take().is_some();
    if let Some(home) = known.home.as_ref().filter(|home| was_ill && home.number.is_some()) {
        let patch = CasePatch {
            remove_tags: vec![FAILED_TAG.to_owned()],
            ..late::empty_patch()
        };
        let _ = run.host.update_case(&run.organisation, &home.id, &patch);
    }
}

/// Says in the case that it is not complete: once for each reason, with a tag that can be removed.
fn tell<H: Host>(run: &Run<'_, H>, key: &str, home: &Home, reason: &str) {
    let shown = synapse_guest::text::code_span(reason);
    let id = run.host.run_id();
    let named = match &run.config.run_url {
        Some(url) => format!("[{id}]({})", url.replace("{run}", &id)),
        None => id,
    };
    let message = format!("A mail of this conversation is not complete here yet: {shown} (run {named}).");
    let dedup = format!("failed/{key}/{}", digest::short(&[reason]));
    let _ = said::say(run, home, &message, &dedup);
    if home.number.is_some() {
        let patch = CasePatch {
            add_tags: vec![FAILED_TAG.to_owned()],
            ..late::empty_patch()
        };
        let _ = run.host.update_case(&run.organisation, &home.id, &patch);
    }
}
