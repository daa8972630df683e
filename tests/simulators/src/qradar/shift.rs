//! How do recorded offenses, which are years old, become fresh? (`shift_to_now`)

use serde_json::Value;

use super::console::{Console, floor_second};
use super::list::table::Row;

const OFFENSE_TIMES: [&str; 5] = [
    "start_time",
    "last_updated_time",
    "first_persisted_time",
    "last_persisted_time",
    "close_time",
];

/// Moves all times by the same whole number of seconds, so that the newest `last_updated_time` is at most 1 s old
/// and persisted times stay whole seconds. Persisted times that would lie in the future are set to now.
pub fn to_now(console: &mut Console, now_ms: i64) {
    let newest = console
        .offenses
        .rows()
        .filter_map(|row| row.get("last_updated_time")?.as_i64())
        .max();
    let Some(newest) = newest else { return };
    let by_ms = floor_second(now_ms - newest);
    let move_row = |row: &mut Row, names: &[&str]| {
        for name in names {
            if let Some(time) = row.get(*name).and_then(Value::as_i64).filter(|time| *time > 0) {
                row.insert((*name).to_owned(), Value::from(time + by_ms));
            }
        }
    };
    let latest = floor_second(now_ms);
    for offense in console.offenses.rows_mut() {
        move_row(offense, &OFFENSE_TIMES);
        for name in ["first_persisted_time", "last_persisted_time", "close_time"] {
            if let Some(time) = offense.get_mut(name)
                && time.as_i64().is_some_and(|time| time > latest)
            {
                *time = Value::from(latest);
            }
        }
    }
    for notes in console.notes.values_mut() {
        notes.rows_mut().for_each(|note| move_row(note, &["create_time"]));
    }
    let seen = ["first_event_flow_seen", "last_event_flow_seen"];
    console.source_addresses.rows_mut().for_each(|row| move_row(row, &seen));
    console
        .local_destination_addresses
        .rows_mut()
        .for_each(|row| move_row(row, &seen));
    console.events.shift(by_ms);
}
