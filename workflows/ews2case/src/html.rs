//! What does an HTML body say, and where does it lead?

/// Addresses taken from one body.
const LINKS: usize = 2_000;

/// The text of an HTML document, without what a browser would not show.
pub fn to_text(html: &str) -> String {
    let shown = ["style", "script", "title"]
        .iter()
        .fold(html.to_owned(), |html, name| without(&html, name));
    mail_parser::decoders::html::html_to_text(&shown)
}

/// The document without the elements of this name. An element that is not closed hides the rest, as it does in a browser.
fn without(html: &str, name: &str) -> String {
    // ASCII case only: the positions are those of the original.
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let mut kept = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(start) = find(&lower, &open, at) {
        kept.push_str(&html[at..start]);
        let closed = find(&lower, &close, start).and_then(|end| find(&lower, ">", end));
        match closed {
            Some(end) => at = end + 1,
            None => return kept,
        }
    }
    kept.push_str(&html[at..]);
    kept
}

fn find(text: &str, what: &str, from: usize) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

/// What `href`, `src` and `action` attributes refer to, in order: where the shown text says one thing, the link may be another.
pub fn links(html: &str) -> Vec<String> {
    let lower = html.to_ascii_lowercase();
    let mut found: Vec<(usize, String)> = Vec::new();
    for name in ["href", "src", "action"] {
        let mut at = 0;
        while let Some(start) = find(&lower, name, at) {
            at = start + name.len();
            if found.len() == LINKS {
                break;
            }
            if let Some(value) = value(&html[at..]) {
                found.push((start, unescaped(value.trim())));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, link)| link).collect()
}

/// ` = "value"`, `='value'` or `=value`.
fn value(rest: &str) -> Option<&str> {
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => rest[1..].split(quote).next(),
        None => rest.split(|end: char| end.is_whitespace() || end == '>').next(),
    }
}

/// The references that occur in addresses.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find('&') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let character = end.and_then(|end| reference(&rest[1..end]));
        match (character, end) {
            (Some(character), Some(end)) => {
                text.push(character);
                rest = &rest[end + 1..];
            }
            _ => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

fn reference(name: &str) -> Option<char> {
    let numeric = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "colon" => Some(':'),
        "sol" => Some('/'),
        "period" => Some('.'),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => numeric(hex, 16),
                None => numeric(digits, 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_hides_is_no_text() {
        assert_eq!(to_text("a<STYLE type=x>p{}</style > b<script>alert(1)").trim(), "a b");
    }

    #[test]
    fn links_are_read_from_attributes_in_any_dress() {
        let html = r#"<a HREF = "https://a.example/?x=1&amp;y=&#x32;">https://bank.example</a><img src='cid:1'><form action=https://b.example/p>"#;
        assert_eq!(
            links(html),
            ["https://a.example/?x=1&y=2", "cid:1", "https://b.example/p"]
        );
        assert_eq!(links("<a href>ü</a><a href='&bogus;&"), ["&bogus;&"]);
    }
}
