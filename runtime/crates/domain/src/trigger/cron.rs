//! What does a cron expression mean: five fields, without a time zone?

use std::fmt;

/// The minutes, hours, days, months and weekdays of an expression, as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// A `*` as day of month or day of week does not count when the other one is given.
    any_day: bool,
    any_weekday: bool,
}

/// Why a text is no expression: which field, what is wrong, what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCron(String);

impl fmt::Display for NotCron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A field: its name, its lowest and highest number, and names for its numbers from the lowest on.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE: Field = field("minute", 0, 59, &[]);
const HOUR: Field = field("hour", 0, 23, &[]);
const DAY: Field = field("day of month", 1, 31, &[]);
const MONTH: Field = field("month", 1, 12, &MONTHS);
/// 0 and 7 are Sunday.
const WEEKDAY: Field = field("day of week", 0, 7, &WEEKDAYS);
/// Longest expression: a list of every minute is shorter.
const LONGEST: usize = 256;

const fn field(name: &'static str, low: u32, high: u32, names: &'static [&'static str]) -> Field {
    Field { name, low, high, names }
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// Names the field.
    pub fn parse(text: &str) -> Result<Self, NotCron> {
        if text.len() > LONGEST {
            return Err(NotCron(format!("{} bytes; at most {LONGEST} are allowed", text.len())));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(NotCron(format!(
                "{} field(s); write five: minute, hour, day of month, month, day of week, for instance `30 6 * * mon-fri`",
                fields.len()
            )));
        };
        let mut weekdays = WEEKDAY.bits(weekday)?;
        weekdays = (weekdays | weekdays >> 7) & 0x7f;
        Ok(Self {
            minutes: MINUTE.bits(minute)?,
            hours: HOUR.bits(hour)?,
            days: DAY.bits(day)?,
            months: MONTH.bits(month)?,
            weekdays,
            any_day: day == "*",
            any_weekday: weekday == "*",
        })
    }

    /// Is a date in it? `weekday` counts from Sunday, 0. With both a day of month and a day of week given, either is enough.
    pub fn has_date(&self, month: u32, day: u32, weekday: u32) -> bool {
        let (of_month, of_week) = (has(self.days, day), has(self.weekdays, weekday));
        let day = if self.any_day || self.any_weekday {
            of_month && of_week
        } else {
            of_month || of_week
        };
        has(self.months, month) && day
    }

    /// Is any date in it, in a leap year? The 31st of February is not.
    pub fn has_any_date(&self) -> bool {
        const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let month_has_day =
            |(month, days): (u32, u32)| has(self.months, month) && (1..=days).any(|day| has(self.days, day));
        (!self.any_day && !self.any_weekday) || (1..).zip(DAYS).any(month_has_day)
    }

    /// The times of a day: hours and minutes, in order.
    pub fn times(&self) -> impl Iterator<Item = (i8, i8)> {
        let minutes = move |hour: i8| {
            (0i8..60)
                .filter(|minute| has(self.minutes, minute.unsigned_abs().into()))
                .map(move |minute| (hour, minute))
        };
        (0i8..24)
            .filter(|hour| has(self.hours, hour.unsigned_abs().into()))
            .flat_map(minutes)
    }

    /// Does it go on hour after hour, so that a doubled hour is two hours for it?
    pub fn every_hour(&self) -> bool {
        self.hours == (1 << 24) - 1
    }
}

fn has(bits: u64, number: u32) -> bool {
    number < 64 && bits >> number & 1 == 1
}

impl Field {
    /// A list of parts.
    fn bits(&self, text: &str) -> Result<u64, NotCron> {
        text.split(',').try_fold(0, |bits, part| Ok(bits | self.part(part)?))
    }

    /// `*`, `7`, `2-5`, each with or without `/step`; `7/5` is from 7 on.
    fn part(&self, text: &str) -> Result<u64, NotCron> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.low, self.high),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None => {
                let first = self.number(range)?;
                (first, if step.is_some() { self.high } else { first })
            }
        };
        if first > last {
            return Err(self.wrong(text, "the range runs backwards; write it as two ranges"));
        }
        // A `*` of the weekdays must not count Sunday twice in steps.
        let last = if range == "*" && self.high == 7 { 6 } else { last };
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(1);
        Ok((first..=last).step_by(step).fold(0, |bits, number| bits | 1 << number))
    }

    fn number(&self, text: &str) -> Result<u32, NotCron> {
        let name = text.to_ascii_lowercase();
        if let Some(place) = self.names.iter().position(|known| *known == name) {
            return Ok(self.low + u32::try_from(place).unwrap_or(0));
        }
        let number = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse::<u32>().ok()
        } else {
            None
        };
        number
            .filter(|number| (self.low..=self.high).contains(number))
            .ok_or_else(|| self.wrong(text, "no such value"))
    }

    fn step(&self, text: &str) -> Result<u32, NotCron> {
        let number = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse::<u32>().ok()
        } else {
            None
        };
        number
            .filter(|step| (1..=self.high).contains(step))
            .ok_or_else(|| self.wrong(text, "the step after `/` is no number from 1 on"))
    }

    fn wrong(&self, text: &str, why: &str) -> NotCron {
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let text: String = text.chars().take(20).collect();
        NotCron(format!(
            "{} `{text}`: {why}; use {} to {}{names}, `*`, lists, ranges and steps",
            self.name, self.low, self.high
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str) -> Vec<(i8, i8)> {
        Cron::parse(text).unwrap().times().collect()
    }

    #[test]
    fn lists_ranges_steps_and_names_are_understood() {
        assert_eq!(times("0,30 6-7 * * *"), [(6, 0), (6, 30), (7, 0), (7, 30)]);
        assert_eq!(times("*/20 0 * * *"), [(0, 0), (0, 20), (0, 40)]);
        assert_eq!(times("10-40/15 0 * * *"), [(0, 10), (0, 25), (0, 40)]);
        assert_eq!(times("50/4 0 * * *"), [(0, 50), (0, 54), (0, 58)]);
        let named = Cron::parse("0 0 * JAN-mar MON,fri").unwrap();
        assert!(named.has_date(3, 1, 1) && named.has_date(1, 1, 5));
        assert!(!named.has_date(4, 1, 1) && !named.has_date(1, 1, 0));
    }

    #[test]
    fn sunday_is_0_and_7() {
        for text in ["0 0 * * 0", "0 0 * * 7", "0 0 * * sun"] {
            let cron = Cron::parse(text).unwrap();
            assert!(cron.has_date(1, 1, 0) && !cron.has_date(1, 1, 1), "{text}");
        }
        assert!(Cron::parse("0 0 * * 5-7").unwrap().has_date(1, 1, 0));
    }

    #[test]
    fn a_day_of_month_and_a_day_of_week_together_mean_either() {
        let cron = Cron::parse("0 0 13 * fri").unwrap();
        assert!(cron.has_date(1, 13, 2) && cron.has_date(1, 1, 5) && !cron.has_date(1, 1, 2));
        let stepped = Cron::parse("0 0 * * fri").unwrap();
        assert!(stepped.has_date(1, 1, 5) && !stepped.has_date(1, 13, 2));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        for (text, word) in [
            ("* * * *", "4 field(s)"),
            ("* * * * * *", "6 field(s)"),
            ("@daily", "1 field(s)"),
            ("60 * * * *", "minute"),
            ("* 24 * * *", "hour"),
            ("* * 0 * *", "day of month"),
            ("* * * foo *", "month"),
            ("* * * * 8", "day of week"),
            ("5-1 * * * *", "backwards"),
            ("*/0 * * * *", "step"),
            ("*/x * * * *", "step"),
            ("1,,2 * * * *", "minute"),
            ("-1 * * * *", "minute"),
            ("+5 * * * *", "minute"),
        ] {
            let error = Cron::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
        assert!(Cron::parse(&"1,".repeat(200)).is_err());
    }

    #[test]
    fn a_date_that_never_comes_is_known() {
        assert!(!Cron::parse("0 0 31 2,4 *").unwrap().has_any_date());
        assert!(Cron::parse("0 0 29 2 *").unwrap().has_any_date());
        assert!(Cron::parse("0 0 31 2 mon").unwrap().has_any_date());
    }
}
