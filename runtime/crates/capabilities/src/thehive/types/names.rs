//! Which name of a file does TheHive read, and where does the original go (D16, R7)?
//!
//! Names come from senders of mails. They are data, never paths, and the server refuses what is not ASCII in some encodings.

/// Longest name (contract section 8).
const NAME: usize = 128;
/// Longest ending that is kept when a name is cut.
const ENDING: usize = 16;
/// Longest media type (`InputAttachment`).
const MEDIA_TYPE: usize = 128;
/// Longest original name in a message, characters.
const SHOWN: usize = 1_024;
/// What a note adds to a message at most, in UTF-16 units: both names, the words around them and an empty line.
pub const NOTE: usize = NAME + 2 * SHOWN + 32;
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The name as it is sent: printable ASCII that no header, path or shell gives a meaning, at most 128 characters.
pub fn ascii(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric()
            || matches!(
                c,
                ' ' | '.' | '-' | '_' | '(' | ')' | '[' | ']' | '+' | '=' | ',' | '@' | '#' | '&' | '!' | '~' | '\''
            )
        {
            c
        } else {
            '_'
        }
    };
    let clean: String = name.trim().chars().map(safe).collect();
    let ending = ending(&clean).unwrap_or_default();
    let stem = clean.strip_suffix(ending).unwrap_or(&clean);
    if stem.bytes().all(|byte| matches!(byte, b'.' | b'_' | b' ')) {
        return format!("file{ending}");
    }
    let stem: String = stem.chars().take(NAME.saturating_sub(ending.len())).collect();
    format!("{stem}{ending}")
}

/// `.pdf` of `report.pdf`.
fn ending(name: &str) -> Option<&str> {
    let at = name.rfind('.')?;
    let ending = name.get(at..)?;
    let letters =
        ending.len() > 1 && ending.len() <= ENDING && ending.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric());
    letters.then_some(ending)
}

/// A line with the original name for the message; none if it was sent as it is.
pub fn note(name: &str) -> Option<String> {
    let sent = ascii(name);
    if sent == name {
        return None;
    }
    // On one line, and inert in Markdown: no line break, no end of the code span, nothing that turns the reading direction.
    let inert = |c: char| match c {
        '`' => '\'',
        c if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
        {
            '\u{fffd}'
        }
        c => c,
    };
    let original: String = name.chars().take(SHOWN).map(inert).collect();
    Some(format!("Original name of `{sent}`: `{original}`"))
}

/// The media type as it is sent: `type/subtype` without parameters, else unknown.
pub fn media_type(given: &str) -> String {
    let essence = given.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match essence.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) && essence.len() <= MEDIA_TYPE => {
            essence.to_ascii_lowercase()
        }
        _ => UNKNOWN_TYPE.to_owned(),
    }
}

/// May an attachment with this name be the one that was sent with the other? The server renames on a clash (`canRename`).
pub fn may_be(stored: &str, sent: &str) -> bool {
    let ending = ending(sent).unwrap_or_default();
    let stem = sent.strip_suffix(ending).unwrap_or(sent);
    stored == sent || (stored.starts_with(stem) && stored.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn d16_r7_a_sent_name_is_short_plain_ascii_without_path_whatever_the_sender_chose(name in any::<String>()) {
            let sent = ascii(&name);
            prop_assert!(!sent.is_empty() && sent.len() <= NAME);
            prop_assert!(sent.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"/\\\"%:;<>|?*`$".contains(&byte)), "{}", sent);
            prop_assert!(!sent.trim_matches(['.', ' ']).is_empty());
            prop_assert_eq!(ascii(&sent), sent.trim());
            prop_assert_eq!(note(&name).is_none(), sent == name);
            prop_assert!(note(&name).is_none_or(|note| note.encode_utf16().count() + 2 <= NOTE));
            prop_assert!(note(&name).is_none_or(|note| note.lines().count() == 1 && note.matches('`').count() == 4));
        }

        #[test]
        fn row_30_a_media_type_is_two_tokens_whatever_the_sender_said(given in any::<String>()) {
            let sent = media_type(&given);
            prop_assert!(sent.split_once('/').is_some() && sent.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'));
        }
    }

    #[test]
    fn d16_names_keep_their_ending() {
        for (name, sent) in [
            ("report.pdf", "report.pdf"),
            ("报告.pdf", "file.pdf"),
            ("Rechnung für März.docx", "Rechnung f_r M_rz.docx"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("", "file"),
            ("..", "file"),
            (" .pdf ", "file.pdf"),
            ("a\r\nb.exe", "a__b.exe"),
        ] {
            assert_eq!(ascii(name), sent, "{name}");
        }
        let long = format!("{}.docx", "x".repeat(300));
        assert!(ascii(&long).ends_with("x.docx") && ascii(&long).len() == NAME);
        assert_eq!(note("报告.pdf").unwrap(), "Original name of `file.pdf`: `报告.pdf`");
        assert!(!note("a\u{202e}fdp.exe").unwrap().contains('\u{202e}'));
    }

    #[test]
    fn media_types_lose_their_parameters() {
        assert_eq!(media_type("Text/Plain; charset=utf-8"), "text/plain");
        assert_eq!(media_type("application/vnd.ms-excel"), "application/vnd.ms-excel");
        for odd in ["", "pdf", "a/b/c", "a/\r\nb", "text/"] {
            assert_eq!(media_type(odd), UNKNOWN_TYPE);
        }
    }

    #[test]
    fn a_renamed_attachment_may_be_ours_and_another_name_may_not() {
        assert!(
            may_be("image.png", "image.png")
                && may_be("image (1).png", "image.png")
                && may_be("image_2.png", "image.png")
        );
        assert!(!may_be("other.png", "image.png") && !may_be("image.jpg", "image.png"));
    }
}
