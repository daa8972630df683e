//! Which characters may stand in XML 1.0, and what becomes of the others? One rule for both directions (contract section 4, D27).

use std::borrow::Cow;

/// Stands for what cannot be said in XML 1.0.
pub const REPLACEMENT: char = '\u{FFFD}';

/// XML 1.0's `Char` production.
pub const fn is_legal(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The text with U+FFFD for each character that XML 1.0 forbids.
pub fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|char| if is_legal(char) { char } else { REPLACEMENT })
        .collect::<String>()
        .into()
}

/// Raw content of a document as text: line ends as XML wants them, U+FFFD for what is forbidden or not UTF-8.
pub fn content(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let text = legal(&text);
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.into_owned()
    }
}

/// What `&name;` stands for. Unknown names and forbidden characters are U+FFFD: one odd subject must not cost the whole answer.
pub fn reference(name: &[u8]) -> char {
    match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        _ => std::str::from_utf8(name)
            .ok()
            .and_then(numeric)
            .filter(|char| is_legal(*char))
            .unwrap_or(REPLACEMENT),
    }
}

fn numeric(name: &str) -> Option<char> {
    let digits = name.strip_prefix('#')?;
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    char::from_u32(u32::from_str_radix(digits, radix).ok()?)
}

/// An attribute's raw value as text: references resolved, white space as XML wants it. A lone `&` is an `&`.
pub fn attribute(raw: &[u8]) -> String {
    let text = content(raw);
    let text = text.replace(['\n', '\t'], " ");
    let mut rest = text.as_str();
    let mut value = String::new();
    while let Some((before, after)) = rest.split_once('&') {
        value.push_str(before);
        match after.split_once(';') {
            Some((name, after)) => {
                value.push(reference(name.as_bytes()));
                rest = after;
            }
            None => {
                value.push('&');
                rest = after;
            }
        }
    }
    value.push_str(rest);
    value
}

/// The text as it may stand in element content and in attribute values alike. White space is written as references, so that it survives a reader.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            char if is_legal(char) => escaped.push(char),
            _ => escaped.push(REPLACEMENT),
        }
    }
    escaped
}
