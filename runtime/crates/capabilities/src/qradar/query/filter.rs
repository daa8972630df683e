//! How is a list narrowed at the console? (`filter`, contract 2.2)
//!
//! Every part is a number, a word of ours, or a quoted literal: a text of a guest or of an offense never becomes syntax.

use std::fmt::Display;
use std::net::IpAddr;

use super::super::client::{Changes, Past};
use super::super::permission::Domains;
use super::invalid;
use crate::bindings::synapse::qradar::assets::AssetFilter;
use crate::bindings::synapse::qradar::log_sources::SourceFilter;
use crate::bindings::synapse::qradar::offenses::{OffenseFilter, Status};
use crate::bindings::synapse::qradar::rules::{RuleFilter, RuleType};
use crate::bindings::synapse::workflow::types::Error;

/// Ids of one request: a longer request line is answered 414 by the web server (contract 1.3).
pub const IDS: usize = 100;

/// Longest text in a filter, characters: every user name, address and host name fits.
const TEXT_CHARS: usize = 255;

/// Refuses what no filter can say.
///
/// # Errors
/// `Invalid`: more ids than one request takes, or a text that nothing can equal.
pub fn check(filter: &OffenseFilter) -> Result<(), Error> {
    if let Some(user) = &filter.assigned_to {
        text("filter.assigned-to", user)?;
    }
    id_list(filter.ids.as_deref())
}

/// Refuses more ids than one request takes.
///
/// # Errors
/// `Invalid`.
pub fn id_list(ids: Option<&[u64]>) -> Result<(), Error> {
    match ids.map(<[u64]>::len) {
        Some(count) if count > IDS => Err(invalid("filter.ids", format!("{count} ids; at most {IDS}"))),
        _ => Ok(()),
    }
}

/// Refuses a text that no literal of a filter should hold.
///
/// # Errors
/// `Invalid`: empty, too long, or with control characters.
pub fn text(field: &str, text: &str) -> Result<(), Error> {
    let count = text.chars().count();
    if count == 0 || count > TEXT_CHARS {
        return Err(invalid(field, format!("{count} characters; use 1 to {TEXT_CHARS}")));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(c) => Err(invalid(
            field,
            format!("the control character U+{:04X} cannot be asked for", c as u32),
        )),
        None => Ok(()),
    }
}

/// The literal of a text.
pub fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len().saturating_add(2));
    literal.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
    literal
}

/// The literal of a pattern for ILIKE that finds the text anywhere. One backslash takes the meaning from a wildcard as well as from a
/// quote (contract 2.2), so there is one level of them.
pub fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len().saturating_add(4));
    pattern.push_str("\"%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\' | '"') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push_str("%\"");
    pattern
}

/// The filter for offenses above `after`; none if nothing is asked for in particular. Keywords in upper case (contract 2.2).
pub fn offenses(filter: &OffenseFilter, after: Option<u64>, domains: &Domains) -> Option<String> {
    let mut terms = Vec::new();
    let mut term = |name: &str, value: Option<&dyn Display>| terms.extend(value.map(|value| format!("{name} {value}")));
    term("id >", after.as_ref().map(|id| id as _));
    term("status =", filter.status.map(word).as_ref().map(|status| status as _));
    term(
        "last_updated_time >=",
        filter.updated_from.as_ref().map(|time| time as _),
    );
    term("last_updated_time <=", filter.updated_to.as_ref().map(|time| time as _));
    term(
        "magnitude >=",
        filter.min_magnitude.as_ref().map(|magnitude| magnitude as _),
    );
    term("id >", filter.after_id.as_ref().map(|id| id as _));
    term(
        "last_persisted_time >=",
        filter.persisted_from.as_ref().map(|time| time as _),
    );
    term(
        "last_persisted_time <=",
        filter.persisted_to.as_ref().map(|time| time as _),
    );
    term("close_time >=", filter.closed_from.as_ref().map(|time| time as _));
    term("close_time <=", filter.closed_to.as_ref().map(|time| time as _));
    let user = filter.assigned_to.as_deref().map(quoted);
    term("assigned_to =", user.as_ref().map(|user| user as _));
    term("domain_id =", filter.domain.as_ref().map(|id| id as _));
    term("offense_type =", filter.offense_type.as_ref().map(|id| id as _));
    term("follow_up =", filter.follow_up.as_ref().map(|flag| flag as _));
    term("protected =", filter.protected.as_ref().map(|flag| flag as _));
    term("inactive =", filter.inactive.as_ref().map(|flag| flag as _));
    if let Some(wanted) = &filter.ids {
        terms.push(ids(wanted));
    }
    terms.extend(inside(domains));
    joined(&terms)
}

/// What keeps a list of objects with a `domain_id` to these domains.
pub fn inside(domains: &Domains) -> Option<String> {
    let Domains::Only { ids, spanning } = domains else {
        return None;
    };
    let ids: Vec<u64> = ids.iter().copied().collect();
    let inside = format!("domain_id IN ({})", list(&ids));
    Some(if *spanning {
        format!("({inside} OR domain_id IS NULL)")
    } else {
        inside
    })
}

/// All of these terms; none if there is nothing to ask for.
pub fn joined(terms: &[String]) -> Option<String> {
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// The filter for rules; none if nothing is asked for in particular.
///
/// # Errors
/// `Invalid`: a text that nothing can hold.
pub fn rules(filter: &RuleFilter) -> Result<Option<String>, Error> {
    let mut terms = Vec::new();
    terms.extend(filter.enabled.map(|enabled| format!("enabled = {enabled}")));
    terms.extend(filter.type_.map(|kind| {
        let word = match kind {
            RuleType::Event => "EVENT",
            RuleType::Flow => "FLOW",
            RuleType::Common => "COMMON",
            RuleType::Offense => "OFFENSE",
        };
        format!("type = {word}")
    }));
    terms.extend(named(filter.name_contains.as_deref())?);
    Ok(joined(&terms))
}

/// The terms for assets.
///
/// # Errors
/// `Invalid`: more ids than one request takes, an address that is none, or a text that nothing can equal.
pub fn assets(filter: &AssetFilter, domains: &Domains) -> Result<Vec<String>, Error> {
    id_list(filter.ids.as_deref())?;
    let mut terms = Vec::new();
    terms.extend(filter.ids.as_deref().map(ids));
    if let Some(ip) = &filter.ip {
        let ip: IpAddr = ip
            .trim()
            .parse()
            .map_err(|_| invalid("filter.ip", "not an IPv4 or IPv6 address"))?;
        let ip = quoted(&ip.to_string());
        terms.push(format!("interfaces CONTAINS ip_addresses CONTAINS value = {ip}"));
    }
    if let Some(hostname) = &filter.hostname {
        text("filter.hostname", hostname)?;
        terms.push(format!("hostnames CONTAINS name = {}", quoted(hostname)));
    }
    terms.extend(filter.domain.map(|domain| format!("domain_id = {domain}")));
    terms.extend(inside(domains));
    Ok(terms)
}

/// The terms for log sources.
///
/// # Errors
/// `Invalid`: more ids than one request takes, or a text that nothing can hold.
pub fn log_sources(filter: &SourceFilter) -> Result<Vec<String>, Error> {
    id_list(filter.ids.as_deref())?;
    let mut terms = Vec::new();
    terms.extend(filter.ids.as_deref().map(ids));
    terms.extend(filter.type_id.map(|id| format!("type_id = {id}")));
    terms.extend(filter.enabled.map(|enabled| format!("enabled = {enabled}")));
    terms.extend(named(filter.name_contains.as_deref())?);
    Ok(terms)
}

fn named(part: Option<&str>) -> Result<Option<String>, Error> {
    let Some(part) = part else { return Ok(None) };
    text("filter.name-contains", part)?;
    Ok(Some(format!("name ILIKE {}", containing(part))))
}

/// The filter for changes behind a moment: `(last_persisted_time >= W) or (id > M)` (contract 5), or what is behind the last (moment, id).
pub fn changes(wanted: &Changes, domains: &Domains) -> String {
    let mut terms = vec![match (wanted.after, wanted.above) {
        (Some((moment, id)), _) => {
            format!("(last_persisted_time > {moment} OR (last_persisted_time = {moment} AND id > {id}))")
        }
        (None, Some(above)) => format!("(last_persisted_time >= {} OR id > {above})", wanted.from),
        (None, None) => format!("last_persisted_time >= {}", wanted.from),
    }];
    terms.extend(wanted.before.map(|before| format!("last_persisted_time < {before}")));
    terms.extend(wanted.magnitude.map(|least| format!("magnitude >= {least}")));
    terms.extend(inside(domains));
    terms.join(" AND ")
}

/// The filter for offenses of an earlier time.
pub fn past(wanted: &Past, domains: &Domains) -> String {
    let mut terms = vec![
        format!("id > {}", wanted.after),
        format!("id <= {}", wanted.up_to),
        format!("last_updated_time >= {}", wanted.since),
    ];
    terms.extend(inside(domains));
    terms.join(" AND ")
}

/// The filter for objects with these ids.
pub fn ids(ids: &[u64]) -> String {
    format!("id IN ({})", list(ids))
}

/// A status on the wire.
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Open => "OPEN",
        Status::Hidden => "HIDDEN",
        Status::Closed => "CLOSED",
    }
}

fn list(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use super::super::ANY as NONE;

    #[test]
    fn all_conditions_hold_together_with_the_watermark_and_the_domains() {
        let filter = OffenseFilter {
            status: Some(Status::Open),
            updated_from: Some(5),
            updated_to: Some(9),
            min_magnitude: Some(3),
            ids: Some(vec![1, 2]),
            after_id: Some(40),
            persisted_from: Some(6),
            persisted_to: Some(10),
            closed_from: Some(7),
            closed_to: Some(8),
            assigned_to: Some("o\"h\\ara".to_owned()),
            domain: Some(4),
            offense_type: Some(0),
            follow_up: Some(true),
            protected: Some(false),
            inactive: Some(true),
        };
        let domains = Domains::Only {
            ids: [0, 4].into(),
            spanning: true,
        };
        let text = "id > 41 AND status = OPEN AND last_updated_time >= 5 AND last_updated_time <= 9 AND magnitude >= 3 \
                    AND id > 40 AND last_persisted_time >= 6 AND last_persisted_time <= 10 AND close_time >= 7 AND close_time <= 8 \
                    AND assigned_to = \"o\\\"h\\\\ara\" AND domain_id = 4 AND offense_type = 0 AND follow_up = true \
                    AND protected = false AND inactive = true AND id IN (1, 2) AND (domain_id IN (0, 4) OR domain_id IS NULL)";
        assert_eq!(offenses(&filter, Some(41), &domains).as_deref(), Some(text));
        assert_eq!(offenses(&NONE, None, &Domains::All), None);
    }

    #[test]
    fn a_text_cannot_end_its_literal_and_a_wildcard_in_it_is_none() {
        assert_eq!(quoted(r#"a" OR id > 0 \"#), r#""a\" OR id > 0 \\""#);
        assert_eq!(containing(r#"100%_\""#), r#""%100\%\_\\\"%""#);
        for text in ["", "a\nb", &"x".repeat(TEXT_CHARS + 1)] {
            assert!(matches!(super::text("f", text), Err(Error::Invalid(_))), "{text:?}");
        }
    }

    #[test]
    fn more_ids_than_a_request_line_takes_are_refused() {
        let filter = OffenseFilter {
            ids: Some((0..101).collect()),
            ..NONE
        };
        assert!(matches!(check(&filter), Err(Error::Invalid(argument)) if argument.field == "filter.ids"));
        let longest = ids(&vec![u64::MAX; IDS]);
        assert!(
            longest.len() < 4_000,
            "{} bytes, some of which triple when encoded",
            longest.len()
        );
    }

    #[test]
    fn changes_are_those_of_the_contract_and_a_page_starts_behind_the_last_moment_and_id() {
        let domains = Domains::Only {
            ids: [3].into(),
            spanning: false,
        };
        let first = Changes {
            from: 1_000,
            above: Some(41),
            ..Changes::default()
        };
        assert_eq!(
            changes(&first, &domains),
            "(last_persisted_time >= 1000 OR id > 41) AND domain_id IN (3)"
        );
        let next = Changes {
            after: Some((2_000, 42)),
            before: Some(9_000),
            magnitude: Some(8),
            ..first
        };
        let text = "(last_persisted_time > 2000 OR (last_persisted_time = 2000 AND id > 42)) AND last_persisted_time < 9000 AND magnitude >= 8";
        assert_eq!(changes(&next, &Domains::All), text);
    }

    proptest! {
        /// Threat row 27: whatever the numbers are, the text holds nothing but our words and digits.
        #[test]
        fn a_filter_is_made_of_words_of_ours_and_digits(
            after in any::<Option<u64>>(), from in any::<Option<u64>>(), wanted in prop::collection::vec(any::<u64>(), 0..5),
        ) {
            let filter = OffenseFilter { updated_from: from, ids: Some(wanted), ..NONE };
            let text = offenses(&filter, after, &Domains::All).unwrap();
            let words = ["id", "IN", "AND", "last_updated_time"];
            for part in text.split([' ', ',', '(', ')', '=', '>']).filter(|part| !part.is_empty()) {
                prop_assert!(words.contains(&part) || part.parse::<u64>().is_ok(), "{part}");
            }
        }
    }
}
