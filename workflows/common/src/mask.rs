//! Which parts of a raw log line are not shown?

/// What stands for a hidden value.
pub const MASK: &str = "***";

/// Hides the values of these names: what follows `name=`, `name:` or `"name": "`, up to the next separator.
pub fn mask(line: &str, names: &[String]) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    // ASCII lower case keeps every byte where it is.
    let mut lower = line.to_ascii_lowercase();
    while let Some((start, end)) = next_value(rest, &lower, names) {
        masked.push_str(&rest[..start]);
        masked.push_str(MASK);
        rest = &rest[end..];
        lower = lower.split_off(end);
    }
    masked.push_str(rest);
    masked
}

/// Where the first value begins and ends, in bytes.
fn next_value(line: &str, lower: &str, names: &[String]) -> Option<(usize, usize)> {
    let first = |name: &String| {
        let name = name.to_ascii_lowercase();
        lower
            .match_indices(&name)
            .find_map(|(at, _)| value_after(line, at + name.len()))
    };
    names.iter().filter(|name| !name.is_empty()).filter_map(first).min()
}

/// The value after a name that ends here: an optional quote, `=` or `:`, an optional quote, then the value.
fn value_after(line: &str, name_end: usize) -> Option<(usize, usize)> {
    let after = line.get(name_end..)?;
    let closed = after.trim_start_matches(['"', '\'', ' ']);
    let value = closed.strip_prefix(['=', ':'])?.trim_start_matches(' ');
    // A scheme such as `Bearer` before the value belongs to it.
    let (quote, value) = match value.chars().next()? {
        quote @ ('"' | '\'') => (Some(quote), value.get(1..)?),
        _ => (None, value),
    };
    let start = line.len() - value.len();
    let scheme = ["bearer ", "basic "].iter().find(|scheme| {
        value
            .get(..scheme.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(scheme))
    });
    let skipped = scheme.map_or(0, |scheme| scheme.len());
    let ends = |character: char| match quote {
        Some(quote) => character == quote,
        None => character.is_whitespace() || matches!(character, '&' | ',' | ';' | '"' | '\'' | '}' | ')' | ']'),
    };
    let len = value.get(skipped..)?.find(ends).unwrap_or(value.len() - skipped) + skipped;
    (len > 0).then_some((start, start + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> String {
        mask(line, &["password".into(), "token".into(), "authorization".into()])
    }

    #[test]
    fn values_of_the_names_are_hidden_however_they_are_written() {
        assert_eq!(check("user=bob Password=hunter2 ok"), "user=bob Password=*** ok");
        assert_eq!(check(r#"{"token": "a b", "n": 1}"#), r#"{"token": "***", "n": 1}"#);
        assert_eq!(check("GET /?token=abc&x=1&token=def"), "GET /?token=***&x=1&token=***");
        assert_eq!(check("Authorization: Bearer abc.def next"), "Authorization: *** next");
        assert_eq!(check("password="), "password=");
        assert_eq!(
            check("the password was changed, tokens too"),
            "the password was changed, tokens too"
        );
        assert_eq!(check("größe token=ü—ß end"), "größe token=*** end");
    }
}
