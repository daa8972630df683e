//! What is a file from a mail called?
//!
//! The sender chose its name. It is data, never a path (case R7); it is shown as it is where it can be, and cut where it is too long.

use synapse_guest::text;

/// Longest name, characters: room for TheHive's own limits, and for a reader.
const NAME_CHARS: usize = 160;
/// Longest ending that is kept when a name is cut, characters.
const ENDING_CHARS: usize = 12;

/// The name without directories and without what cannot be seen; the fallback if nothing is left.
pub fn clean(name: Option<&str>, fallback: &str) -> String {
    let last = name
        .unwrap_or_default()
        .rsplit(['/', '\\'])
        .find(|part| !part.trim().is_empty());
    let shown = text::visible(last.unwrap_or_default());
    let shown = shown.trim_matches([' ', '.']);
    if shown.is_empty() { cut(fallback) } else { cut(shown) }
}

/// The name of an attached mail: its own, else its subject's (case D02), and it ends in `.eml`.
pub fn mail(name: Option<&str>, subject: Option<&str>) -> String {
    let subject = text::visible(subject.unwrap_or_default()).replace(['/', '\\'], "_");
    let fallback = if subject.is_empty() {
        crate::letter::NO_SUBJECT
    } else {
        &subject
    };
    let name = clean(name, fallback);
    if name.to_lowercase().ends_with(".eml") {
        name
    } else {
        cut(&format!("{name}.eml"))
    }
}

/// Cuts in the middle, so that the ending stays: it says what the file is.
fn cut(name: &str) -> String {
    let count = name.chars().count();
    if count <= NAME_CHARS {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let ending = if ending.chars().count() <= ENDING_CHARS {
        format!(".{ending}")
    } else {
        String::new()
    };
    let room = NAME_CHARS - ending.chars().count();
    format!("{}{ending}", text::cut(name, room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r7_a_name_is_never_a_path() {
        assert_eq!(clean(Some("../../etc/passwd"), "x"), "passwd");
        assert_eq!(clean(Some(r"C:\Users\x\invoice.pdf"), "x"), "invoice.pdf");
        assert_eq!(clean(Some("a/b/"), "x"), "b");
        for empty in [None, Some(""), Some(" /. "), Some("..")] {
            assert_eq!(clean(empty, "attachment-1"), "attachment-1");
        }
    }

    #[test]
    fn what_cannot_be_seen_in_a_name_is_shown() {
        assert_eq!(clean(Some("invoice\u{202e}fdp.exe"), "x"), "invoice\\u{202e}fdp.exe");
        assert_eq!(clean(Some("检验.pdf"), "x"), "检验.pdf");
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = clean(Some(&format!("{}.pdf", "ä".repeat(500))), "x");
        assert_eq!(name.chars().count(), NAME_CHARS);
        assert!(name.ends_with("….pdf"), "{name}");
    }

    #[test]
    fn d02_an_attached_mail_without_a_name_is_called_by_its_subject() {
        assert_eq!(mail(None, Some("Re: a/b")), "Re: a_b.eml");
        assert_eq!(mail(None, None), "(no subject).eml");
        assert_eq!(mail(Some("Fwd.EML"), None), "Fwd.EML");
    }
}
