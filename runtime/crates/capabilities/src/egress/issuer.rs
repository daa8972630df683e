//! Who issued a certificate? Read from its DER, only to name the issuer that is missing from a CA bundle (D11).

pub(super) const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
pub(super) const OID: u8 = 0x06;
const VERSION: u8 = 0xa0;
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

/// The distinguished names of a certificate, as DER.
struct Names<'a> {
    issuer: &'a [u8],
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
        let (_validity, fields) = take(fields, SEQUENCE)?;
        let (subject, _) = take(fields, SEQUENCE)?;
        Some(Self { issuer, subject })
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
