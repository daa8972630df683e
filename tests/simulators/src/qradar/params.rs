//! How do query strings, form bodies and path segments become text? (charset rules of contract 1.3)

/// Most parameters one request may carry; more are ignored.
const MAX_PARAMS: usize = 256;

/// Named values of a request; the first of a repeated name counts.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Adds the pairs of a query string (UTF-8).
    pub fn add_query(&mut self, text: &str) {
        self.add(text, true);
    }

    /// Adds the pairs of a form body: without `charset=utf-8` the servlet decodes ISO-8859-1 and garbles non-ASCII.
    pub fn add_form(&mut self, body: &[u8], content_type: &str) {
        let utf8 = content_type
            .to_ascii_lowercase()
            .replace([' ', '"'], "")
            .contains("charset=utf-8");
        self.add(&String::from_utf8_lossy(body), utf8);
    }

    fn add(&mut self, text: &str, utf8: bool) {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if self.0.len() >= MAX_PARAMS {
                return;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.0.push((decode(name, true, utf8), decode(value, true, utf8)));
        }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Decodes a path segment once, and again while it still looks encoded (contract 1.3: double encoding on DELETE).
pub fn segment(text: &str) -> String {
    let once = decode(text, false, true);
    let still = once
        .as_bytes()
        .windows(3)
        .any(|w| matches!(w, [b'%', h, l] if hex(*h).is_some() && hex(*l).is_some()));
    if still { decode(&once, false, true) } else { once }
}

fn decode(text: &str, plus: bool, utf8: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (*first, tail) {
            (b'%', [h, l, after @ ..]) => match (hex(*h), hex(*l)) {
                (Some(h), Some(l)) => {
                    bytes.push(h * 16 + l);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if plus => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
    }
    if utf8 {
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        bytes.iter().map(|b| char::from(*b)).collect()
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{Params, segment};

    #[test]
    fn form_without_charset_is_read_as_latin_1() {
        let mut plain = Params::default();
        plain.add_form("note_text=gr%C3%BCn+x".as_bytes(), "application/x-www-form-urlencoded");
        assert_eq!(plain.get("note_text"), Some("grÃ¼n x"));
        let mut utf8 = Params::default();
        utf8.add_form(
            "note_text=gr%C3%BCn".as_bytes(),
            "application/x-www-form-urlencoded; charset=UTF-8",
        );
        assert_eq!(utf8.get("note_text"), Some("grün"));
    }

    #[test]
    fn raw_signs_in_a_query_and_double_encoded_segments_are_tolerated() {
        let mut params = Params::default();
        params.add_query("filter=status=OPEN&x=%zz&filter=late");
        assert_eq!(params.get("filter"), Some("status=OPEN"));
        assert_eq!(params.get("x"), Some("%zz"));
        assert_eq!(segment("a%252Fb"), "a/b");
    }
}
