//! How is an AQL text cut into tokens?

use super::super::error::ApiError;

/// Longest query the simulator reads, bytes.
const MAX_QUERY: usize = 64 * 1024;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Bare word: keyword, column or function.
    Word(String),
    /// `"column"` or `"alias"`.
    Name(String),
    /// `'text'` with `''` undone.
    Text(String),
    /// Number as written.
    Number(String),
    /// Anything else.
    Sign(&'static str),
    /// End of the query.
    End,
}

const SIGNS: [&str; 10] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// Tokens with their position (bytes from the start); ends with `End`.
pub fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ApiError> {
    if text.len() > MAX_QUERY {
        return Err(ApiError::aql(format!("Query text is longer than {MAX_QUERY} bytes")));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        let (token, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first == '\'' || first == '"' {
            quoted(rest, first).ok_or_else(|| unexpected(at, rest))?
        } else if first.is_ascii_digit() || (first == '-' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) {
            let length = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| !(c.is_ascii_digit() || *c == '.'));
            let length = length.map_or(rest.len(), |(end, _)| end);
            (Token::Number(rest.get(..length).unwrap_or_default().to_owned()), length)
        } else if first.is_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
        } else if first == '*' {
            (Token::Sign("*"), 1)
        } else {
            let sign = SIGNS
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .ok_or_else(|| unexpected(at, rest))?;
            (Token::Sign(sign), sign.len())
        };
        found.push((at, token));
        at += length;
    }
    found.push((text.len(), Token::End));
    Ok(found)
}

/// The error text for a token that does not fit.
pub fn unexpected(at: usize, rest: &str) -> ApiError {
    let near: String = rest.chars().take(20).collect();
    ApiError::aql(format!(
        "Error in AQL query at column {}: syntax error near \"{near}\"",
        at + 1
    ))
}

fn quoted(rest: &str, quote: char) -> Option<(Token, usize)> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            value.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            value.push(quote);
            chars.next();
        } else {
            let token = if quote == '"' {
                Token::Name(value)
            } else {
                Token::Text(value)
            };
            return Some((token, at + 1));
        }
    }
    None
}
