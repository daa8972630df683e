//! How is text made part of a URL or a form so that no value can change their structure (threat rows 27 and 29)?

/// A path segment or value as percent-encoded text. Only unreserved characters stay as they are.
pub(super) fn percent(text: &str) -> String {
    encode(text, "%20")
}

/// A value of a form (`application/x-www-form-urlencoded`).
pub(super) fn form(text: &str) -> String {
    encode(text, "+")
}

/// `name=value` pairs, joined.
pub(super) fn pairs(pairs: &[(String, String)], encode: fn(&str) -> String) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn encode(text: &str, space: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push_str(space),
            _ => {
                encoded.push('%');
                encoded.push_str(&hex::encode_upper([byte]));
            }
        }
    }
    encoded
}
