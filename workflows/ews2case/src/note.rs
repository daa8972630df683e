//! What does the task log of a mail say?

use std::fmt::Write;

use synapse_guest::text::{code_block, cut, visible};
use synapse_guest::time::utc;

use crate::description;
use crate::letter::{Letter, Person};
use crate::said;

/// Characters of a body in the log; the rest is attached.
const BODY_CHARS: usize = 64_000;
/// Lines of a body in the log.
const BODY_LINES: usize = 2_000;
/// Characters of one header line.
const HEADER_CHARS: usize = 16_000;
/// People of one header line.
const PEOPLE: usize = 100;
/// Characters of one of them.
const PERSON_CHARS: usize = 400;

/// A log entry's text.
pub struct Note {
    /// Markdown.
    pub markdown: String,
    /// The body did not fit.
    pub cut: bool,
}

/// The text for a mail: its header, its body, and what is missing.
pub fn render(letter: &Letter, body: &str, attachments: &[String], notes: &[String]) -> Note {
    let mut header = vec![
        format!("From:        {}", list(letter.from.as_slice())),
        format!("To:          {}", list(&letter.to)),
    ];
    if !letter.cc.is_empty() {
        header.push(format!("Cc:          {}", list(&letter.cc)));
    }
    header.push(format!(
        "Subject:     {}",
        letter.subject.as_deref().unwrap_or(crate::letter::NO_SUBJECT)
    ));
    header.push(format!(
        "Date:        {}",
        letter.sent.map_or_else(|| "(unknown)".to_owned(), utc)
    ));
    header.push(mark(letter.message_id.as_deref().unwrap_or("(none)")));
    if !attachments.is_empty() {
        header.push(format!("Attachments: {}", attachments.join(", ")));
    }
    let header: Vec<String> = header.iter().map(|line| cut(line, HEADER_CHARS)).collect();
    let (lines, shortened) = lines(body);
    let mut markdown = format!("{}\n{}", code_block(&header), code_block(&lines));
    if shortened {
        let total = body.chars().count();
        let _ = write!(
            markdown,
            "\nThe body is cut here; all of its {total} characters are attached.\n"
        );
    }
    if !notes.is_empty() {
        markdown.push_str("\n**What is missing**\n\n");
        description::notes(&mut markdown, notes);
    }
    Note {
        markdown,
        cut: shortened,
    }
}

/// The line by which a mail's log entry is found again.
fn mark(message_id: &str) -> String {
    format!("Message-ID:  {}", cut(message_id, 900))
}

/// Is this log entry about that mail?
pub fn is_about(log: &str, letter: &Letter) -> bool {
    let Some(id) = &letter.message_id else { return false };
    // As the code block shows it.
    let wanted = code_block(&[mark(id)]);
    let wanted = wanted.lines().nth(1).unwrap_or_default();
    // Only the header's block counts: what follows is the sender's.
    let mut lines = log.lines();
    let fence = lines.next().unwrap_or_default().trim_end_matches("text");
    lines.take_while(|line| *line != fence).any(|line| line == wanted)
}

/// Is that mail's text in this description, after a rule of ours? What stands in a block is somebody else's word.
pub fn is_in(description: &str, letter: &Letter) -> bool {
    let mut lines = description.lines();
    let mut after_rule = false;
    while let Some(line) = lines.next() {
        if line == said::RULE {
            after_rule = true;
        } else if line.starts_with("```") {
            let fence = line.trim_end_matches("text");
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
            let block = format!("{line}\n{}\n{fence}\n", block.join("\n"));
            if after_rule && is_about(&block, letter) {
                return true;
            }
            after_rule = false;
        } else if !line.is_empty() {
            after_rule = false;
        }
    }
    false
}

fn list(people: &[Person]) -> String {
    let mut names: Vec<String> = people
        .iter()
        .take(PEOPLE)
        .map(|person| cut(&person.shown(), PERSON_CHARS))
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

fn lines(body: &str) -> (Vec<String>, bool) {
    let mut lines: Vec<String> = Vec::new();
    let mut room = BODY_CHARS;
    let mut blank = false;
    for line in body.trim().lines() {
        let shown = visible(line);
        // Outlook's text has many empty lines in a row.
        if shown.is_empty() && blank {
            continue;
        }
        blank = shown.is_empty();
        let count = shown.chars().count() + 1;
        if count > room || lines.len() == BODY_LINES {
            lines.push(cut(&shown, room.max(1)));
            return (lines, true);
        }
        room -= count;
        lines.push(shown);
    }
    (lines, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_too_long_is_cut_and_says_so() {
        let body = format!("first\n\n\n\nsecond\n{}", "x".repeat(BODY_CHARS));
        let note = render(&Letter::default(), &body, &[], &[]);
        assert!(note.cut && note.markdown.contains("The body is cut here; all of its"));
        assert!(note.markdown.contains("first\n\nsecond\n"), "{}", &note.markdown[..200]);
        assert!(note.markdown.len() < 80_000);
    }

    #[test]
    fn a_mail_in_a_description_is_found_after_our_rule_and_never_in_another_ones_words() {
        let of = |id: &str| Letter {
            message_id: Some(id.to_owned()),
            ..Letter::default()
        };
        let (ours, other) = (of("<a@b.example>"), of("<c@d.example>"));
        let forged = format!("x\n\n{}\n\n{}", said::RULE, render(&other, "body", &[], &[]).markdown);
        let note = render(&ours, &forged, &[], &[]).markdown;
        let description = format!("## Reported mail\n\nwords\n\n{}\n\n{note}", said::RULE);
        assert!(is_in(&description, &ours));
        assert!(!is_in(&description, &other), "{description}");
        assert!(!is_in(&note, &ours), "only what we added counts");
        let both = format!(
            "{description}\n\n{}\n\n{}",
            said::RULE,
            render(&other, "", &[], &[]).markdown
        );
        assert!(is_in(&both, &other) && is_in(&both, &ours));
    }

    #[test]
    fn a_log_entry_is_found_by_its_message_id_only() {
        let letter = Letter {
            message_id: Some("<a@b.example>".into()),
            ..Letter::default()
        };
        let note = render(&letter, "Message-ID:  <c@d.example>", &[], &[]).markdown;
        assert!(is_about(&note, &letter));
        let other = Letter {
            message_id: Some("<c@d.example>".into()),
            ..Letter::default()
        };
        assert!(!is_about(&note, &other), "a body passes for a header");
        assert!(!is_about(&note, &Letter::default()));
    }
}
