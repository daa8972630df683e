//! How is text from outside shown without doing anything?
//!
//! Offense descriptions, mail subjects and log lines are written by attackers. In an alert they must not be markup, links or
//! images, must not turn the reading direction round, and must not leave the cell or block they are in.

use std::borrow::Cow;

/// What stands for the part that was cut away.
pub const CUT: char = '…';

/// At most `max` characters (not bytes); a longer text ends in [`CUT`].
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push(CUT);
    short
}

/// One line in which every character can be seen: line ends become ` ⏎ `, other control characters, direction marks and
/// invisible ones become their code (`\u{202e}`). Not escaped for any markup.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                shown.truncate(shown.trim_end().len());
                shown.push_str(" ⏎ ");
                while characters.next_if_eq(&' ').is_some() {}
            }
            '\t' => shown.push(' '),
            _ if is_hidden(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    shown
}

/// Control characters, bidirectional controls, zero-width ones, tag characters and other format characters that a
/// reader cannot see.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// A Markdown code span that is safe in a table cell: nothing in it is markup, a link or an image, and it cannot be left.
///
/// Characters that could end the span or the cell are replaced by ones that look alike, `://` by `[:]//`, and what opens an
/// HTML tag by `‹`: some viewers show the source, and some turn every address into a link.
pub fn code_span(text: &str) -> String {
    let shown = visible(text);
    if shown.is_empty() {
        return "(none)".to_owned();
    }
    let inner: String = shown
        .chars()
        .map(|character| match character {
            '`' => 'ˋ',
            '|' => '¦',
            other => other,
        })
        .collect();
    // A backslash at the end would escape the closing mark in viewers that honour it inside code.
    let end = if inner.ends_with('\\') { " " } else { "" };
    format!("`{}{end}`", inert(&inner))
}

/// A fenced code block. Each entry becomes one line, and the fence is longer than any run of backticks in them.
pub fn code_block(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| inert(&visible(line)).into_owned()).collect();
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// Takes the life out of addresses and tags, and leaves everything else as it is.
fn inert(text: &str) -> Cow<'_, str> {
    if !text.contains("://") && !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut quiet = String::with_capacity(text.len() + 16);
    let mut rest = text
        .replace("://", "[:]//")
        .chars()
        .collect::<Vec<_>>()
        .into_iter()
        .peekable();
    while let Some(character) = rest.next() {
        let opens_tag = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        quiet.push(if character == '<' && rest.peek().is_some_and(opens_tag) {
            '‹'
        } else {
            character
        });
    }
    Cow::Owned(quiet)
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_has_exactly_the_allowed_length_and_says_so() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut("ab", 0), "…");
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_code() {
        assert_eq!(
            visible("a\u{202e}b\u{200b}c\x1b[31m\0"),
            "a\\u{202e}b\\u{200b}c\\u{1b}[31m\\u{0}"
        );
        assert_eq!(visible(" two \r\n  lines\n"), "two ⏎ lines");
    }

    #[test]
    fn a_cell_cannot_be_left_and_holds_no_live_link() {
        let span = code_span("a|b `c` <script>x</script> ![i](https://evil.example/p)\n| new | row |");
        assert_eq!(
            span,
            "`a¦b ˋcˋ ‹script>x‹/script> ![i](https[:]//evil.example/p) ⏎ ¦ new ¦ row ¦`"
        );
        assert_eq!(code_span(" \n"), "(none)");
        assert_eq!(code_span("C:\\"), "`C:\\ `");
    }

    #[test]
    fn a_log_line_with_backticks_cannot_leave_its_block() {
        let block = code_block(&["```\n# free".to_owned(), "a < b".to_owned()]);
        assert_eq!(block, "````text\n``` ⏎ # free\na < b\n````\n");
    }
}
