//! Which folder does an operator mean? A well-known name, a path, or a display name (R8: never "the last one of that name").

use super::invalid;
use crate::bindings::synapse::workflow::types::Error;

/// Longest name or path; Exchange's own display names end at 255 characters.
const LONGEST: usize = 1_024;
/// Deepest path.
const DEEPEST: usize = 32;
/// The folder that display names are searched below.
pub(in crate::ews) const ROOT: &str = "msgfolderroot";
/// Names that mean the same folder in every language (contract section 2).
const WELL_KNOWN: [&str; 7] = [
    "inbox",
    "sentitems",
    "deleteditems",
    "junkemail",
    ROOT,
    "drafts",
    "outbox",
];

/// A folder as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ews) enum Name {
    /// A well-known folder, and display names to follow from it; none: the folder itself.
    Path {
        /// Where the path starts.
        root: &'static str,
        /// One name a level.
        below: Vec<String>,
    },
    /// A display name, anywhere below [`ROOT`].
    Display(String),
}

/// Reads a name. `/` separates levels; blanks around a level do not count.
///
/// # Errors
/// `Invalid`: it is empty, has an empty level, control characters, or is too long.
pub(in crate::ews) fn parse(field: &str, text: &str) -> Result<Name, Error> {
    if text.len() > LONGEST || text.split('/').count() > DEEPEST {
        return Err(invalid(
            field,
            format!("too long; at most {LONGEST} bytes and {DEEPEST} levels"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "a folder's name cannot hold control characters"));
    }
    let levels: Vec<String> = text.split('/').map(|level| level.trim().to_owned()).collect();
    if levels.iter().any(String::is_empty) {
        return Err(invalid(
            field,
            "empty, or a path with an empty level; write `inbox`, `inbox/TheHive` or `TheHive`",
        ));
    }
    let mut rest = levels.iter();
    let first = rest.next().map(String::as_str).unwrap_or_default();
    let known = WELL_KNOWN.into_iter().find(|known| first.eq_ignore_ascii_case(known));
    Ok(match known {
        Some(root) => Name::Path {
            root,
            below: rest.cloned().collect(),
        },
        None if levels.len() == 1 => Name::Display(first.to_owned()),
        None => Name::Path {
            root: ROOT,
            below: levels,
        },
    })
}

/// Do two display names mean the same? Case does not count, as in Outlook.
pub(in crate::ews) fn same(left: &str, right: &str) -> bool {
    left == right || left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(root: &'static str, below: &[&str]) -> Name {
        Name::Path {
            root,
            below: below.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn r8_a_name_is_well_known_a_path_or_a_display_name() {
        let read = |text: &str| parse("name", text).unwrap();
        assert_eq!(read("inbox"), path("inbox", &[]));
        assert_eq!(read("Inbox"), path("inbox", &[]));
        assert_eq!(read("inbox/TheHive"), path("inbox", &["TheHive"]));
        assert_eq!(read(" SentItems / 2026 / Q1 "), path("sentitems", &["2026", "Q1"]));
        assert_eq!(read("SOC/TheHive"), path(ROOT, &["SOC", "TheHive"]));
        assert_eq!(read("Posteingang"), Name::Display("Posteingang".to_owned()));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            " ",
            "/",
            "inbox/",
            "inbox//x",
            "a\nb",
            &"x".repeat(LONGEST + 1),
            &"a/".repeat(DEEPEST + 1),
        ] {
            assert!(
                matches!(parse("name", text), Err(Error::Invalid(argument)) if argument.field == "name"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn case_does_not_tell_display_names_apart() {
        assert!(same("TheHive", "thehive") && same("ÜBUNG", "übung") && !same("TheHive", "TheHive2"));
    }
}
