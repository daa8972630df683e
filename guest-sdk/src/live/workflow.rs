//! Which imports stand behind the base capabilities?

use super::Live;
use crate::bindings::workflow::synapse::workflow::{clock, context, log, random, report, state};
use crate::error::Error;
use crate::workflow::{Change, Entry, Item, Level, Timestamp, Workflow};

impl Workflow for Live {
    fn run_id(&self) -> String {
        context::run_id()
    }

    fn deployment(&self) -> String {
        context::deployment()
    }

    fn config_json(&self) -> String {
        context::config()
    }

    fn go_live(&self) -> Timestamp {
        context::go_live()
    }

    fn source_id(&self, binding: &str) -> Result<String, Error> {
        context::source_id(binding)
    }

    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        log::write(level, message, &fields);
    }

    fn state_get(&self, keys: &[String]) -> Result<Vec<Option<Entry>>, Error> {
        state::get(keys)
    }

    fn state_apply(&self, changes: &[Change]) -> Result<Vec<Result<u64, Error>>, Error> {
        state::apply(changes)
    }

    fn state_keys(&self, prefix: &str, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), Error> {
        state::keys(prefix, cursor)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn sleep_until(&self, moment: Timestamp) -> Result<(), Error> {
        clock::sleep_until(moment)
    }

    fn random(&self, len: u32) -> Vec<u8> {
        random::bytes(len)
    }

    fn scanned(&self, count: u64, window: &str) {
        report::scanned(count, window);
    }

    fn report(&self, item: &Item) {
        report::add(item);
    }
}
