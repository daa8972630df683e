//! What does the analyst read in the case, and which tag does the case get?

use std::fmt::Write;

use synapse_guest::error::explain;
use synapse_guest::text::{code_span, visible};
use synapse_guest::thehive::{AlertPatch, CasePatch, Owner};
use synapse_guest::workflow::Level;
use synapse_offenses::feedback::{self, Place};

use crate::Host;
use crate::answer::{Answer, Kind, Outcome};
use crate::closure::Closure;
use crate::run::Run;

/// Writes once what became of the offenses, unless the same was written before; sets or removes the tag of failure.
pub fn tell<H: Host>(run: &mut Run<'_, H>, closure: &Closure, closed_at: u64, answer: &mut Answer) {
    tag(run, closure, answer);
    let news = |outcome: &Outcome| {
        let told = run.told.outcomes.get(&outcome.offense);
        // What we closed ourselves is closed already the next time.
        told != Some(&outcome.outcome) && !(told == Some(&Kind::Closed) && outcome.outcome == Kind::Already)
    };
    if !answer.offenses.iter().any(news) {
        return;
    }
    let text = text(run, closure, &answer.offenses);
    let place = Place {
        owner: closure.owner.clone(),
        task: &run.config.log_task,
    };
    let kinds: String = answer
        .offenses
        .iter()
        .map(|outcome| format!("{:?}", outcome.outcome))
        .collect();
    let key = format!("feedback/{}/{closed_at}/{kinds}", run.subject_key(closure));
    match feedback::write(run.host, &run.organisation, &place, &text, &key) {
        Ok(()) => {
            for outcome in &answer.offenses {
                run.told.outcomes.insert(outcome.offense, outcome.outcome);
            }
            run.keep(closure);
        }
        Err(error) => {
            let warning = format!("{} was not told: {}", closure.name, explain(&error));
            run.host.log(Level::Warn, &warning, &[]);
            answer.warnings.push(warning);
        }
    }
}

fn text<H: Host>(run: &Run<'_, H>, closure: &Closure, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "**Synapse**, closing of {} ({}):\n\n",
        visible(&closure.name),
        code_span(&closure.status)
    );
    for outcome in outcomes {
        let name = match &outcome.link {
            Some(link) => format!("[offense {}]({link})", outcome.offense),
            None => format!("offense {}", outcome.offense),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- {name}: {}", quiet(&outcome.message));
    }
    if outcomes.iter().any(|outcome| outcome.outcome == Kind::Held) {
        let named = match &closure.owner {
            Owner::Case(id) => format!("{{\"case\": \"{id}\", \"approve\": true}}"),
            Owner::Alert(id) => format!("{{\"alert\": \"{id}\", \"approve\": true}}"),
        };
        let _ = writeln!(
            text,
            "\nTo close it nevertheless, start `{}` with `{named}`.",
            run.host.deployment()
        );
    }
    let id = run.host.run_id();
    let link = run.config.run_url.as_ref().map(|url| url.replace("{run}", &id));
    let _ = match link {
        Some(link) => write!(text, "\nRun [{id}]({link})"),
        None => write!(text, "\nRun `{id}`"),
    };
    text
}

/// A sentence of ours with names from outside in it: nothing in it is a link, an image or a tag.
fn quiet(message: &str) -> String {
    visible(message)
        .replace("://", "[:]//")
        .replace('<', "‹")
        .replace("![", "!\\[")
        .replace("](", "]\\(")
}

fn tag<H: Host>(run: &Run<'_, H>, closure: &Closure, answer: &mut Answer) {
    let tag = &run.config.failed_tag;
    let is_set = closure.tags.contains(tag);
    let (add, remove) = match (answer.success, is_set) {
        (true, true) => (Vec::new(), vec![tag.clone()]),
        (false, false) => (vec![tag.clone()], Vec::new()),
        (true, false) | (false, true) => return,
    };
    let done = match &closure.owner {
        Owner::Case(id) => {
            let patch = CasePatch {
                add_tags: add,
                remove_tags: remove,
                ..CasePatch::default()
            };
            run.host.update_case(&run.organisation, id, &patch).map(|_| ())
        }
        Owner::Alert(id) => {
            let patch = AlertPatch {
                add_tags: add,
                remove_tags: remove,
                ..AlertPatch::default()
            };
            run.host.update_alert(&run.organisation, id, &patch).map(|_| ())
        }
    };
    if let Err(error) = done {
        answer
            .warnings
            .push(format!("the tag `{tag}` was not changed: {}", explain(&error)));
    }
}
