//! How are times written and read? UTC with whole seconds, as Exchange writes them.

use mail_parser::DateTime;

/// `2026-11-25T00:55:57Z`.
pub fn write(ms: i64) -> String {
    DateTime::from_timestamp(ms.div_euclid(1000)).to_rfc3339()
}

/// Milliseconds since the epoch. A missing zone is UTC; fractions of a second are kept to the millisecond.
pub fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    let (head, tail) = text.split_at_checked(19)?;
    let (fraction, zone) = match tail.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.split_at_checked(digits)?
        }
        None => ("", tail),
    };
    let zone = if zone.is_empty() { "Z" } else { zone };
    let whole = DateTime::parse_rfc3339(&format!("{head}{zone}")).filter(DateTime::is_valid)?;
    let mut ms = 0;
    for digit in fraction.bytes().chain(*b"000").take(3) {
        ms = ms * 10 + i64::from(digit - b'0');
    }
    Some(whole.to_timestamp() * 1000 + ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_fractions_zones_and_without_zone_are_read() {
        assert_eq!(read("2026-11-25T00:00:01Z"), Some(1_795_564_801_000));
        assert_eq!(read("2026-11-25T00:00:01.123456789Z"), Some(1_795_564_801_123));
        assert_eq!(read("2026-11-25T02:00:01.5+02:00"), Some(1_795_564_801_500));
        assert_eq!(read("2026-11-25T00:00:01"), Some(1_795_564_801_000));
        assert_eq!(read("yesterday"), None);
        assert_eq!(write(1_795_564_801_999), "2026-11-25T00:00:01Z");
    }
}
