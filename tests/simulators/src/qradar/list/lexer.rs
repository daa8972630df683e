//! How is a `filter` text cut into tokens?

use super::super::error::ApiError;

/// One token of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Bare word or number: letters, digits and `_`; a number may carry sign, point and exponent.
    Word(String),
    /// Quoted text without its quotes, escapes untouched.
    Quoted(String),
    /// `=`, `!=`, `<>`, `^=`, `<`, `>`, `<=`, `>=`, `(`, `)`, `,`, `.`
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["!=", "<>", "^=", "<=", ">=", "=", "<", ">", "(", ")", ",", "."];

/// Cuts the text; anything unknown (an unquoted IP, a `-` in a bare word) is 422/1010.
pub fn tokens(text: &str) -> Result<Vec<Token>, ApiError> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (inner, after) = quoted(rest, first)?;
            found.push(Token::Quoted(inner.to_owned()));
            rest = after;
        } else if let Some(length) = number_length(rest) {
            let (word, after) = rest.split_at(length);
            found.push(Token::Word(word.to_owned()));
            rest = after;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            found.push(Token::Word(word.to_owned()));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            found.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else {
            return Err(ApiError::filter_syntax());
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

fn quoted(text: &str, quote: char) -> Result<(&str, &str), ApiError> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            let inner = text.get(1..at).unwrap_or_default();
            return Ok((inner, text.get(at + 1..).unwrap_or_default()));
        }
    }
    Err(ApiError::filter_syntax())
}

/// Length of `[+-]?digits[.digits][e[+-]digits]` at the start, unless a letter follows (then it is a bare word).
fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let mut end = usize::from(matches!(at(0), b'+' | b'-'));
    let whole = digits(end);
    if whole == 0 {
        return None;
    }
    end += whole;
    if at(end) == b'.' && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(at(end), b'e' | b'E') {
        let sign = usize::from(matches!(at(end + 1), b'+' | b'-'));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let next = text.get(end..)?.chars().next();
    (!next.is_some_and(|c| c.is_alphanumeric() || c == '_')).then_some(end)
}

/// Removes the backslashes of a quoted text.
pub fn unescape(raw: &str) -> String {
    let mut plain = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            plain.extend(chars.next());
        } else {
            plain.push(c);
        }
    }
    plain
}
