//! What did the workflow leave at the fake laboratory target?

use super::Fake;
use crate::error::Error;
use crate::lab::Lab;

const READ_BYTES: u32 = 64 << 10;

#[derive(Default)]
pub(super) struct Store {
    lines: Vec<String>,
}

impl Fake {
    /// The lines appended or fired, in order.
    pub fn lab_lines(&self) -> Vec<String> {
        self.lab.borrow().lines.clone()
    }

    fn line(&self, text: &str) -> String {
        let mut store = self.lab.borrow_mut();
        store.lines.push(text.to_owned());
        format!("line-{}", store.lines.len())
    }
}

impl Lab for Fake {
    type Bench = String;

    fn bench(&self, binding: &str) -> Result<String, Error> {
        self.call("lab/target.open", &binding)?;
        self.bound(binding)?;
        Ok(binding.to_owned())
    }

    fn read(&self, _: &String, key: &str, size: u32) -> Result<String, Error> {
        self.call("lab/target.read", &(key, size))?;
        if size > READ_BYTES {
            return Err(Error::TooLarge(READ_BYTES.into()));
        }
        Ok(key.chars().chain(std::iter::repeat('.')).take(size as usize).collect())
    }

    fn append(&self, _: &String, text: &str, dedup_key: Option<&str>) -> Result<String, Error> {
        self.call("lab/target.append", &(text, dedup_key))?;
        Ok(self.line(text))
    }

    fn fire(&self, _: &String, text: &str) -> Result<String, Error> {
        self.call("lab/target.fire", &text)?;
        Ok(self.line(text))
    }
}
