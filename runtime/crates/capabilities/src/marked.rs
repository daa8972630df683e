//! How does a text carry a marker, and how does a guest never see it? For products whose objects have no other place for one.

/// Prefix of every marker: a guest cannot claim to be the platform (threat rows 40 and 41).
pub const RESERVED: &str = "synapse:";
/// Hexadecimal digits of a marker.
const DIGITS: usize = 16;
/// An empty line, so that Markdown gives the marker a line of its own.
const GAP: &str = "\n\n";
/// What a marker adds to a text.
pub const MARK: usize = GAP.len() + RESERVED.len() + DIGITS;

/// The text with the marker as its last line.
pub fn mark(text: &str, marker: &str) -> String {
    if text.is_empty() {
        marker.to_owned()
    } else {
        format!("{text}{GAP}{marker}")
    }
}

/// Is a line of the text this marker? Any line: an analyst may have written below it.
pub fn carries(text: &str, marker: &str) -> bool {
    text.lines().any(|line| line.trim() == marker)
}

/// The text without the marker at its end.
pub fn unmark(mut text: String) -> String {
    let trimmed = text.trim_end();
    let last = trimmed.rfind('\n').map_or(0, |at| at.saturating_add(1));
    if trimmed.get(last..).is_some_and(|line| is_marker(line.trim())) {
        let kept = text.get(..last).map_or(0, |before| before.trim_end().len());
        text.truncate(kept);
    }
    text
}

/// A new text in the place of an old one: the old one's marker stays, so that what carries it is still known to be ours.
pub fn remark(old: &str, new: &str) -> String {
    let last = old.trim_end().lines().last().map(str::trim);
    match last.filter(|line| is_marker(line)) {
        Some(marker) => mark(new, marker),
        None => new.to_owned(),
    }
}

/// Does a text name a marker of the platform, or something that looks like one?
pub fn names_marker(text: &str) -> bool {
    text.to_ascii_lowercase().contains(RESERVED)
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix(RESERVED)
        .is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARKER: &str = "synapse:0123456789abcdef";

    proptest! {
        #[test]
        fn what_is_marked_is_found_and_reads_as_before_but_for_blanks_at_the_end(text in any::<String>()) {
            let marked = mark(&text, MARKER);
            prop_assert!(carries(&marked, MARKER));
            prop_assert!(marked.len() <= text.len() + MARK);
            prop_assert_eq!(unmark(marked), text.trim_end());
        }
    }

    #[test]
    fn a_server_that_changes_line_ends_or_trims_hides_no_marker() {
        for text in [
            format!("a\r\n\r\n{MARKER}\r\n"),
            format!("a\n {MARKER} "),
            format!("a\n\n{MARKER}\n\n"),
        ] {
            assert!(carries(&text, MARKER), "{text:?}");
            assert_eq!(unmark(text), "a");
        }
        assert_eq!(unmark(MARKER.to_owned()), "");
    }

    #[test]
    fn only_a_whole_last_line_of_the_right_shape_is_a_marker() {
        for text in [
            "a",
            "",
            "synapse:0123",
            "see synapse:0123456789abcdef",
            "synapse:0123456789abcdef\nmore",
            "synapse:0123456789abcdeg",
        ] {
            assert_eq!(unmark(text.to_owned()), text);
        }
        assert!(!carries("see synapse:0123456789abcdef", MARKER));
        assert!(carries("synapse:0123456789abcdef\nan analyst's line", MARKER));
    }
}
