//! When must a connection be left alone?

use jiff::civil::DateTime;
use jiff::tz::TimeZoneDatabase;
use serde::Deserialize;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_domain::trigger::Calendar;

use super::Problem;
use super::file::Config;

/// Windows of one connection, at most.
const WINDOWS: usize = 32;
/// Longest repeated window: a week. A longer one is a connection to remove, or a pause.
const LONGEST_MINUTES: u32 = 7 * 24 * 60;

/// A window as it is written: `cron` and `minutes`, or `from` and `to`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// When it begins, again and again: minute, hour, day of month, month, day of week.
    pub cron: Option<String>,
    /// How long it lasts then.
    pub minutes: Option<u32>,
    /// When it begins, once: `2026-12-01T22:00`.
    pub from: Option<String>,
    /// When it ends then.
    pub to: Option<String>,
    /// Name in the time-zone database. Default `UTC`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Why, for people.
    #[serde(default = "why")]
    pub why: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn why() -> String {
    "maintenance".to_owned()
}

/// A window of a connection.
#[derive(Debug, Clone)]
pub struct Window {
    /// Whose.
    pub tenant: TenantId,
    /// Of which connection.
    pub connection: ConnectionName,
    /// Why.
    pub why: String,
    span: Span,
}

#[derive(Debug, Clone)]
enum Span {
    Repeated { starts: Calendar, ms: u64 },
    Once { from: Timestamp, to: Timestamp },
}

impl Window {
    /// Until when is it open, if it is open now?
    pub fn open_until(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.span {
            Span::Once { from, to } => (*from..*to).contains(&now).then_some(*to),
            Span::Repeated { starts, ms } => {
                let earliest = now.saturating_sub(*ms).saturating_add(1);
                let start = starts.last(earliest, now, 1).pop()?;
                Some(start.saturating_add(*ms))
            }
        }
    }

    /// When does it open next?
    pub fn next_start(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.span {
            Span::Once { from, .. } => (*from > now).then_some(*from),
            Span::Repeated { starts, .. } => starts.next_after(now),
        }
    }
}

/// Every window of a configuration.
///
/// # Errors
/// Every one that is wrong.
pub fn windows(config: &Config) -> Result<Vec<Window>, Vec<Problem>> {
    let (mut windows, mut problems) = (Vec::new(), Vec::new());
    for (tenant, settings) in &config.tenants {
        for (connection, settings) in &settings.connections {
            let place = format!("tenants.{tenant}.connections.{connection}.maintenance");
            if settings.maintenance.len() > WINDOWS {
                let problem = format!("{} windows; at most {WINDOWS} are allowed", settings.maintenance.len());
                problems.push(Problem::new(place.as_str(), problem));
                continue;
            }
            for (index, wanted) in settings.maintenance.iter().enumerate() {
                match span(wanted) {
                    Ok(span) => windows.push(Window {
                        tenant: tenant.clone(),
                        connection: connection.clone(),
                        why: wanted.why.clone(),
                        span,
                    }),
                    Err((field, problem)) => problems.push(Problem::new(format!("{place}[{index}].{field}"), problem)),
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(windows)
    } else {
        Err(problems)
    }
}

fn span(wanted: &Maintenance) -> Result<Span, (&'static str, String)> {
    match (&wanted.cron, wanted.minutes, &wanted.from, &wanted.to) {
        (Some(cron), Some(minutes), None, None) => {
            if !(1..=LONGEST_MINUTES).contains(&minutes) {
                return Err(("minutes", format!("{minutes}; use 1 to {LONGEST_MINUTES}")));
            }
            let starts = Calendar::new(cron, &wanted.time_zone)?;
            Ok(Span::Repeated {
                starts,
                ms: u64::from(minutes) * 60_000,
            })
        }
        (None, None, Some(from), Some(to)) => {
            let (from, to) = (
                moment("from", from, &wanted.time_zone)?,
                moment("to", to, &wanted.time_zone)?,
            );
            if from >= to {
                return Err(("to", "not after `from`".to_owned()));
            }
            Ok(Span::Once { from, to })
        }
        _ => Err(("cron", "write `cron` and `minutes`, or `from` and `to`".to_owned())),
    }
}

fn moment(field: &'static str, text: &str, zone: &str) -> Result<Timestamp, (&'static str, String)> {
    let civil: DateTime = text
        .parse()
        .map_err(|_| (field, format!("`{text}` is no time; write it as `2026-12-01T22:00`")))?;
    let zone = TimeZoneDatabase::bundled().get(zone).map_err(|_| {
        (
            "time_zone",
            format!("`{zone}` is no time zone; write a name of the database, for instance `Europe/Berlin`"),
        )
    })?;
    let moment = zone
        .to_timestamp(civil)
        .ok()
        .and_then(|moment| Timestamp::try_from(moment.as_millisecond()).ok());
    moment.ok_or_else(|| (field, format!("`{text}` is outside the years that can be counted")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Result<Window, (&'static str, String)> {
        let wanted: Maintenance = toml::from_str(text).unwrap();
        Ok(Window {
            tenant: "acme".parse().unwrap(),
            connection: "siem".parse().unwrap(),
            why: wanted.why.clone(),
            span: span(&wanted)?,
        })
    }

    fn ms(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
            .try_into()
            .unwrap()
    }

    #[test]
    fn a_repeated_window_is_open_from_its_start_for_its_minutes() {
        let window = wanted("cron = \"0 2 * * sun\"\nminutes = 90\ntime_zone = \"Europe/Berlin\"").unwrap();
        // Sunday, 29 November 2026, 02:00 in Berlin.
        let start = ms("2026-11-29T01:00:00Z");
        assert_eq!(window.open_until(start - 1), None);
        assert_eq!(window.next_start(start - 1), Some(start));
        assert_eq!(window.open_until(start), Some(start + 90 * 60_000));
        assert_eq!(window.open_until(start + 90 * 60_000 - 1), Some(start + 90 * 60_000));
        assert_eq!(window.open_until(start + 90 * 60_000), None);
    }

    #[test]
    fn a_fixed_window_is_in_the_zones_own_time() {
        let window =
            wanted("from = \"2026-12-01T22:00\"\nto = \"2026-12-02T02:00\"\ntime_zone = \"Europe/Berlin\"").unwrap();
        let (from, to) = (ms("2026-12-01T21:00:00Z"), ms("2026-12-02T01:00:00Z"));
        assert_eq!(
            (
                window.open_until(from - 1),
                window.open_until(from),
                window.open_until(to)
            ),
            (None, Some(to), None)
        );
        assert_eq!(
            (window.next_start(from - 1), window.next_start(from)),
            (Some(from), None)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, field) in [
            ("cron = \"0 2 * * *\"", "cron"),
            ("cron = \"0 25 * * *\"\nminutes = 5", "cron"),
            ("cron = \"0 2 * * *\"\nminutes = 0", "minutes"),
            ("from = \"tomorrow\"\nto = \"2026-12-02T02:00\"", "from"),
            ("from = \"2026-12-02T02:00\"\nto = \"2026-12-02T02:00\"", "to"),
            ("cron = \"0 2 * * *\"\nminutes = 5\ntime_zone = \"Mars\"", "time_zone"),
        ] {
            assert_eq!(wanted(text).unwrap_err().0, field, "{text}");
        }
    }
}
