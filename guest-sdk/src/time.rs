//! How is a moment written for people?

/// Milliseconds since 1970 as `2026-11-25 03:14:15 UTC`; the year 9999 is the last one written out.
pub fn utc(ms: u64) -> String {
    const LAST: u64 = 253_402_300_799;
    let seconds = (ms / 1_000).min(LAST);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Days since 1970-01-01 as a date of the proleptic Gregorian calendar: counted in years that begin in March, so that the
/// leap day is a year's last day.
fn civil(days: u64) -> (u64, u64, u64) {
    // 719,468 days lie between 0000-03-01 and 1970-01-01; an era is 400 years of 146,097 days.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn moments_are_written_in_utc_with_leap_days_right() {
        for (ms, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_827_696_789, "2000-02-29 12:34:56 UTC"),
            (1_641_970_465_643, "2022-01-12 06:54:25 UTC"),
            (4_107_542_399_000, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
            (u64::MAX, "9999-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(ms), text);
        }
    }
}
