//! Whose is a certificate, who issued it, and until when does it hold? Read from its DER, only to tell people: what is trusted is decided
//! by webpki (D11).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use synapse_domain::clock::Timestamp;

pub(super) const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
pub(super) const OID: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
/// Certificates of a chain that are looked at.
const CHAIN: usize = 8;
/// Longest name shown.
const NAME_CHARS: usize = 100;

/// The issuer that no certificate of the presented chain is of, in words.
pub(super) fn missing(end_entity: &[u8], intermediates: &[&[u8]]) -> Option<String> {
    let mut issuer = Names::of(end_entity)?.issuer;
    for _ in 0..CHAIN {
        let mut presented = intermediates
            .iter()
            .take(CHAIN)
            .filter_map(|certificate| Names::of(certificate));
        match presented.find(|names| names.subject == issuer && names.issuer != issuer) {
            Some(names) => issuer = names.issuer,
            None => break,
        }
    }
    shown(issuer)
}

/// What a person wants to know of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Until when it holds.
    pub not_after: Timestamp,
}

/// What a certificate says about itself; none if it cannot be read.
pub(super) fn describe(certificate: &[u8]) -> Option<Described> {
    let names = Names::of(certificate)?;
    let (_, rest) = time(names.validity)?;
    let (not_after, _) = time(rest)?;
    let name = |name| shown(name).unwrap_or_else(|| "a name that cannot be read".to_owned());
    Some(Described {
        subject: name(names.subject),
        issuer: name(names.issuer),
        not_after,
    })
}

/// The moment at the start (RFC 5280, 4.1.2.5), and what follows it.
fn time(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (tag, content, rest) = element(bytes)?;
    let text = std::str::from_utf8(content).ok()?;
    let text = match tag {
        // Two digits of a year: 50 and above are of the last century.
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    let moment = moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some((u64::try_from(moment).unwrap_or(0), rest))
}

/// The distinguished names of a certificate, and its validity, as DER.
struct Names<'a> {
    issuer: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
}

impl<'a> Names<'a> {
    fn of(certificate: &'a [u8]) -> Option<Self> {
        let (certificate, _) = take(certificate, SEQUENCE)?;
        let (fields, _) = take(certificate, SEQUENCE)?;
        let fields = take(fields, VERSION).map_or(fields, |(_, rest)| rest);
        let (_serial, fields) = take(fields, INTEGER)?;
        let (_algorithm, fields) = take(fields, SEQUENCE)?;
        let (issuer, fields) = take(fields, SEQUENCE)?;
        let (validity, fields) = take(fields, SEQUENCE)?;
        let (subject, _) = take(fields, SEQUENCE)?;
        Some(Self {
            issuer,
            validity,
            subject,
        })
    }
}

/// The common name, or else the organisation.
fn shown(mut name: &[u8]) -> Option<String> {
    let (mut common, mut organisation) = (None, None);
    while let Some((set, rest)) = take(name, SET) {
        name = rest;
        let Some((attribute, _)) = take(set, SEQUENCE) else {
            continue;
        };
        let Some((oid, value)) = take(attribute, OID) else {
            continue;
        };
        let Some((_, text, _)) = element(value) else { continue };
        let text = || {
            Some(
                String::from_utf8_lossy(text)
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(NAME_CHARS)
                    .collect::<String>(),
            )
        };
        match oid {
            COMMON_NAME => common = text(),
            ORGANISATION => organisation = text(),
            _ => {}
        }
    }
    common.or(organisation)
}

/// The content of the element at the start, if it has this tag, and what follows it.
pub(super) fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // More than four length bytes would be a certificate of over 4 GiB.
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
