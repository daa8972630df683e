//! Which text observables does a mail hold?
//!
//! From the mail that is reported: its sender, where answers go, its subject; from all bodies what the deployment asks for. Equal
//! values are one observable with all tags (case D14); the limit is stated, not silent.

use std::collections::BTreeMap;
use std::net::IpAddr;

use linkify::{LinkFinder, LinkKind};
use synapse_guest::text;
use synapse_guest::thehive::Observable;

use crate::config::{Config, Extract, is_below};
use crate::html;
use crate::letter::Letter;

/// Longest value that is kept, characters; TheHive's connector adds longer ones than 4,096 as files (case D17).
const DATA_CHARS: usize = 8_192;
/// Longest subject as an observable, characters.
const SUBJECT_CHARS: usize = 1_000;
/// Longest mail address, bytes (RFC 5321: 254, with room for odd ones).
const ADDRESS_BYTES: usize = 512;
/// Values looked at in one mail, before equal ones are merged.
const VALUES: usize = 20_000;

/// The text observables of a mail.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Indicators {
    /// Those it gets, most telling first.
    pub kept: Vec<Observable>,
    /// How many different ones there were.
    pub total: usize,
}

/// Collects from the reported mail (the first letter) and those around and inside it. `links` are attachments that lead elsewhere.
pub fn collect(reported: &Letter, others: &[&Letter], links: &[(String, String)], config: &Config) -> Indicators {
    let mut found = Found {
        values: Vec::new(),
        config,
    };
    if let Some(sender) = reported.sender() {
        found.mail(&sender, "sender", "Sender of the reported mail");
    }
    for person in &reported.reply_to {
        if let Some(address) = person
            .address()
            .filter(|address| Some(address) != reported.sender().as_ref())
        {
            found.mail(&address, "reply-to", "Answers to the reported mail go there");
        }
    }
    if let Some(subject) = &reported.subject {
        let subject = text::cut(&text::visible(subject), SUBJECT_CHARS);
        found.add("mail-subject", subject, "subject", "Subject of the reported mail");
    }
    for (name, url) in links {
        found.add(
            "url",
            url.clone(),
            "attached-link",
            &format!("Attached as a link: {name}"),
        );
    }
    for letter in std::iter::once(reported).chain(others.iter().copied()) {
        found.body(letter);
    }
    found.finish()
}

struct Found<'a> {
    values: Vec<(&'static str, String, &'static str, String, bool)>,
    config: &'a Config,
}

impl Found<'_> {
    fn add(&mut self, data_type: &'static str, data: String, tag: &'static str, message: &str) {
        if self.values.len() < VALUES && !data.is_empty() && data.chars().count() <= DATA_CHARS {
            self.values.push((data_type, data, tag, message.to_owned(), false));
        }
    }

    /// A customer's own address is not what cases have in common.
    fn mail(&mut self, address: &str, tag: &'static str, message: &str) {
        let is_one = address.contains('@')
            && !address.contains(|character: char| character.is_whitespace() || character.is_control());
        if !is_one || address.len() > ADDRESS_BYTES {
            return;
        }
        let before = self.values.len();
        self.add("mail", address.to_owned(), tag, message);
        let internal = address
            .rsplit_once('@')
            .is_some_and(|(_, host)| is_below(host, &self.config.internal_domains));
        if let Some(added) = self.values.get_mut(before) {
            added.4 = internal;
        }
    }

    fn body(&mut self, letter: &Letter) {
        let text = refanged(&letter.body());
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url, LinkKind::Email]);
        for link in finder.links(&text).take(VALUES) {
            match link.kind() {
                LinkKind::Email => self.body_mail(link.as_str()),
                _ => self.url(link.as_str()),
            }
        }
        for link in letter.html.as_deref().map(html::links).unwrap_or_default() {
            let link = link.trim();
            match link.split_once(':') {
                Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => {
                    self.body_mail(rest.split('?').next().unwrap_or_default());
                }
                _ => self.url(link),
            }
        }
        if self.config.extracts(Extract::Hashes) {
            for hash in hashes(&text) {
                self.add("hash", hash, "body", "In the body");
            }
        }
    }

    fn body_mail(&mut self, address: &str) {
        let address = address.trim().to_lowercase();
        let Some((user, host)) = address.rsplit_once('@') else {
            return;
        };
        let wanted =
            self.config.extracts(Extract::Mails) && !user.is_empty() && !is_below(host, &self.config.own_domains);
        if wanted && host.contains('.') {
            self.mail(&address, "body", "In the body");
        }
    }

    fn url(&mut self, link: &str) {
        let Some((scheme, rest)) = link.split_once("://") else {
            return;
        };
        if !["http", "https", "ftp", "ftps"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return;
        }
        let Some(host) = host(rest) else { return };
        if is_below(&host, &self.config.own_domains) {
            return;
        }
        if self.config.extracts(Extract::Urls) {
            self.add("url", link.to_owned(), "body", "In the body");
        }
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if self.config.extracts(Extract::Addresses) => {
                self.add("ip", address.to_string(), "body", "Host of a link in the body");
            }
            Err(_) if self.config.extracts(Extract::Domains) && host.contains('.') => {
                self.add("domain", host, "body", "Host of a link in the body");
            }
            _ => {}
        }
    }

    /// Merges equal values, ranks and cuts.
    fn finish(self) -> Indicators {
        let mut merged: BTreeMap<(&str, String), (usize, Observable)> = BTreeMap::new();
        for (order, (data_type, data, tag, message, internal)) in self.values.into_iter().enumerate() {
            let (_, observable) = merged.entry((data_type, data.clone())).or_insert_with(|| {
                let observable = Observable {
                    data_type: data_type.to_owned(),
                    data,
                    message: Some(text::visible(&message)),
                    tags: Vec::new(),
                    ioc: false,
                    ignore_similarity: internal,
                };
                (order, observable)
            });
            let tags = [Some(tag), internal.then_some("internal")];
            for tag in tags.into_iter().flatten().map(str::to_owned) {
                if !observable.tags.contains(&tag) {
                    observable.tags.push(tag);
                }
            }
        }
        let total = merged.len();
        let mut ranked: Vec<_> = merged.into_values().collect();
        ranked.sort_by_key(|(order, _)| *order);
        let kept = ranked
            .into_iter()
            .take(self.config.observables_max)
            .map(|(_, observable)| observable)
            .collect();
        Indicators { kept, total }
    }
}

/// The host of what follows `://`, in lower case.
fn host(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// Makes defanged links and addresses whole again: `hxxps[:]//evil[.]example`.
pub fn refanged(text: &str) -> String {
    let mut whole = text.to_owned();
    for (defanged, fanged) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[/]", "/"),
        ("[@]", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
        ("hxxp", "http"),
        ("hXXp", "http"),
        ("HXXP", "http"),
        ("h**p", "http"),
        ("fxp://", "ftp://"),
    ] {
        if whole.contains(defanged) {
            whole = whole.replace(defanged, fanged);
        }
    }
    whole
}

/// Words of 32, 40 or 64 hexadecimal digits, in lower case.
fn hashes(text: &str) -> impl Iterator<Item = String> {
    let word = |word: &&str| matches!(word.len(), 32 | 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(|character: char| !character.is_alphanumeric())
        .filter(word)
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::Person;

    fn letter(text: &str, html: Option<&str>) -> Letter {
        Letter {
            from: Some(Person {
                name: None,
                email: Some("Eve@Evil.example".into()),
            }),
            subject: Some("Invoice".into()),
            text: Some(text.into()),
            html: html.map(Into::into),
            ..Letter::default()
        }
    }

    fn values(letter: &Letter, config: &Config) -> Vec<(String, String)> {
        collect(letter, &[], &[], config)
            .kept
            .into_iter()
            .map(|found| (found.data_type, found.data))
            .collect()
    }

    fn all() -> Config {
        use Extract::{Addresses, Domains, Hashes, Mails, Urls};
        Config {
            extract: vec![Urls, Mails, Domains, Addresses, Hashes],
            ..Config::default()
        }
    }

    #[test]
    fn sender_and_subject_come_first_then_what_the_body_holds() {
        let text = "see hxxps[:]//bad[.]example/a?b=1, http://198.51.100.7:8080/x and write to mallory[at]bad[.]example \
                    d41d8cd98f00b204e9800998ecf8427e.";
        let html = r#"<a href="https://other.example/&amp;z">https://bank.example</a><a href="mailto:x@y.example?subject=z">m</a>"#;
        let found = values(&letter(text, Some(html)), &all());
        let expected = [
            ("mail", "eve@evil.example"),
            ("mail-subject", "Invoice"),
            ("url", "https://bad.example/a?b=1"),
            ("domain", "bad.example"),
            ("url", "http://198.51.100.7:8080/x"),
            ("ip", "198.51.100.7"),
            ("mail", "mallory@bad.example"),
            ("url", "https://other.example/&z"),
            ("domain", "other.example"),
            ("mail", "x@y.example"),
            ("hash", "d41d8cd98f00b204e9800998ecf8427e"),
        ];
        assert_eq!(found, expected.map(|(one, two)| (one.to_owned(), two.to_owned())));
    }

    #[test]
    fn by_default_only_links_and_addresses_are_taken_and_own_domains_never() {
        let config = Config {
            own_domains: vec!["corp.example".into()],
            ..Config::default()
        };
        let found = values(
            &letter("https://www.corp.example/x https://a.example/ bob@corp.example", None),
            &config,
        );
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[2], ("url".to_owned(), "https://a.example/".to_owned()));
    }

    #[test]
    fn equal_values_are_one_observable_and_the_limit_is_stated() {
        let config = Config {
            observables_max: 3,
            ..Config::default()
        };
        let many: String = (0..50).map(|n| format!("https://{n}.example/ ")).collect();
        let found = collect(
            &letter(&format!("eve@evil.example {many}{many}"), None),
            &[],
            &[],
            &config,
        );
        assert_eq!((found.kept.len(), found.total), (3, 52));
        assert_eq!(found.kept[0].tags, ["sender", "body"]);
    }

    #[test]
    fn an_internal_address_is_tagged_and_left_out_of_the_search_for_similar_cases() {
        let config = Config {
            internal_domains: vec!["evil.example".into()],
            ..Config::default()
        };
        let found = collect(&letter("", None), &[], &[], &config);
        assert!(found.kept[0].ignore_similarity && found.kept[0].tags.contains(&"internal".to_owned()));
        assert!(!found.kept[1].ignore_similarity);
    }
}
