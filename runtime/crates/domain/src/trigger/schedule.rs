//! At which times does a run start?

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ids::{DeploymentName, TenantId, TriggerName};
use crate::manifest::Refused;

/// Starts a run at the times of a cron expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its name within the deployment.
    pub name: TriggerName,
    /// Minute, hour, day of month, month, day of week.
    pub cron: String,
    /// Name in the time-zone database. Default `UTC`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Seconds over which starts are spread, at most 3,600; the same delay for each fire time of this trigger. Default 0.
    #[serde(default)]
    pub jitter_seconds: u32,
    /// What happens when a run of the trigger is still unfinished. Default `skip`.
    #[serde(default)]
    pub overlap: Overlap,
    /// What happens with times that passed while nothing ran. Default `latest`.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// The event's data, a JSON object. Default `{}`.
    #[serde(default = "empty")]
    pub input: serde_json::Value,
}

/// What happens when a run of the trigger is still unfinished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// This time is left out, and said so.
    #[default]
    Skip,
    /// The new run waits for the old one.
    Queue,
    /// The old run is cancelled.
    Replace,
}

/// What happens with times that passed while the trigger could not fire (node down, paused).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatchUp {
    /// Nothing.
    None,
    /// One run for the last of them.
    #[default]
    Latest,
    /// One run for each, oldest first, at most 100.
    All,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn empty() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

/// Most seconds of jitter: more would be another schedule.
const JITTER_SECONDS: u32 = 3_600;
/// A time counts as missed when it is acted on later than this, in milliseconds: the unit of cron is a minute.
const LATE_MS: u64 = 60_000;
/// Missed times that `catch_up = "all"` makes good, at most.
const CAUGHT_UP: usize = 100;
/// Bytes of `input`, at most: it is stored with every version and every run.
const INPUT_BYTES: usize = 64 << 10;

/// What a schedule does about the times that have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// These are left out.
    pub skipped: Option<Skipped>,
    /// This one gets its run.
    pub fire: Option<Timestamp>,
    /// The time after it.
    pub next: Option<Timestamp>,
}

/// Times that get no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The last of them.
    pub time: Timestamp,
    /// Why, for people.
    pub reason: String,
}

impl Schedule {
    /// Checks the shape, the expression and the zone.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn check(&self, place: &str) -> Result<(), Refused> {
        if self.jitter_seconds > JITTER_SECONDS {
            let problem = format!("{}; use 0 to {JITTER_SECONDS}", self.jitter_seconds);
            return Err(Refused::new(format!("{place}.jitter_seconds"), problem));
        }
        if !self.input.is_object() {
            return Err(Refused::new(format!("{place}.input"), "not an object; use a table"));
        }
        if self.input.to_string().len() > INPUT_BYTES {
            let problem = format!("larger than {INPUT_BYTES} bytes; let the workflow read what is large");
            return Err(Refused::new(format!("{place}.input"), problem));
        }
        self.calendar()
            .map(drop)
            .map_err(|(field, problem)| Refused::new(format!("{place}.{field}"), problem))
    }

    /// Its times.
    ///
    /// # Errors
    /// Which field is wrong, and why; not for a schedule that was checked.
    pub fn calendar(&self) -> Result<Calendar, (&'static str, String)> {
        Calendar::new(&self.cron, &self.time_zone)
    }

    /// Milliseconds by which its starts are late: spread over deployments, always the same for one trigger.
    pub fn jitter_ms(&self, tenant: &TenantId, deployment: &DeploymentName) -> u64 {
        let parts = [tenant.as_str(), deployment.as_str(), self.name.as_str()].map(str::as_bytes);
        let digest = Digest::of_parts(&parts);
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        u64::from_be_bytes(first) % (u64::from(self.jitter_seconds) * 1_000 + 1)
    }

    /// What to do now, `jitter` taken off, if `due` is the first time without a run.
    ///
    /// # Errors
    /// As [`Schedule::calendar`].
    pub fn decide(&self, due: Timestamp, now: Timestamp) -> Result<Decision, (&'static str, String)> {
        let calendar = self.calendar()?;
        let mut times = calendar.last(due, now, CAUGHT_UP + 1);
        // The time that was recorded counts, even if the rules of its zone have changed since.
        let latest = times.last().copied().unwrap_or(due);
        let missed = |time: Timestamp, why: &str| {
            Some(Skipped {
                time,
                reason: why.to_owned(),
            })
        };
        let before = |fire: Timestamp, why: &str| {
            if fire <= due {
                return None;
            }
            missed(calendar.last(due, fire - 1, 1).last().copied().unwrap_or(due), why)
        };
        let (skipped, fire) = match self.catch_up {
            CatchUp::None if now.saturating_sub(latest) > LATE_MS => (
                missed(latest, "missed while it could not fire; `catch_up` is `none`"),
                None,
            ),
            CatchUp::None => (
                before(latest, "missed while it could not fire; `catch_up` is `none`"),
                Some(latest),
            ),
            CatchUp::Latest => (
                before(latest, "missed while it could not fire; a later time made up for it"),
                Some(latest),
            ),
            CatchUp::All => {
                if times.len() > CAUGHT_UP {
                    times.remove(0);
                }
                let first = if times.len() < CAUGHT_UP {
                    due
                } else {
                    times.first().copied().unwrap_or(due)
                };
                (
                    before(
                        first,
                        "missed while it could not fire; at most 100 times are made up for",
                    ),
                    Some(first),
                )
            }
        };
        let done = fire.unwrap_or(latest);
        Ok(Decision {
            skipped,
            fire,
            next: calendar.next_after(done),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn schedule(catch_up: CatchUp) -> Schedule {
        Schedule {
            name: "every".parse().unwrap(),
            cron: "* * * * *".to_owned(),
            time_zone: utc(),
            jitter_seconds: 0,
            overlap: Overlap::Skip,
            catch_up,
            input: empty(),
        }
    }

    fn decide(catch_up: CatchUp, due: u64, now: u64) -> (Option<u64>, Option<u64>, Option<u64>) {
        let decision = schedule(catch_up).decide(due, now).unwrap();
        let minutes = |time: u64| time / MINUTE;
        (
            decision.skipped.map(|skipped| minutes(skipped.time)),
            decision.fire.map(minutes),
            decision.next.map(minutes),
        )
    }

    #[test]
    fn a_time_that_has_just_come_fires_whatever_the_policy() {
        for catch_up in [CatchUp::None, CatchUp::Latest, CatchUp::All] {
            assert_eq!(
                decide(catch_up, 10 * MINUTE, 10 * MINUTE + 500),
                (None, Some(10), Some(11))
            );
        }
    }

    #[test]
    fn missed_times_are_left_out_made_up_for_by_the_latest_or_each() {
        // The latest of the missed times is on time here.
        let now = 20 * MINUTE + 1;
        assert_eq!(decide(CatchUp::None, 10 * MINUTE, now), (Some(19), Some(20), Some(21)));
        assert_eq!(
            decide(CatchUp::Latest, 10 * MINUTE, now),
            (Some(19), Some(20), Some(21))
        );
        assert_eq!(decide(CatchUp::All, 10 * MINUTE, now), (None, Some(10), Some(11)));
        // An hourly schedule that comes back half an hour late.
        let mut hourly = schedule(CatchUp::None);
        hourly.cron = "0 * * * *".to_owned();
        let late = hourly.decide(60 * MINUTE, 210 * MINUTE).unwrap();
        assert_eq!(
            (late.skipped.map(|skipped| skipped.time), late.fire, late.next),
            (Some(180 * MINUTE), None, Some(240 * MINUTE))
        );
        hourly.catch_up = CatchUp::Latest;
        let late = hourly.decide(60 * MINUTE, 210 * MINUTE).unwrap();
        assert_eq!(
            (late.skipped.map(|skipped| skipped.time), late.fire),
            (Some(120 * MINUTE), Some(180 * MINUTE))
        );
    }

    #[test]
    fn at_most_a_hundred_times_are_made_up_for_and_the_rest_is_said() {
        let now = 1_000 * MINUTE;
        assert_eq!(
            decide(CatchUp::All, 10 * MINUTE, now),
            (Some(900), Some(901), Some(902))
        );
        assert_eq!(decide(CatchUp::All, 901 * MINUTE, now), (None, Some(901), Some(902)));
    }

    #[test]
    fn jitter_is_the_same_each_time_and_differs_between_deployments() {
        let schedule = Schedule {
            jitter_seconds: 600,
            ..schedule(CatchUp::None)
        };
        let of = |name: &str| schedule.jitter_ms(&"acme".parse().unwrap(), &name.parse().unwrap());
        let all: std::collections::BTreeSet<_> = (0..20).map(|n| of(&format!("d{n}"))).collect();
        assert!(all.len() > 15 && all.iter().all(|ms| *ms <= 600_000), "{all:?}");
        assert_eq!(of("d1"), of("d1"));
    }

    #[test]
    fn what_is_wrong_is_refused_by_field() {
        let mut wrong = schedule(CatchUp::None);
        wrong.cron = "61 * * * *".to_owned();
        assert_eq!(wrong.check("triggers[0]").unwrap_err().place, "triggers[0].cron");
        let wrong = Schedule {
            time_zone: "Mars/Olympus".to_owned(),
            ..schedule(CatchUp::None)
        };
        assert_eq!(wrong.check("triggers[0]").unwrap_err().place, "triggers[0].time_zone");
        let wrong = Schedule {
            jitter_seconds: 3_601,
            ..schedule(CatchUp::None)
        };
        assert_eq!(
            wrong.check("triggers[0]").unwrap_err().place,
            "triggers[0].jitter_seconds"
        );
    }
}
