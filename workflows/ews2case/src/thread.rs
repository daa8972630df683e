//! Which conversation is a mail part of, and does that have a case?
//!
//! `Message-ID`, `References` and what Exchange makes of them are the sender's word. So an answer joins a case only if somebody who
//! took part in it takes part in the answer; else it gets a case of its own that names the other one.

use synapse_guest::error::Error;
use synapse_guest::ews::{Message, Summary};
use synapse_guest::thehive::{AlertKey, Case, CaseFilter};

use crate::Host;
use crate::case::conversation_tag;
use crate::config::{Create, ThreadJoin};
use crate::description;
use crate::digest;
use crate::ledger::{self, Conversation, Home, Line};
use crate::letter::Letter;
use crate::run::{MAILBOX, Run};

/// Pages of cases that are searched for one made by the original.
const ADOPT_PAGES: usize = 3;

/// Where a mail belongs.
pub enum Place {
    /// Into this conversation's case, which exists.
    Joins(Line<Conversation>),
    /// Into a new case, under this line.
    New {
        /// The line to be written.
        line: Line<Conversation>,
        /// Why it is not the conversation's own, with that one's name.
        apart: Option<String>,
    },
}

/// The conversation's digest, from what lists say; none where only the mail itself can tell.
pub fn of_summary(summary: &Summary) -> Option<String> {
    summary
        .conversation_id
        .as_deref()
        .map(|id| digest::short(&["conversation", id]))
}

/// The conversation's digest. Without the server's word, the first mail it refers to.
pub fn of_message(message: &Message, content: &str) -> String {
    of_summary(&message.summary).unwrap_or_else(|| {
        let first = message.references.first().or(message.in_reply_to.as_ref());
        let own = message.summary.internet_message_id.as_ref();
        digest::short(&["references", first.or(own).map_or(content, |id| id.trim())])
    })
}

/// Finds the mail's place. `own` is the digest of the mail itself.
///
/// # Errors
/// The ledger or TheHive could not be asked; then nothing may be created.
pub fn place<H: Host>(run: &Run<'_, H>, message: &Message, letter: &Letter, own: &str) -> Result<Place, Error> {
    let conversation = of_message(message, own);
    if run.config.thread_join == ThreadJoin::Never {
        let alone = digest::short(&["alone", own]);
        return known_or_new(run, &alone, None, None);
    }
    let id = message.summary.conversation_id.as_deref();
    let line = look_up(run, &conversation, id.map(|id| (id, letter)))?;
    let Some(known) = &line.value else {
        return Ok(Place::New { line, apart: None });
    };
    if run.config.thread_join == ThreadJoin::Conversation || takes_part(known, letter) {
        return Ok(Place::Joins(line));
    }
    let apart = format!(
        "This mail is part of the conversation of {} ({}), but shares no participant with it. It was kept apart: such identifiers can be \
         forged.",
        known.home.name(),
        known.home.link
    );
    let stranger = digest::short(&["apart", &conversation, letter.sender().as_deref().unwrap_or(own)]);
    known_or_new(run, &stranger, None, Some(apart))
}

fn known_or_new<H: Host>(
    run: &Run<'_, H>,
    conversation: &str,
    legacy: Option<(&str, &Letter)>,
    apart: Option<String>,
) -> Result<Place, Error> {
    let line = look_up(run, conversation, legacy)?;
    Ok(if line.value.is_some() {
        Place::Joins(line)
    } else {
        Place::New { line, apart }
    })
}

/// Somebody who wrote in it is here, or the sender was a recipient before. That the same mailbox got both says nothing: every report goes
/// there.
fn takes_part(known: &Conversation, letter: &Letter) -> bool {
    // An alert, or a case whose description was rewritten, after a lost ledger: the conversation is taken at its word.
    if known.senders.is_empty() && known.recipients.is_empty() {
        return true;
    }
    let is_in = |list: &[String], address: &str| list.contains(&digest::short(&[address]));
    let sender = letter.sender();
    let sender_known = sender
        .as_deref()
        .is_some_and(|sender| is_in(&known.senders, sender) || is_in(&known.recipients, sender));
    sender_known
        || letter
            .recipients()
            .iter()
            .any(|recipient| is_in(&known.senders, recipient))
}

/// The conversation's line with a case that still exists: from the ledger, else as TheHive knows it.
fn look_up<H: Host>(
    run: &Run<'_, H>,
    conversation: &str,
    legacy: Option<(&str, &Letter)>,
) -> Result<Line<Conversation>, Error> {
    let key = ledger::conversation_key(conversation);
    let mut line = ledger::read::<Conversation>(run.host, &[key])?.remove(0);
    if let Some(known) = &mut line.value {
        match current(run, &known.home)? {
            Some(home) => known.home = home,
            // An analyst deleted it; a mail that somebody puts into the folder now is a new matter.
            None => line.value = None,
        }
        return Ok(line);
    }
    let found = match run.config.create {
        Create::Case => by_tag(run, conversation)?,
        Create::Alert => by_reference(run, conversation)?,
    };
    line.value = match (found, legacy) {
        (Some(found), _) => Some(found),
        (None, Some((id, letter))) if run.config.adopt => legacy_case(run, id, letter)?,
        (None, _) => None,
    };
    Ok(line)
}

/// Where it is now; none if it is gone. An alert that was promoted is a case.
///
/// # Errors
/// TheHive could not be asked.
pub fn current<H: Host>(run: &Run<'_, H>, home: &Home) -> Result<Option<Home>, Error> {
    let found = if home.number.is_some() {
        run.host.get_case(&run.organisation, &home.id).map(|_| home.clone())
    } else {
        match run.host.get_alert(&run.organisation, &home.id) {
            Ok(alert) => match alert.case_id {
                Some(case) => run.host.get_case(&run.organisation, &case).map(|case| of_case(&case)),
                None => Ok(home.clone()),
            },
            Err(error) => Err(error),
        }
    };
    match found {
        Ok(home) => Ok(Some(home)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A case's place.
pub fn of_case(case: &Case) -> Home {
    Home {
        id: case.id.clone(),
        number: Some(case.number),
        link: case.link.clone(),
        task: None,
    }
}

fn by_tag<H: Host>(run: &Run<'_, H>, conversation: &str) -> Result<Option<Conversation>, Error> {
    let filter = CaseFilter {
        tags: vec![conversation_tag(conversation)],
        title: None,
        custom_fields: Vec::new(),
        open: false,
    };
    let page = run.host.find_cases(&run.organisation, &filter, None)?;
    // Newest first: the oldest one is the one that others were kept apart from.
    Ok(page.cases.last().map(from_description))
}

fn by_reference<H: Host>(run: &Run<'_, H>, conversation: &str) -> Result<Option<Conversation>, Error> {
    let key = AlertKey {
        type_: run.config.alert_type.clone(),
        source: run.host.source_id(MAILBOX)?,
        source_ref: conversation.to_owned(),
    };
    let Some(alert) = run
        .host
        .find_alerts(&run.organisation, &[key])?
        .into_iter()
        .next()
        .flatten()
    else {
        return Ok(None);
    };
    let home = Home {
        id: alert.id,
        number: None,
        link: alert.link,
        task: None,
    };
    let known = |home| Conversation {
        home,
        assignee: None,
        senders: Vec::new(),
        recipients: Vec::new(),
    };
    Ok(current(run, &home)?.map(known))
}

/// The line of a case whose own line was lost. Who it was assigned to by us is not known any more: nobody is reassigned.
fn from_description(case: &Case) -> Conversation {
    let mut known = Conversation {
        home: of_case(case),
        assignee: None,
        senders: Vec::new(),
        recipients: Vec::new(),
    };
    let (senders, recipients) = description::participants(&case.description);
    senders.iter().for_each(|sender| known.add(Some(sender), &[]));
    known.add(None, &recipients);
    known
}

/// A case that the original made: the conversation's id is in its description, and its title is the conversation's.
fn legacy_case<H: Host>(
    run: &Run<'_, H>,
    conversation_id: &str,
    letter: &Letter,
) -> Result<Option<Conversation>, Error> {
    let Some(subject) = &letter.subject else {
        return Ok(None);
    };
    let mut titles = vec![subject.trim().to_owned()];
    let bare = without_prefixes(subject);
    if bare != titles[0] && !bare.is_empty() {
        titles.push(bare.to_owned());
    }
    for title in titles.into_iter().filter(|title| title.chars().count() <= 512) {
        let filter = CaseFilter {
            tags: Vec::new(),
            title: Some(title),
            custom_fields: Vec::new(),
            open: false,
        };
        let mut cursor = None;
        for _ in 0..ADOPT_PAGES {
            let page = run.host.find_cases(&run.organisation, &filter, cursor.as_deref())?;
            // The original wrote nothing of the participants down: the conversation is taken at its word, once.
            let is_it =
                |case: &&Case| case.description.contains(conversation_id) && !case.description.contains("| **From** |");
            if let Some(case) = page.cases.iter().rev().find(is_it) {
                let mut known = from_description(case);
                known.add(letter.sender().as_deref(), &letter.recipients());
                return Ok(Some(known));
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(None)
}

/// The subject without `Re:`, `Fwd:` and their sisters in other languages.
fn without_prefixes(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((prefix, after)) = rest.split_once(':') {
        let known = [
            "re", "fw", "fwd", "aw", "wg", "rv", "tr", "sv", "vs", "antw", "odp", "ynt", "回复", "答复", "转发",
        ];
        if !known.contains(&prefix.trim().to_lowercase().as_str()) {
            break;
        }
        rest = after.trim();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_answers_are_taken_off_one_by_one() {
        assert_eq!(without_prefixes(" RE: Fwd: AW: Invoice: 12"), "Invoice: 12");
        assert_eq!(without_prefixes("Report: x"), "Report: x");
    }

    #[test]
    fn a_shared_mailbox_makes_nobody_a_participant() {
        let mut known = Conversation {
            home: Home {
                id: "~1".into(),
                number: Some(1),
                link: String::new(),
                task: None,
            },
            assignee: None,
            senders: Vec::new(),
            recipients: Vec::new(),
        };
        known.add(
            Some("bob@corp.example"),
            &["soc@corp.example".into(), "carol@corp.example".into()],
        );
        let letter = |from: &str, to: &str| {
            let person = |email: &str| crate::letter::Person {
                name: None,
                email: Some(email.into()),
            };
            Letter {
                from: Some(person(from)),
                to: vec![person(to)],
                ..Letter::default()
            }
        };
        assert!(takes_part(&known, &letter("BOB@corp.example", "x@y.example")));
        assert!(takes_part(&known, &letter("carol@corp.example", "soc@corp.example")));
        assert!(takes_part(&known, &letter("dave@corp.example", "bob@corp.example")));
        assert!(!takes_part(&known, &letter("eve@evil.example", "soc@corp.example")));
    }
}
