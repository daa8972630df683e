//! What does a connection's target want to be told again? Cookies live and die with their connection, and never leave it.

use http::HeaderValue;
use http::header::{COOKIE, HeaderMap, SET_COOKIE};

/// Cookies of one connection, and the longest of them, bytes: what browsers guarantee a site, roughly.
const COOKIES: usize = 32;
const COOKIE_BYTES: usize = 4 << 10;

/// The cookies of one connection, as `name=value`. Attributes do not matter: there is one host, and the connection is short-lived.
#[derive(Default)]
pub(super) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Takes what an answer sets.
    pub fn keep(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            let pair = text.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() || pair.len() > COOKIE_BYTES {
                continue;
            }
            self.0.retain(|(known, _)| known != name);
            if !value.is_empty() && self.0.len() < COOKIES {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Adds them to a request.
    pub fn add(&self, headers: &mut HeaderMap) {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty()
            && let Ok(value) = HeaderValue::from_str(&pairs.join("; "))
        {
            headers.insert(COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_told_again_until_it_is_replaced_or_emptied() {
        let mut cookies = Cookies::default();
        let mut set = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_str(text).unwrap());
            cookies.keep(&headers);
            let mut sent = HeaderMap::new();
            cookies.add(&mut sent);
            sent.get(COOKIE).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(set("a=1; path=/; HttpOnly").unwrap(), "a=1");
        assert_eq!(set("b=2=3; secure").unwrap(), "a=1; b=2=3");
        assert_eq!(set("a=4").unwrap(), "b=2=3; a=4");
        assert_eq!(set("nothing").unwrap(), "b=2=3; a=4");
        assert_eq!(set("b=; expires=Thu, 01 Jan 1970 00:00:00 GMT").unwrap(), "a=4");
        assert_eq!(set(&format!("c={}", "x".repeat(5_000))).unwrap(), "a=4");
        for n in 0..100 {
            set(&format!("n{n}=1"));
        }
        assert_eq!(set("a=").unwrap().split(';').count(), COOKIES - 1);
        assert_eq!(cookies.0.len(), COOKIES - 1);
    }
}
