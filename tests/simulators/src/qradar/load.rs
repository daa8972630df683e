//! How does the state JSON of `PUT /_sim/state` become a console?

use serde::Deserialize;
use serde_json::{Map, Value};

use super::console::{Console, floor_second};
use super::list::columns::Column;
use super::list::table::{Row, Table};
use super::routes::{
    access, addresses, assets, closing_reasons, domains, log_sources, notes, offense_types, offenses, rules,
    saved_searches,
};
use super::settings::{Ariel, ConsoleVersion, Settings};
use super::tokens::Token;
use super::versions::Versions;
use super::{seed, shift};

/// The loadable state. Absent keys take the defaults of `seed`; unknown keys are errors, so that typos do not pass.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// Free text, ignored (where the data comes from).
    #[serde(rename = "comment")]
    _comment: Value,
    tokens: Option<Vec<Token>>,
    users: Option<Vec<String>>,
    console: ConsoleVersion,
    settings: Settings,
    ariel: Ariel,
    /// Events become searchable so many ms after their `starttime`.
    event_index_delay: i64,
    /// Move all offense, note, address and event times so that the newest `last_updated_time` is now.
    shift_to_now: bool,
    offenses: Vec<Row>,
    /// Notes with an `offense_id` beside the API fields.
    notes: Vec<Row>,
    source_addresses: Vec<Row>,
    local_destination_addresses: Vec<Row>,
    rules: Vec<Row>,
    offense_types: Option<Vec<Row>>,
    closing_reasons: Option<Vec<Row>>,
    domains: Option<Vec<Row>>,
    tenants: Vec<Row>,
    rule_contributions: Vec<Row>,
    assets: Vec<Row>,
    log_sources: Vec<Row>,
    log_source_types: Vec<Row>,
    saved_searches: Vec<Row>,
    offense_saved_searches: Vec<Row>,
    /// Sets with their values as `data`.
    reference_sets: Vec<Row>,
    /// Maps, maps of sets and tables with their values as `data`.
    reference_maps: Vec<Row>,
    reference_map_of_sets: Vec<Row>,
    reference_tables: Vec<Row>,
    events: Vec<Map<String, Value>>,
    flows: Vec<Map<String, Value>>,
}

/// Builds a console; the error names the key and index that do not fit.
pub fn console(state: Value, now_ms: i64) -> Result<Console, String> {
    let state: State = serde_json::from_value(state).map_err(|error| format!("QRadar state: {error}"))?;
    let mut console = Console::empty();
    console.versions = versions(&state.console)?;
    console.settings = state.settings;
    console.settings.event_index_delay_ms = state.event_index_delay;
    console.searches.ariel = state.ariel;
    console.tokens = match state.tokens {
        Some(tokens) => tokens,
        None => seed::tokens()?,
    };
    console.users = state.users.unwrap_or_else(seed::users);
    let mut rows = state.offenses;
    rows.iter_mut().for_each(persisted_times);
    console.offenses = Table::load(rows, offenses::COLUMNS, "offenses")?;
    console.source_addresses = Table::load(state.source_addresses, addresses::SOURCE, "source_addresses")?;
    console.local_destination_addresses = Table::load(
        state.local_destination_addresses,
        addresses::LOCAL,
        "local_destination_addresses",
    )?;
    console.rules = Table::load(state.rules, rules::COLUMNS, "rules")?;
    let or_seed = |given: Option<Vec<Row>>, seed: fn() -> Vec<Row>, columns: &[Column], what: &str| {
        Table::load(given.unwrap_or_else(seed), columns, what)
    };
    console.offense_types = or_seed(
        state.offense_types,
        seed::offense_types,
        offense_types::COLUMNS,
        "offense_types",
    )?;
    console.closing_reasons = or_seed(
        state.closing_reasons,
        seed::closing_reasons,
        closing_reasons::COLUMNS,
        "closing_reasons",
    )?;
    console.domains = or_seed(state.domains, seed::domains, domains::COLUMNS, "domains")?;
    for (at, mut note) in state.notes.into_iter().enumerate() {
        let offense = note.remove("offense_id").and_then(|id| id.as_i64());
        let offense = offense.ok_or_else(|| format!("notes[{at}]: needs an integer `offense_id`"))?;
        let one = Table::load(vec![note], notes::COLUMNS, &format!("notes[{at}] alone"))?;
        console.last_note_id = console.last_note_id.max(one.last_id());
        let all = console.notes.entry(offense).or_default();
        one.rows().cloned().for_each(|row| {
            all.insert(row);
        });
    }
    let load = |rows: Vec<Row>, columns: &[Column], what: &str| Table::load(rows, columns, what);
    console.tenants = load(state.tenants, access::TENANT, "tenants")?;
    console.contributions = load(state.rule_contributions, rules::CONTRIBUTION, "rule_contributions")?;
    console.assets = load(state.assets, assets::COLUMNS, "assets")?;
    console.log_sources = load(state.log_sources, log_sources::COLUMNS, "log_sources")?;
    console.log_source_types = load(state.log_source_types, log_sources::TYPE, "log_source_types")?;
    console.saved_searches = load(state.saved_searches, saved_searches::COLUMNS, "saved_searches")?;
    console.offense_saved_searches = load(
        state.offense_saved_searches,
        saved_searches::OFFENSE,
        "offense_saved_searches",
    )?;
    for (at, set) in state.reference_sets.into_iter().enumerate() {
        console
            .reference
            .load_set(set, now_ms)
            .map_err(|error| format!("reference_sets[{at}]: {error}"))?;
    }
    for (kind, rows) in [
        ("maps", state.reference_maps),
        ("map_of_sets", state.reference_map_of_sets),
        ("tables", state.reference_tables),
    ] {
        for (at, row) in rows.into_iter().enumerate() {
            console
                .reference
                .load_table(kind, row, now_ms)
                .map_err(|error| format!("reference_{kind}[{at}]: {error}"))?;
        }
    }
    for (at, flow) in state.flows.into_iter().enumerate() {
        console
            .flows
            .add(flow)
            .map_err(|error| format!("flows[{at}]: {error}"))?;
    }
    for (at, event) in state.events.into_iter().enumerate() {
        console
            .events
            .add(event)
            .map_err(|error| format!("events[{at}]: {error}"))?;
    }
    if state.shift_to_now {
        shift::to_now(&mut console, now_ms);
    }
    Ok(console)
}

fn versions(console: &ConsoleVersion) -> Result<Versions, String> {
    let major = console.version.split('.').next().unwrap_or_default().parse::<u32>();
    match major {
        Ok(major) if (7..=99).contains(&major) => Ok(Versions::new(major, console.strict, console.version_error_code)),
        _ => Err(format!(
            "console.version {:?}: use a version from \"7.0\" to \"99.0\"",
            console.version
        )),
    }
}

/// Offenses recorded before API 15 lack the persisted times; the database writes about 3 s late, in whole seconds.
fn persisted_times(offense: &mut Row) {
    for (missing, from, late_ms) in [
        ("first_persisted_time", "start_time", 1000),
        ("last_persisted_time", "last_updated_time", 3000),
    ] {
        if !offense.contains_key(missing)
            && let Some(time) = offense.get(from).and_then(Value::as_i64)
        {
            offense.insert(missing.to_owned(), Value::from(floor_second(time) + late_ms));
        }
    }
}
