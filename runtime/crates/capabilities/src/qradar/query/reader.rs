//! How does a console cut an AQL text into tokens? A reader for tests, in both readings of a backslash.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Bare word, number or sign.
    Bare(String),
    /// `"name"`
    Name(String),
    /// `'text'`
    Text(String),
}

/// What a backslash inside quotes means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backslash {
    /// Itself (the documented reading).
    Plain,
    /// It escapes the next character.
    Escape,
}

/// The tokens of a text; none if a quote is left open, or if there is a comment or a `;`.
pub fn tokens(text: &str, backslash: Backslash) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            ' ' => {}
            '\'' | '"' => {
                let mut value = String::new();
                loop {
                    match rest.next()? {
                        '\\' if backslash == Backslash::Escape => value.push(rest.next()?),
                        c if c != first => value.push(c),
                        _ if rest.peek() == Some(&first) => value.extend(rest.next()),
                        _ => break,
                    }
                }
                found.push(if first == '"' {
                    Token::Name(value)
                } else {
                    Token::Text(value)
                });
            }
            c if c.is_alphanumeric() || c == '_' || c == '-' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                if word == "-" {
                    return None;
                }
                found.push(Token::Bare(word));
            }
            '=' | '!' | '<' | '>' | '(' | ')' | ',' | '*' => found.push(Token::Bare(first.into())),
            _ => return None,
        }
    }
    Some(found)
}

/// What a LIKE pattern without wildcards matches; none if it holds one.
pub fn matched(pattern: &str) -> Option<String> {
    let (mut plain, mut rest) = (String::new(), pattern.chars());
    while let Some(c) = rest.next() {
        match c {
            '\\' => plain.push(rest.next()?),
            '%' | '_' => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}
