//! Which offenses are news, and where does the next look start? (contract 2.4 and 5)
//!
//! The console's `last_persisted_time` is the clock: the watermark is the last one seen, and every look starts a little before it, because
//! it is written late. What was seen already is known by its version. After an outage the time before the fresh one is a gap of its own:
//! the fresh part is read first, then the grave offenses of the gap, then the rest of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synapse_capabilities::qradar::client::{Changes, OffenseChange};
use synapse_domain::clock::Timestamp;
use synapse_domain::trigger::Source;
use synapse_store::sources::{ItemState, SourceItem};

use super::item::{self, Detail};

/// How far a look reaches back behind the watermark, milliseconds (contract 5: at least 120 s).
const OVERLAP_MS: u64 = 120_000;
/// Persisted times are whole seconds (contract 3.1).
const SECOND_MS: u64 = 1_000;

/// Where the next look starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The highest `last_persisted_time` that was read.
    pub watermark: Timestamp,
    /// The highest id that was read.
    pub above: u64,
    /// When the end of the list was reached last, by our clock.
    pub read_at: Timestamp,
    /// What an outage left open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// A time that is still to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// From.
    pub from: Timestamp,
    /// To, exclusive.
    pub to: Timestamp,
    /// The last (moment, id) read of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<(Timestamp, u64)>,
    /// Were the grave ones read already?
    #[serde(default)]
    pub grave_done: bool,
}

impl Position {
    /// The start of a cursor at this moment.
    pub fn start(moment: Timestamp) -> Self {
        Self {
            watermark: moment,
            above: 0,
            read_at: moment,
            gap: None,
        }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Before a look: opens a gap if nobody looked for so long that what is read next is not fresh.
    pub fn open_gap(&mut self, now: Timestamp, source: &Source) {
        let fresh_from = fresh_from(now, source);
        if self.read_at >= fresh_from || self.watermark >= fresh_from {
            return;
        }
        // What an older gap had still to be read belongs to the new one.
        let from = match &self.gap {
            Some(gap) => gap
                .after
                .filter(|_| gap.grave_done)
                .map_or(gap.from, |(moment, _)| moment),
            None => self.watermark.saturating_sub(OVERLAP_MS),
        };
        self.gap = Some(Gap {
            from,
            to: fresh_from,
            after: None,
            grave_done: source.live_magnitude > 10,
        });
        self.watermark = fresh_from;
    }

    /// What the fresh part of a look asks first.
    pub fn fresh(&self) -> Changes {
        let gap = self.gap.is_some();
        Changes {
            // A gap ends where the fresh part begins.
            from: if gap {
                self.watermark
            } else {
                self.watermark.saturating_sub(OVERLAP_MS)
            },
            above: (!gap && self.above > 0).then_some(self.above),
            ..Changes::default()
        }
    }

    /// What is asked next of the gap.
    pub fn of_gap(gap: &Gap, source: &Source) -> Changes {
        Changes {
            from: gap.from,
            above: None,
            before: Some(gap.to),
            after: gap.after,
            magnitude: (!gap.grave_done).then_some(source.live_magnitude),
        }
    }

    /// A page of the fresh part was read.
    pub fn pass(&mut self, page: &[OffenseChange]) {
        for offense in page {
            self.watermark = self.watermark.max(offense.persisted);
            self.above = self.above.max(offense.id);
        }
    }

    /// A page of the gap was read.
    pub fn pass_gap(&mut self, page: &[OffenseChange], more: bool) {
        self.above = page.iter().map(|offense| offense.id).fold(self.above, u64::max);
        let last = page.last().map(|offense| (offense.persisted, offense.id));
        let Some(gap) = self.gap.as_mut() else { return };
        if more && last.is_some() {
            gap.after = last;
        } else if gap.grave_done {
            self.gap = None;
        } else {
            (gap.grave_done, gap.after) = (true, None);
        }
    }
}

/// From when on something is fresh.
pub fn fresh_from(now: Timestamp, source: &Source) -> Timestamp {
    now.saturating_sub(u64::from(source.fresh_minutes) * 60_000)
}

/// The version of an offense (contract 5).
pub fn version(offense: &OffenseChange) -> String {
    let numbers = [offense.id, offense.persisted, offense.events].map(|number| number.to_string());
    item::digest(&[&numbers[0], &numbers[1], &offense.status, &numbers[2]])
}

/// What an offense's item says of it.
pub fn detail(offense: &OffenseChange, change: &str) -> Detail {
    Detail {
        change: Some(change.to_owned()),
        title: offense.description.clone(),
        magnitude: Some(offense.magnitude),
        closed: offense.closed,
        moment: offense.persisted.max(offense.updated),
        since: None,
        subject: format!("offense {}", offense.id),
    }
}

/// The item that an offense becomes, if it is news. `floor`: what happened before it is not told as new.
pub fn news(
    offense: &OffenseChange,
    known: Option<&SourceItem>,
    floor: Timestamp,
    source: &Source,
    changes: &[String],
    now: Timestamp,
) -> Option<SourceItem> {
    let watched = |change: &str| changes.iter().any(|watched| watched == change);
    let version = version(offense);
    let from = floor / SECOND_MS * SECOND_MS;
    let before = known.map(|known| (known, Detail::of(known)));
    let change = match &before {
        Some((known, _)) if known.version == version => return None,
        Some((_, detail)) if offense.closed && detail.closed => return None,
        Some((_, _)) if offense.closed && watched("closed") => "closed",
        // It waits as new: it still is, in its latest version.
        Some((known, detail)) if known.state == ItemState::New && detail.change.as_deref() == Some("new") => "new",
        Some(_) if watched("changed") => "changed",
        Some(_) => return None,
        None => {
            let new = offense.first_persisted >= from;
            let closed_now = offense.closed && offense.closed_at.unwrap_or(offense.persisted) >= from;
            if closed_now && watched("closed") {
                "closed"
            } else if new {
                "new"
            } else if watched("changed") && !offense.closed && offense.persisted >= from {
                "changed"
            } else {
                return None;
            }
        }
    };
    let place = item::place(
        offense.persisted,
        Some(offense.magnitude),
        fresh_from(now, source),
        source.live_magnitude,
    );
    let mut found = item::fresh(offense.id.to_string(), version, &detail(offense, change), place, now);
    if let Some((known, _)) = before {
        (found.times, found.backfill) = (known.times, known.backfill && known.state == ItemState::New);
        found.lane = found.lane.min(known.lane);
    }
    if change == "new" && !watched("new") {
        // Remembered, so that what changes later is known to be a change.
        return watched("changed")
            .then(|| item::left_out(found, ItemState::Skipped, "new; the trigger watches changes only"));
    }
    Some(found)
}

/// What a backfill says of an offense to who watches these changes; nothing, if it would tell them nothing.
pub fn past(offense: &OffenseChange, changes: &[String]) -> Option<&'static str> {
    let watched = |change: &str| changes.iter().any(|watched| watched == change);
    if offense.closed && watched("closed") {
        Some("closed")
    } else if watched("new") {
        Some("new")
    } else {
        (!offense.closed && watched("changed")).then_some("changed")
    }
}

/// What cannot be read stops nothing: it is recorded.
pub fn unreadable(text: &str, now: Timestamp) -> SourceItem {
    let key = format!("unreadable:{}", item::digest(&[text]));
    let detail = Detail {
        title: "an element of the console's list".to_owned(),
        moment: now,
        ..Detail::default()
    };
    let place = item::place(now, None, now, 0);
    let found = item::fresh(key, item::digest(&[text]), &detail, place, now);
    item::left_out(
        found,
        ItemState::Poison,
        "the console's answer holds an element without an id that can be read",
    )
}

/// The event's word for an item.
pub fn event(found: &SourceItem) -> Value {
    let id = found
        .key
        .parse::<u64>()
        .map_or_else(|_| Value::from(found.key.as_str()), Value::from);
    serde_json::json!({ "id": id, "change": Detail::of(found).change })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = 10_000_000;

    fn source() -> Source {
        serde_json::from_value(serde_json::json!({ "name": "s", "binding": "qradar", "watch": "offenses" })).unwrap()
    }

    fn offense(id: u64, persisted: Timestamp) -> OffenseChange {
        OffenseChange {
            id,
            description: "x".to_owned(),
            closed: false,
            status: "OPEN".to_owned(),
            magnitude: 5,
            started: persisted,
            updated: persisted,
            first_persisted: persisted,
            persisted,
            closed_at: None,
            events: 1,
        }
    }

    fn change(offense: &OffenseChange, known: Option<&SourceItem>, watched: &[&str]) -> Option<(String, ItemState)> {
        let watched: Vec<String> = watched.iter().map(|change| (*change).to_owned()).collect();
        let found = news(offense, known, 9_000_000, &source(), &watched, NOW)?;
        Some((Detail::of(&found).change.unwrap_or_default(), found.state))
    }

    fn told(change: &str) -> Option<(String, ItemState)> {
        Some((change.to_owned(), ItemState::New))
    }

    #[test]
    fn d09_the_boundary_is_inclusive_and_what_is_older_is_not_new() {
        assert_eq!(change(&offense(1, 9_000_000), None, &["new"]), told("new"));
        assert_eq!(change(&offense(1, 8_999_000), None, &["new"]), None);
        // It existed before and got events since.
        let mut older = offense(1, 9_500_000);
        older.first_persisted = 1_000;
        assert_eq!(change(&older, None, &["new"]), None);
        assert_eq!(change(&older, None, &["new", "changed"]), told("changed"));
        older.persisted = 8_990_000;
        assert_eq!(
            change(&older, None, &["changed"]),
            None,
            "within the overlap, before the start"
        );
    }

    #[test]
    fn the_same_version_is_told_once_and_a_changed_offense_is_another() {
        let first = offense(1, 9_100_000);
        let all = ["new", "changed", "closed"].map(str::to_owned);
        let mut known = news(&first, None, 9_000_000, &source(), &all, NOW).unwrap();
        assert_eq!(change(&first, Some(&known), &["new", "changed", "closed"]), None);
        let mut changed = first;
        (changed.persisted, changed.events) = (9_200_000, 7);
        assert_eq!(
            change(&changed, Some(&known), &["changed", "new"]),
            told("new"),
            "it still waits"
        );
        known.state = ItemState::Done;
        assert_eq!(change(&changed, Some(&known), &["changed"]), told("changed"));
        assert_eq!(change(&changed, Some(&known), &["new"]), None);
        let mut closed = changed;
        (closed.closed, closed.status, closed.closed_at) = (true, "CLOSED".to_owned(), Some(9_300_000));
        assert_eq!(change(&closed, Some(&known), &["closed"]), told("closed"));
        let known = news(&closed, Some(&known), 9_000_000, &source(), &all, NOW).unwrap();
        closed.persisted = 9_400_000;
        assert_eq!(
            change(&closed, Some(&known), &["closed", "changed"]),
            None,
            "closed once"
        );
    }

    #[test]
    fn who_watches_changes_only_hears_nothing_of_the_new_one_but_of_its_change() {
        let first = offense(1, 9_100_000);
        assert_eq!(
            change(&first, None, &["changed"]),
            Some(("new".to_owned(), ItemState::Skipped))
        );
        assert_eq!(change(&first, None, &["closed"]), None);
    }

    #[test]
    fn a_backfill_says_of_an_offense_what_the_trigger_watches_and_nothing_else() {
        let told = |closed: bool, watched: &[&str]| {
            let watched: Vec<String> = watched.iter().map(|change| (*change).to_owned()).collect();
            let mut offense = offense(1, 1_000);
            offense.closed = closed;
            past(&offense, &watched)
        };
        assert_eq!(told(false, &["new", "closed"]), Some("new"));
        assert_eq!(told(true, &["new", "closed"]), Some("closed"));
        assert_eq!(
            told(true, &["new"]),
            Some("new"),
            "what it is then is the workflow's to say"
        );
        assert_eq!(told(false, &["changed", "closed"]), Some("changed"));
        assert_eq!(told(true, &["changed"]), None);
        assert_eq!(told(false, &["closed"]), None);
    }

    #[test]
    fn after_an_outage_the_fresh_part_is_read_before_the_gap_and_its_grave_ones_before_the_rest() {
        let now = 100_000_000;
        let mut position = Position::start(50_000_000);
        position.open_gap(50_000_500, &source());
        assert_eq!(position.gap, None);
        position.above = 7;
        assert_eq!(position.fresh().above, Some(7));
        assert_eq!(position.fresh().from, 50_000_000 - OVERLAP_MS, "it is written late");
        position.open_gap(now, &source());
        let fresh = now - 30 * 60_000;
        let gap = position.gap.clone().unwrap();
        assert_eq!(
            (gap.from, gap.to, gap.grave_done),
            (50_000_000 - OVERLAP_MS, fresh, false)
        );
        assert_eq!(
            (position.fresh().from, position.fresh().above),
            (fresh, None),
            "no hole between both"
        );
        assert_eq!(Position::of_gap(&gap, &source()).magnitude, Some(8));
        position.pass_gap(&[offense(3, 60_000_000)], true);
        assert_eq!(position.gap.as_ref().unwrap().after, Some((60_000_000, 3)));
        position.pass_gap(&[offense(4, 70_000_000)], false);
        let rest = position.gap.clone().unwrap();
        assert_eq!((rest.after, rest.grave_done), (None, true));
        position.pass_gap(&[], false);
        assert_eq!(position.gap, None);
    }

    #[test]
    fn a_second_outage_keeps_what_the_first_one_left_open() {
        let mut position = Position::start(1_000_000);
        position.open_gap(100_000_000, &source());
        position.pass_gap(&[], false);
        position.pass_gap(&[offense(9, 5_000_000)], true);
        position.read_at = 100_000_000;
        position.open_gap(200_000_000, &source());
        let gap = position.gap.unwrap();
        assert_eq!((gap.from, gap.after), (5_000_000, None));
    }
}
