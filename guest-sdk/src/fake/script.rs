//! What was called, and what shall go wrong?

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

use super::Fake;
use crate::error::{Error, InvalidArgument};

/// A recorded capability call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation's name as in a manifest: `qradar/offenses.list-offenses`.
    pub operation: &'static str,
    /// Its arguments, as `Debug` writes them.
    pub arguments: String,
}

type Interlude = Box<dyn FnOnce(&Fake)>;

#[derive(Default)]
pub(super) struct Script {
    calls: Vec<Call>,
    failures: BTreeMap<String, VecDeque<Error>>,
    interludes: BTreeMap<String, VecDeque<Interlude>>,
}

impl Fake {
    /// The next call of this operation fails; several failures are used up one after the other.
    pub fn fail_next(&self, operation: &str, error: Error) {
        self.script
            .borrow_mut()
            .failures
            .entry(operation.to_owned())
            .or_default()
            .push_back(error);
    }

    /// Something that somebody else does just before the next call of this operation.
    pub fn before_next(&self, operation: &str, interlude: impl FnOnce(&Self) + 'static) {
        let mut script = self.script.borrow_mut();
        script
            .interludes
            .entry(operation.to_owned())
            .or_default()
            .push_back(Box::new(interlude));
    }

    /// Every capability call so far, in order. Logging, reporting, clock, randomness and context are not recorded.
    pub fn calls(&self) -> Vec<Call> {
        self.script.borrow().calls.clone()
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.script
            .borrow()
            .calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.script.borrow_mut().calls.clear();
    }

    pub(super) fn call(&self, operation: &'static str, arguments: &dyn Debug) -> Result<(), Error> {
        let interlude = self
            .script
            .borrow_mut()
            .interludes
            .get_mut(operation)
            .and_then(VecDeque::pop_front);
        if let Some(interlude) = interlude {
            interlude(self);
        }
        let mut script = self.script.borrow_mut();
        script.calls.push(Call {
            operation,
            arguments: format!("{arguments:?}"),
        });
        match script.failures.get_mut(operation).and_then(VecDeque::pop_front) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// What the WIT says about the length of a list.
pub(super) fn at_most(field: &str, len: usize, limit: usize) -> Result<(), Error> {
    if len <= limit {
        return Ok(());
    }
    let reason = format!("{len} items; at most {limit} are allowed");
    Err(Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason,
    }))
}
