//! How do AQL's quoted dates relate to epoch milliseconds? (UTC, as the lab console; contract 4)

const DAY_MS: i64 = 86_400_000;

/// `yyyy-MM-dd HH:mm[:ss]` to epoch milliseconds.
pub fn parse(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once(' ')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut clock = clock.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next().unwrap_or(Some(0))?);
    let valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    valid.then(|| days(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000)
}

/// Java date pattern (`yyyy`, `MM`, `dd`, `HH`, `mm`, `ss`, `SSS`, quotes ignored) applied to epoch milliseconds.
pub fn format(ms: i64, pattern: &str) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let of_day = ms.rem_euclid(DAY_MS);
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let run = rest.chars().take_while(|c| *c == letter).count();
        let value = match letter {
            'y' => Some(year),
            'M' => Some(month),
            'd' => Some(day),
            'H' => Some(of_day / 3_600_000),
            'm' => Some(of_day / 60_000 % 60),
            's' => Some(of_day / 1000 % 60),
            'S' => Some(of_day % 1000),
            _ => None,
        };
        match value {
            Some(value) => out.push_str(&format!("{value:0run$}")),
            None => out.extend(rest.chars().take(run).filter(|c| *c != '\'')),
        }
        rest = rest.get(letter.len_utf8() * run..).unwrap_or_default();
    }
    out
}

/// Days since 1970-01-01 of a Gregorian date, counting years from March so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn civil(day_number: i64) -> (i64, i64, i64) {
    // The year is found by estimate and correction; the month by the same 153-day rule as above.
    let mut year = 1970 + day_number.div_euclid(365);
    while days(year, 3, 1) > day_number {
        year -= 1;
    }
    let of_year = day_number - days(year, 3, 1);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    if month < 10 {
        (year, month + 3, day)
    } else {
        (year + 1, month - 9, day)
    }
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn dates_go_both_ways_in_utc() {
        assert_eq!(parse("2021-02-15 14:24"), Some(1_613_399_040_000));
        assert_eq!(
            format(1_613_399_051_536, "yyyy-MM-dd HH:mm:ss.SSS"),
            "2021-02-15 14:24:11.536"
        );
        for text in [
            "1970-01-01 00:00:00",
            "2000-02-29 23:59:59",
            "2024-02-29 12:00:00",
            "2025-03-01 00:00:01",
        ] {
            assert_eq!(
                parse(text).map(|ms| format(ms, "yyyy-MM-dd HH:mm:ss")).as_deref(),
                Some(text)
            );
        }
        assert_eq!(parse("2021-13-01 00:00"), None);
    }
}
