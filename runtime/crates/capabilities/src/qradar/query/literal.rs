//! How does a value become part of an AQL text and stay a value? There are no bind parameters (contract 4).
//!
//! A quote inside a literal is doubled. Whether Ariel also reads `\'` as a quote is not established, so a text literal
//! never holds a backslash that could swallow the quote after it: such values are compared by LIKE, whose own escape doubles
//! every backslash and so reads the same either way.

use super::invalid;
use crate::bindings::synapse::workflow::types::Error;

/// Longest text of a condition, bytes: user names, hosts and URLs fit, a copied log file does not.
const TEXT_BYTES: usize = 2_048;
/// Longest name of a column, characters.
const COLUMN_CHARS: usize = 128;
/// Longest alias, characters (WIT).
const ALIAS_CHARS: usize = 64;

/// Refuses a text that no literal should hold.
///
/// # Errors
/// `Invalid`: too long, or with control characters.
pub fn checked(field: &str, value: &str) -> Result<(), Error> {
    if value.len() > TEXT_BYTES {
        return Err(invalid(field, format!("{} bytes; at most {TEXT_BYTES}", value.len())));
    }
    match value.chars().find(|c| c.is_control()) {
        Some(c) => Err(invalid(
            field,
            format!("the control character U+{:04X} cannot be searched for", c as u32),
        )),
        None => Ok(()),
    }
}

/// The literal of a text.
pub fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Could a reader that takes `\` as an escape see another end of the literal?
pub fn is_ambiguous(value: &str) -> bool {
    value.ends_with('\\') || value.contains("\\'")
}

/// The text as a LIKE pattern that matches exactly itself.
pub fn pattern(value: &str) -> String {
    let mut pattern = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// A column, always in double quotes: so no name can be a keyword, and custom properties may have spaces.
///
/// # Errors
/// `Invalid`: a character that no column name has.
pub fn column(field: &str, name: &str) -> Result<String, Error> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '-' | '(' | ')');
    let length = name.chars().count();
    if length == 0 || length > COLUMN_CHARS || name.trim() != name || !name.chars().all(fits) {
        let reason =
            format!("not a column name: use 1 to {COLUMN_CHARS} letters, digits, `_`, and inside also ` .-()`");
        return Err(invalid(field, reason));
    }
    Ok(format!("\"{name}\""))
}

/// An alias without quotes.
///
/// # Errors
/// `Invalid`: a character that no alias may have.
pub fn alias<'a>(field: &str, name: &'a str) -> Result<&'a str, Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.len() > ALIAS_CHARS || !name.chars().all(fits) {
        let reason = format!("not an alias: use 1 to {ALIAS_CHARS} of a-z, A-Z, 0-9 and `_`");
        return Err(invalid(field, reason));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_cannot_end_its_own_quotes_and_may_be_named_like_a_keyword() {
        assert_eq!(column("c", "creEventList").unwrap(), "\"creEventList\"");
        assert_eq!(column("c", "Risk Score (max.)").unwrap(), "\"Risk Score (max.)\"");
        assert_eq!(column("c", "LIMIT").unwrap(), "\"LIMIT\"");
        for name in [
            "",
            " a",
            "a\"",
            "a'b",
            "a;b",
            "a,b",
            "a\\",
            "a\nb",
            "a*",
            "a=b",
            "a/b",
            &"a".repeat(129),
        ] {
            assert!(matches!(column("c", name), Err(Error::Invalid(_))), "{name:?}");
        }
    }

    #[test]
    fn an_alias_is_a_plain_word() {
        assert_eq!(alias("a", "source_ip2"), Ok("source_ip2"));
        for name in ["", "a b", "a'", "a\"", "ä", "a-b", &"a".repeat(65)] {
            assert!(matches!(alias("a", name), Err(Error::Invalid(_))), "{name:?}");
        }
    }

    #[test]
    fn control_characters_and_endless_texts_are_refused() {
        for value in ["a\0b", "a\nb", "\u{7f}", "a\u{85}b", &"x".repeat(TEXT_BYTES + 1)] {
            assert!(matches!(checked("v", value), Err(Error::Invalid(_))), "{value:?}");
        }
        assert_eq!(checked("v", "O'Reilly; -- grün 100%"), Ok(()));
    }
}
