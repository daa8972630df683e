//! Which imports stand behind the laboratory's capabilities?

use super::Live;
use crate::bindings::lab::synapse::lab::target;
use crate::error::Error;
use crate::lab::Lab;

impl Lab for Live {
    type Bench = target::Bench;

    fn bench(&self, binding: &str) -> Result<Self::Bench, Error> {
        target::Bench::open(binding)
    }

    fn read(&self, bench: &Self::Bench, key: &str, size: u32) -> Result<String, Error> {
        bench.read(key, size)
    }

    fn append(&self, bench: &Self::Bench, text: &str, dedup_key: Option<&str>) -> Result<String, Error> {
        bench.append(text, dedup_key)
    }

    fn fire(&self, bench: &Self::Bench, text: &str) -> Result<String, Error> {
        bench.fire(text)
    }
}
