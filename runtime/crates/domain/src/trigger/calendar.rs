//! At which moments does a cron expression fire in a time zone?
//!
//! The clocks of a zone jump twice a year. A time that does not exist there fires once, right after the gap; a time that comes twice
//! fires the first time, unless the expression goes on hour after hour (`*` as hour), for which both are hours like any other.
//! The rules of zones are those the program was built with, so that nodes do not differ.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span, ToSpan as _};

use super::cron::Cron;
use crate::clock::Timestamp;

/// Days that are looked through for a next time: 29 February is at most eight years away.
const DAYS: u32 = 9 * 366;

/// An expression with its zone.
#[derive(Debug, Clone)]
pub struct Calendar {
    cron: Cron,
    zone: TimeZone,
}

impl Calendar {
    /// Reads both.
    ///
    /// # Errors
    /// Which one is wrong (`cron`, `time_zone`), and why.
    pub fn new(cron: &str, zone: &str) -> Result<Self, (&'static str, String)> {
        let cron = Cron::parse(cron).map_err(|error| ("cron", error.to_string()))?;
        if !cron.has_any_date() {
            return Err(("cron", "no month has such a day; it would never fire".to_owned()));
        }
        let zone = TimeZoneDatabase::bundled().get(zone).map_err(|_| {
            let shown: String = zone.chars().take(64).collect();
            let problem =
                format!("`{shown}` is no time zone; write a name of the database, for instance `Europe/Berlin`");
            ("time_zone", problem)
        })?;
        Ok(Self { cron, zone })
    }

    /// The first time after this moment; none in the next nine years.
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        // A day earlier: where a zone left out a whole day, its times belong to the next one.
        let mut date = self.date(moment)?.yesterday().ok()?;
        for _ in 0..DAYS {
            if let Some(time) = self.times_of(date).into_iter().find(|time| *time > moment) {
                return Some(time);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The next times after this moment.
    pub fn next(&self, moment: Timestamp, count: usize) -> Vec<Timestamp> {
        let following = |time: &Timestamp| self.next_after(*time);
        std::iter::successors(self.next_after(moment), following)
            .take(count)
            .collect()
    }

    /// The last times in `[from, until]`, at most `count`, oldest first.
    pub fn last(&self, from: Timestamp, until: Timestamp, count: usize) -> Vec<Timestamp> {
        let (Some(first), Some(mut date)) = (self.date(from), self.date(until)) else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        loop {
            found.extend(
                self.times_of(date)
                    .into_iter()
                    .filter(|time| (from..=until).contains(time)),
            );
            // A day more than needed: times of a day that a zone left out belong to the next one.
            match date.yesterday() {
                Ok(before) if found.len() <= count && before >= first.saturating_sub(1.day()) => date = before,
                _ => break,
            }
        }
        let skip = found.len().saturating_sub(count);
        found.into_iter().skip(skip).collect()
    }

    fn date(&self, moment: Timestamp) -> Option<Date> {
        let moment = jiff::Timestamp::from_millisecond(i64::try_from(moment).ok()?).ok()?;
        Some(self.zone.to_datetime(moment).date())
    }

    /// The moments of a date, in order, each once.
    fn times_of(&self, date: Date) -> BTreeSet<Timestamp> {
        let (month, day) = (date.month().unsigned_abs().into(), date.day().unsigned_abs().into());
        let weekday = date.weekday().to_sunday_zero_offset().unsigned_abs().into();
        if !self.cron.has_date(month, day, weekday) {
            return BTreeSet::new();
        }
        let mut times = BTreeSet::new();
        for (hour, minute) in self.cron.times() {
            self.moments(date.at(hour, minute, 0, 0), &mut times);
        }
        times
    }

    fn moments(&self, civil: DateTime, times: &mut BTreeSet<Timestamp>) {
        let mut add = |moment: Result<jiff::Timestamp, jiff::Error>| {
            times.extend(
                moment
                    .ok()
                    .and_then(|moment| Timestamp::try_from(moment.as_millisecond()).ok()),
            );
        };
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => add(offset.to_timestamp(civil)),
            AmbiguousOffset::Fold { before, after } => {
                add(before.to_timestamp(civil));
                if self.cron.every_hour() {
                    add(after.to_timestamp(civil));
                }
            }
            // With the offset from before, the time lies behind the jump by as much as it lies inside the gap.
            AmbiguousOffset::Gap { before, .. } => {
                let Ok(behind) = before.to_timestamp(civil) else { return };
                let just_after = behind.checked_add(Span::new().seconds(1)).unwrap_or(behind);
                add(Ok(self
                    .zone
                    .preceding(just_after)
                    .next()
                    .map_or(behind, |jump| jump.timestamp())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Timestamp {
        let moment: jiff::Timestamp = text.parse().unwrap();
        moment.as_millisecond().try_into().unwrap()
    }

    fn utc(moments: &[Timestamp]) -> Vec<String> {
        moments
            .iter()
            .map(|ms| {
                jiff::Timestamp::from_millisecond((*ms).try_into().unwrap())
                    .unwrap()
                    .to_string()
            })
            .collect()
    }

    fn next(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        utc(&Calendar::new(cron, zone).unwrap().next(ms(after), count))
    }

    #[test]
    fn times_follow_each_other_in_the_zones_own_time() {
        assert_eq!(
            next("30 6 * * mon-fri", "UTC", "2026-11-27T06:30:00Z", 2),
            ["2026-11-30T06:30:00Z", "2026-12-01T06:30:00Z"]
        );
        assert_eq!(
            next("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", 1),
            ["2104-02-29T00:00:00Z"]
        );
        assert_eq!(
            next("0 9 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", 1),
            ["2026-01-01T03:30:00Z"]
        );
        // The same hour of the day before and after the clocks change.
        assert_eq!(
            next("0 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 2),
            ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"]
        );
    }

    #[test]
    fn an_hour_that_does_not_exist_fires_once_right_after_the_gap() {
        // In Berlin 02:00 to 03:00 is missing on 29 March 2026: the gap ends at 01:00 UTC.
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            next("0,20,40 2 29 3 *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            ["2026-03-29T01:00:00Z", "2027-03-29T00:00:00Z"]
        );
        assert_eq!(
            next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:29:00Z", 3),
            ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
        );
        // Half an hour is missing on Lord Howe Island, and a whole day was on Samoa.
        assert_eq!(
            next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 1),
            ["2026-10-03T15:30:00Z"]
        );
        assert_eq!(
            next("0 12 30 12 *", "Pacific/Apia", "2011-12-30T00:00:00Z", 1),
            ["2011-12-30T10:00:00Z"]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_fires_once() {
        // In Berlin 02:00 to 03:00 comes twice on 25 October 2026: at 00:00 and at 01:00 UTC.
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
        assert_eq!(
            next("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3),
            ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z"]
        );
    }

    #[test]
    fn what_goes_on_hour_after_hour_does_not_pause_in_a_doubled_hour() {
        let every = next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", 5);
        let minutes: Vec<_> = every.iter().map(|time| &time[11..16]).collect();
        assert_eq!(minutes, ["00:00", "00:30", "01:00", "01:30", "02:00"]);
    }

    #[test]
    fn the_last_times_of_an_outage_are_found_from_its_end() {
        let calendar = Calendar::new("0 * * * *", "Europe/Berlin").unwrap();
        let (from, until) = (ms("2026-03-01T00:00:00Z"), ms("2026-03-29T02:10:00Z"));
        assert_eq!(
            utc(&calendar.last(from, until, 3)),
            ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]
        );
        assert_eq!(calendar.last(until, until, 3), Vec::<Timestamp>::new());
        assert_eq!(calendar.last(from, from + 3 * 3_600_000, 100).len(), 4);
    }

    #[test]
    fn a_wrong_zone_and_a_day_that_never_comes_are_refused_by_name() {
        let refused = |cron, zone| Calendar::new(cron, zone).unwrap_err();
        assert!(
            matches!(refused("0 0 * * *", "Europe/Entenhausen"), ("time_zone", why) if why.contains("Entenhausen"))
        );
        assert!(matches!(refused("0 0 * * *", "../etc/passwd"), ("time_zone", _)));
        assert!(matches!(refused("0 0 30 2 *", "UTC"), ("cron", why) if why.contains("never")));
    }
}
