//! What does one console remember?

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::events::Events;
use super::list::table::{Row, Table};
use super::reference::Reference;
use super::route::Route;
use super::search::Searches;
use super::settings::Settings;
use super::tokens::Token;
use super::versions::Versions;
use super::{load, routes};
use crate::control::Control;

/// The whole state of a console. One lock guards it (see `simulator`).
pub struct Console {
    /// Authorised services.
    pub tokens: Vec<Token>,
    /// User names that `assigned_to` takes.
    pub users: Vec<String>,
    /// API versions.
    pub versions: Versions,
    /// Choices where the real behaviour is not established, and delays.
    pub settings: Settings,
    /// All endpoints.
    pub routes: Vec<&'static Route>,
    /// `/siem/offenses`
    pub offenses: Table,
    /// Notes by offense id.
    pub notes: HashMap<i64, Table>,
    /// Note ids are global (contract 3.2).
    pub last_note_id: i64,
    /// `/siem/source_addresses`
    pub source_addresses: Table,
    /// `/siem/local_destination_addresses`
    pub local_destination_addresses: Table,
    /// `/analytics/rules`
    pub rules: Table,
    /// `/siem/offense_types`
    pub offense_types: Table,
    /// `/siem/offense_closing_reasons`
    pub closing_reasons: Table,
    /// `/config/domain_management/domains`
    pub domains: Table,
    /// `/config/access/tenant_management/tenants`
    pub tenants: Table,
    /// `/analytics/rules_offense_contributions`
    pub contributions: Table,
    /// `/asset_model/assets`
    pub assets: Table,
    /// `/config/event_sources/log_source_management/log_sources`
    pub log_sources: Table,
    /// `/config/event_sources/log_source_management/log_source_types`
    pub log_source_types: Table,
    /// `/ariel/saved_searches`
    pub saved_searches: Table,
    /// `/siem/offense_saved_searches`
    pub offense_saved_searches: Table,
    /// Reference sets, maps and tables.
    pub reference: Reference,
    /// What Ariel finds in `flows`.
    pub flows: Events,
    /// What Ariel searches.
    pub events: Events,
    /// Ariel searches.
    pub searches: Searches,
    /// Writes of `last_persisted_time` that are still to come: (due ms, offense id).
    pub persisting: VecDeque<(i64, i64)>,
}

impl Default for Console {
    fn default() -> Self {
        // The empty state always loads; a bug there shows as a console that refuses every token.
        load::console(json!({}), 0).unwrap_or_else(|_| Self::empty())
    }
}

impl Console {
    /// A console without any data, not even tokens.
    pub fn empty() -> Self {
        Self {
            tokens: Vec::new(),
            users: Vec::new(),
            versions: Versions::new(26, false, 37),
            settings: Settings::default(),
            routes: routes::all(),
            offenses: Table::default(),
            notes: HashMap::new(),
            last_note_id: 0,
            source_addresses: Table::default(),
            local_destination_addresses: Table::default(),
            rules: Table::default(),
            offense_types: Table::default(),
            closing_reasons: Table::default(),
            domains: Table::default(),
            tenants: Table::default(),
            contributions: Table::default(),
            assets: Table::default(),
            log_sources: Table::default(),
            log_source_types: Table::default(),
            saved_searches: Table::default(),
            offense_saved_searches: Table::default(),
            reference: Reference::default(),
            flows: Events::default(),
            events: Events::default(),
            searches: Searches::default(),
            persisting: VecDeque::new(),
        }
    }

    /// Performs what has become due since the last request.
    pub fn settle(&mut self, now_ms: i64) {
        while let Some((due_ms, id)) = self.persisting.pop_front() {
            if due_ms > now_ms {
                self.persisting.push_front((due_ms, id));
                return;
            }
            if let Some(offense) = self.offenses.get_mut(id) {
                offense.insert("last_persisted_time".to_owned(), Value::from(floor_second(due_ms)));
            }
        }
    }

    /// What Ariel has under this name: flows or events.
    pub fn store(&self, table: &str) -> &Events {
        if table == "flows" { &self.flows } else { &self.events }
    }

    /// An offense the caller may see; 404/1002 (or the configured 403) otherwise.
    pub fn offense(&self, token: &Token, id: i64, message: &str) -> Result<&Row, ApiError> {
        let found = self.offenses.get(id);
        match found {
            Some(row) if token.sees_row(row, self.settings.null_domain_visible) => Ok(row),
            Some(_) if self.settings.foreign_domain_status == 403 => {
                let text = "User has insufficient capabilities to access this endpoint resource";
                Err(ApiError::framework(403, 26, text))
            }
            _ => Err(ApiError::endpoint(
                404,
                1002,
                "No offense was found for the provided offense_id.",
                message,
            )),
        }
    }

    /// The state as JSON, for tests to look at (searches as ids, events as a number).
    pub fn dump(&self) -> Value {
        let rows = |table: &Table| Value::Array(table.rows().cloned().map(Value::Object).collect());
        let notes = self.notes.iter().flat_map(|(offense, notes)| {
            notes.rows().map(|note| {
                let mut note = note.clone();
                note.insert("offense_id".to_owned(), Value::from(*offense));
                Value::Object(note)
            })
        });
        let mut state = Map::new();
        state.insert("offenses".to_owned(), rows(&self.offenses));
        state.insert("notes".to_owned(), Value::Array(notes.collect()));
        state.insert("source_addresses".to_owned(), rows(&self.source_addresses));
        state.insert(
            "local_destination_addresses".to_owned(),
            rows(&self.local_destination_addresses),
        );
        state.insert("rules".to_owned(), rows(&self.rules));
        state.insert("offense_types".to_owned(), rows(&self.offense_types));
        state.insert("closing_reasons".to_owned(), rows(&self.closing_reasons));
        state.insert("domains".to_owned(), rows(&self.domains));
        state.insert("reference_sets".to_owned(), rows(&self.reference.sets));
        state.insert("set_entries".to_owned(), rows(&self.reference.entries));
        state.insert("searches".to_owned(), Value::from(self.searches.ids()));
        state.insert("event_total".to_owned(), Value::from(self.events.len()));
        Value::Object(state)
    }
}

/// What a handler works on.
pub struct Ctx<'a> {
    /// The state.
    pub console: &'a mut Console,
    /// Effects log.
    pub control: &'a Control,
}

/// Persisted and close times have whole seconds [R].
pub fn floor_second(ms: i64) -> i64 {
    ms - ms.rem_euclid(1000)
}
