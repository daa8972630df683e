//! `/reference_data/sets`: sets by name, values by text (contract 3.5).

use http::Method;
use tokio::time::Instant;

use super::super::Client;
use super::super::ask::{Ask, Items, parse, total};
use super::super::change::Unchanged;
use super::super::fault::Fault;
use crate::qradar::types::reference::{WireSet, WireValue, WireValues};

const WHAT: &str = "a reference set";

/// Who adds values, for people at the console.
pub const SOURCE: &str = "synapse";

impl Client {
    /// One set, without its values.
    pub(super) async fn old_set(&self, name: &str) -> Result<WireSet, Fault> {
        let ask = Ask::get(WHAT, &["reference_data", "sets", name]);
        // Range applies to the values: one is enough, and none cannot be asked for.
        let answer = self.ask(&ask, Some(Items { first: 0, count: 1 })).await?;
        parse(&answer)
    }

    /// Values of a set from a place on; and the place of the next page, if there is one.
    pub(super) async fn old_values(
        &self,
        name: &str,
        first: u64,
        count: u64,
    ) -> Result<(Vec<WireValue>, Option<u64>), Fault> {
        let ask = Ask::get(WHAT, &["reference_data", "sets", name]);
        // The whole object comes with it, and `data` is absent when there is nothing: `slice` would call that cut off.
        let answer = self.ask(&ask, Some(Items { first, count })).await?;
        let WireValues { data } = parse(&answer)?;
        let taken = count.min(data.len() as u64);
        let next = first.saturating_add(taken);
        let more = taken > 0 && total(&answer.headers).map_or(taken == count, |total| next < total);
        let take = usize::try_from(taken).unwrap_or(usize::MAX);
        Ok((data.into_iter().take(take).collect(), more.then_some(next)))
    }

    /// Adds a value; one that is there stays.
    pub(super) async fn old_add(
        &self,
        name: &str,
        value: &str,
        domain: Option<u64>,
        start: Instant,
    ) -> Result<(), Unchanged> {
        let mut ask = Ask::post("a new value of a reference set", &["reference_data", "sets", name])
            .query("value", value)
            .query("source", SOURCE);
        if let Some(domain) = domain {
            ask = ask.query("domain_id", domain.to_string());
        }
        self.send_change(&ask, start).await.map(|_| ())
    }

    /// Removes a value, shared or of a domain. Text in the path of a DELETE is encoded twice (contract 1.3).
    pub(super) async fn old_remove(
        &self,
        name: &str,
        value: &str,
        domain: Option<u64>,
        start: Instant,
    ) -> Result<(), Unchanged> {
        let (name, value) = (encoded(name), encoded(value));
        let mut ask = Ask::get(
            "the removal of a value of a reference set",
            &["reference_data", "sets", &name, &value],
        )
        .method(Method::DELETE);
        if let Some(domain) = domain {
            ask = ask.query("domain_id", domain.to_string());
        }
        self.send_change(&ask, start).await.map(|_| ())
    }
}

/// Percent-encoded once; the egress encodes every segment again.
fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte & 15));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn d41_a_segment_is_encoded_once_more_than_the_egress_does() {
        assert_eq!(encoded("a/b?c&d#e"), "a%2Fb%3Fc%26d%23e");
        assert_eq!(encoded("grün 100%"), "gr%C3%BCn%20100%25");
        assert_eq!(encoded("Mail-Servers_1.~"), "Mail-Servers_1.~");
    }
}
