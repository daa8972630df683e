//! What does an analyst read in the case?
//!
//! Everything in a mail is its sender's text, so all of it stands in code spans that it cannot leave (`synapse_guest::text`).

use std::fmt::Write;

use synapse_guest::text::{code_span, cut};
use synapse_guest::time::utc;

use crate::letter::{Letter, Person};

/// People listed in one row.
const PEOPLE: usize = 50;
/// Characters of one value.
const VALUE_CHARS: usize = 1_000;
/// Notes listed.
const NOTES: usize = 50;
/// The row of who wrote the mail in the folder.
const REPORTER: &str = "Reported by";
/// The row of who got it.
const REPORTED_TO: &str = "Reported to";

/// What the description says.
pub struct Facts<'a> {
    /// The mail in the folder.
    pub outer: &'a Letter,
    /// The mail that was reported with it, if one is attached.
    pub inner: Option<&'a Letter>,
    /// The server's id of the conversation, if it has one.
    pub conversation_id: Option<&'a str>,
    /// What is missing, and why.
    pub notes: &'a [String],
    /// Why the case is not the one of the conversation.
    pub apart: Option<&'a str>,
    /// Where the mail lies.
    pub folder: &'a str,
}

/// The description, in Markdown.
pub fn render(facts: &Facts<'_>) -> String {
    let mut out = String::from("## Reported mail\n\n| | |\n|---|---|\n");
    let reported = facts.inner.unwrap_or(facts.outer);
    mail(&mut out, reported);
    if facts.inner.is_some() {
        row(&mut out, REPORTER, &people(facts.outer.from.as_slice()));
        row(&mut out, REPORTED_TO, &people(&recipients(facts.outer)));
        row(&mut out, "Report's subject", &shown(&facts.outer.title()));
        row(
            &mut out,
            "Report's Message-ID",
            &shown(facts.outer.message_id.as_deref().unwrap_or_default()),
        );
        row(&mut out, "Reported", &moment(facts.outer));
    }
    row(&mut out, "Folder", &shown(facts.folder));
    if let Some(id) = facts.conversation_id {
        row(&mut out, "Conversation", &shown(id));
    }
    if let Some(apart) = facts.apart {
        let _ = write!(out, "\n## Conversation\n\n{apart}\n");
    }
    if !facts.notes.is_empty() {
        out.push_str("\n## What is missing\n\n");
        notes(&mut out, facts.notes);
    }
    out
}

/// A list of notes, each inert.
pub fn notes(out: &mut String, notes: &[String]) {
    for note in notes.iter().take(NOTES) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "- {}", code_span(&cut(note, VALUE_CHARS)));
    }
    if notes.len() > NOTES {
        let _ = writeln!(out, "- and {} more", notes.len() - NOTES);
    }
}

fn mail(out: &mut String, letter: &Letter) {
    row(
        out,
        "Subject",
        &shown(letter.subject.as_deref().unwrap_or(crate::letter::NO_SUBJECT)),
    );
    row(out, "From", &people(letter.from.as_slice()));
    if !letter.reply_to.is_empty() {
        row(out, "Reply-To", &people(&letter.reply_to));
    }
    row(out, "To", &people(&letter.to));
    if !letter.cc.is_empty() {
        row(out, "Cc", &people(&letter.cc));
    }
    row(out, "Date", &moment(letter));
    row(
        out,
        "Message-ID",
        &shown(letter.message_id.as_deref().unwrap_or_default()),
    );
}

fn moment(letter: &Letter) -> String {
    letter.sent.map_or_else(|| "(unknown)".to_owned(), utc)
}

fn row(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "| **{name}** | {value} |");
}

fn shown(value: &str) -> String {
    code_span(&cut(value.trim(), VALUE_CHARS))
}

fn recipients(letter: &Letter) -> Vec<Person> {
    letter.to.iter().chain(&letter.cc).cloned().collect()
}

fn people(people: &[Person]) -> String {
    let mut names: Vec<String> = people
        .iter()
        .take(PEOPLE)
        .map(|person| shown(&person.shown()))
        .collect();
    if people.len() > PEOPLE {
        names.push(format!("and {} more", people.len() - PEOPLE));
    }
    if names.is_empty() {
        "(nobody)".to_owned()
    } else {
        names.join(", ")
    }
}

/// Who took part in the conversation, as a description of ours says it: for a ledger that was lost. Senders, then recipients.
pub fn participants(description: &str) -> (Vec<String>, Vec<String>) {
    let rows = |names: &[&str]| {
        let of = |line: &str| {
            let value = names
                .iter()
                .find_map(|name| line.strip_prefix(&format!("| **{name}** | ")))?;
            Some(addresses(value))
        };
        description.lines().filter_map(of).flatten().collect::<Vec<String>>()
    };
    let reporters = rows(&[REPORTER]);
    if reporters.is_empty() {
        (rows(&["From"]), rows(&["To", "Cc"]))
    } else {
        (reporters, rows(&[REPORTED_TO]))
    }
}

/// The addresses in a row's code spans.
fn addresses(row: &str) -> Vec<String> {
    let span = |span: &str| {
        let inner = span
            .rsplit_once('‹')
            .and_then(|(_, rest)| rest.strip_suffix('›'))
            .unwrap_or(span);
        inner.contains('@').then(|| inner.trim().to_lowercase())
    };
    row.split('`').skip(1).step_by(2).filter_map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str) -> Person {
        Person {
            name: Some(name.into()),
            email: Some(email.into()),
        }
    }

    #[test]
    fn participants_are_read_back_from_our_own_rows_only() {
        let outer = Letter {
            from: Some(person("Bob | x", "Bob@corp.example")),
            to: vec![
                person("SOC", "soc@corp.example"),
                person("a\n| **From** | `eve@evil.example` |", "x@corp.example"),
            ],
            ..Letter::default()
        };
        let inner = Letter {
            from: Some(person("Eve", "eve@evil.example")),
            ..Letter::default()
        };
        let facts = |inner| Facts {
            outer: &outer,
            inner,
            conversation_id: None,
            notes: &[],
            apart: None,
            folder: "TheHive",
        };
        let expected = (
            vec!["bob@corp.example".to_owned()],
            vec!["soc@corp.example".to_owned(), "x@corp.example".to_owned()],
        );
        assert_eq!(participants(&render(&facts(None))), expected);
        assert_eq!(participants(&render(&facts(Some(&inner)))), expected);
    }
}
