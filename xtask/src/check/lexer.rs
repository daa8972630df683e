//! Which parts of a Rust file are code, which are string literals, and which are comments?
//!
//! Rules about code must not trip over a word in a comment or a message, and rules about literals must not trip over
//! code. This is no parser: it tells the three apart, keeps line numbers, and nothing else.

/// A Rust file taken apart.
pub struct Lexed {
    /// The text with comments and the insides of literals blanked out; same lines, same columns.
    pub code: String,
    /// Each string literal: the line that it starts on (from 1) and its content as written.
    pub strings: Vec<(usize, String)>,
}

/// Takes a file apart. Unterminated literals and comments run to the end.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        rest: text,
        code: String::with_capacity(text.len()),
        strings: Vec::new(),
        line: 1,
    };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    Lexed {
        code: lexer.code,
        strings: lexer.strings,
    }
}

struct Lexer<'a> {
    rest: &'a str,
    code: String,
    strings: Vec<(usize, String)>,
    line: usize,
}

impl Lexer<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(length, false);
        } else if self.rest.starts_with("/*") {
            let length = block_comment(self.rest);
            self.take(length, false);
        } else if let Some((open, close)) = string_start(self.rest, self.previous()) {
            let line = self.line;
            let body = self.rest.get(open..).unwrap_or_default();
            let length = string_end(body, &close);
            self.strings
                .push((line, body.get(..length).unwrap_or_default().to_owned()));
            self.take(open, true);
            self.take(length, false);
            self.take(close.len().min(self.rest.len()), true);
        } else if let Some(length) = char_literal(self.rest) {
            self.take(length, false);
        } else {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            self.take(length, true);
        }
    }

    /// The last character of code so far: an `r` after a letter belongs to a name, not to a raw string.
    fn previous(&self) -> char {
        self.code.chars().next_back().unwrap_or(' ')
    }

    fn take(&mut self, length: usize, keep: bool) {
        let (taken, rest) = self.rest.split_at(length);
        for character in taken.chars() {
            if character == '\n' {
                self.line += 1;
                self.code.push('\n');
            } else {
                self.code.push(if keep { character } else { ' ' });
            }
        }
        self.rest = rest;
    }
}

fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a string literal's opening and its closing text, if one starts here.
fn string_start(text: &str, previous: char) -> Option<(usize, String)> {
    if text.starts_with('"') {
        return Some((1, "\"".to_owned()));
    }
    if previous.is_alphanumeric() || previous == '_' {
        return None;
    }
    let after_prefix = text.trim_start_matches(['b', 'c']);
    if text.len() - after_prefix.len() > 1 {
        return None;
    }
    let prefix = text.len() - after_prefix.len();
    if let Some(raw) = after_prefix.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        return raw
            .get(hashes..)?
            .starts_with('"')
            .then(|| (prefix + 1 + hashes + 1, format!("\"{}", "#".repeat(hashes))));
    }
    (prefix == 1 && after_prefix.starts_with('"')).then(|| (2, "\"".to_owned()))
}

/// The length of a literal's content: up to its closing text, escapes skipped where the literal is not raw. A raw literal
/// without hashes is read as an ordinary one, which only matters for one that ends in a backslash.
fn string_end(body: &str, close: &str) -> usize {
    if close.len() > 1 {
        return body.find(close).unwrap_or(body.len());
    }
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}

/// The length of a character literal, if one starts here; a lifetime is none.
fn char_literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut characters = body.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        // The escaped character itself may be a quote.
        characters.next()?;
        let end = characters.find(|(_, character)| *character == '\'')?;
        return Some(1 + end.0 + 1);
    }
    let (at, second) = characters.next()?;
    (second == '\'').then_some(1 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str, strings: &[(usize, &str)]) {
        let lexed = lex(text);
        assert_eq!(lexed.code, code);
        let found: Vec<(usize, &str)> = lexed
            .strings
            .iter()
            .map(|(line, text)| (*line, text.as_str()))
            .collect();
        assert_eq!(found, strings);
    }

    #[test]
    fn comments_are_blanked_and_lines_kept() {
        check("a // b\nc /* d /* e */\nf */ g", "a     \nc             \n     g", &[]);
    }

    #[test]
    fn strings_are_collected_with_their_line() {
        check("x\n\"a // b\" y", "x\n\"      \" y", &[(2, "a // b")]);
        check(r#"f("a\"b")"#, r#"f("    ")"#, &[(1, r#"a\"b"#)]);
    }

    #[test]
    fn raw_and_byte_strings_are_strings() {
        check("r#\"a\"b\"#;", "r#\"   \"#;", &[(1, "a\"b")]);
        check("b\"a\" r\"c\"", "b\" \" r\" \"", &[(1, "a"), (1, "c")]);
    }

    #[test]
    fn lifetimes_are_code_and_characters_are_not() {
        check("&'a str '\"' '\\'' 'x'", "&'a str             ", &[]);
    }

    #[test]
    fn a_name_that_ends_in_r_starts_no_raw_string() {
        check("bar\"x\"", "bar\" \"", &[(1, "x")]);
    }
}
