//! How does EWS write a moment? `xs:dateTime`, with and without zone, fractions to nine digits (contract section 1).

const DAY_MS: u64 = 86_400_000;
/// 9999-12-31T23:59:59.999Z, the last moment with a year of four digits.
const LAST: u64 = 253_402_300_799_999;

/// Milliseconds since 1970 of a date and time; none if it is not one, or is before 1970. Without a zone it is UTC.
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| number(part, 4));
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, offset_ms) = zone(time)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':').map(|part| number(part, 2));
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    if day == 0 || day > month_length(year, month) {
        return None;
    }
    let days = days_before_month(year, month)?.checked_add(day.checked_sub(1)?)?;
    let seconds = hour
        .checked_mul(3600)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)?;
    let ms = days
        .checked_mul(DAY_MS)?
        .checked_add(seconds.checked_mul(1000)?)?
        .checked_add(milliseconds(fraction)?)?;
    ms.checked_add_signed(offset_ms.checked_neg()?)
}

/// A moment in UTC. Milliseconds are written only if there are some.
pub fn format(ms: u64) -> String {
    let ms = ms.min(LAST);
    let days = ms / DAY_MS;
    let mut year = 1970u64.saturating_add(days / 366);
    while days_before_year(year.saturating_add(1)) <= days {
        year = year.saturating_add(1);
    }
    let month = (2..=12)
        .take_while(|month| days_before_month(year, *month).is_some_and(|before| before <= days))
        .last()
        .unwrap_or(1);
    let day = days
        .saturating_sub(days_before_month(year, month).unwrap_or(days))
        .saturating_add(1);
    let second = (ms / 1000) % 86_400;
    let (hour, minute, second) = (second / 3600, (second / 60) % 60, second % 60);
    let date = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    match ms % 1000 {
        0 => format!("{date}Z"),
        fraction => format!("{date}.{fraction:03}Z"),
    }
}

/// The time without its zone, and how far that zone is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.find(['+', '-']) else {
        return Some((time, 0));
    };
    let (time, offset) = time.split_at_checked(at)?;
    let (sign, offset) = offset.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let ms = i64::try_from(hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60_000)?).ok()?;
    Some((time, if sign == "-" { ms.checked_neg()? } else { ms }))
}

/// A fraction of a second of up to nine digits.
fn milliseconds(fraction: &str) -> Option<u64> {
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    three.parse().ok()
}

fn number(digits: &str, length: usize) -> Option<u64> {
    let ok = !digits.is_empty() && digits.len() <= length && digits.bytes().all(|byte| byte.is_ascii_digit());
    ok.then(|| digits.parse().ok()).flatten()
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from 1970 to the first day of this year.
const fn days_before_year(year: u64) -> u64 {
    let leaps = leap_years_to(year.saturating_sub(1)).saturating_sub(leap_years_to(1969));
    year.saturating_sub(1970).saturating_mul(365).saturating_add(leaps)
}

const fn leap_years_to(year: u64) -> u64 {
    (year / 4).saturating_sub(year / 100).saturating_add(year / 400)
}

const fn month_length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to the first day of this month.
fn days_before_month(year: u64, month: u64) -> Option<u64> {
    let within: u64 = (1..month).map(|month| month_length(year, month)).sum();
    days_before_year(year).checked_add(within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fractions_and_missing_zones_are_read() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2026-11-25T01:55:57.935571400Z"), Some(1_795_571_757_935));
        assert_eq!(parse("2026-11-25T01:55:57"), Some(1_795_571_757_000));
        assert_eq!(parse("2026-11-25T03:55:57+02:00"), Some(1_795_571_757_000));
        assert_eq!(parse("2026-11-24T20:25:57.5-05:30"), Some(1_795_571_757_500));
        assert_eq!(parse("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
    }

    #[test]
    fn what_is_no_moment_since_1970_is_none() {
        for text in [
            "",
            "T",
            "2026-11-25",
            "0001-01-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-25T25:00:00Z",
            "2026-11-25T00:00:00.1234567890Z",
            "2026-11-25T00:00:00.x",
            "2026-11-25T00:00:00+99:00",
            "1970-01-01T00:00:00+01:00",
            "é-é-éTé:é:é+é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_moment(ms in 0..=LAST) {
            prop_assert_eq!(parse(&format(ms)), Some(ms));
        }

        #[test]
        fn no_text_stops_the_reader(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
