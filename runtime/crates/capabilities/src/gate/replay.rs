//! What does the journal already say about this call?

use std::collections::BTreeMap;

use synapse_store::journal::{Intent, Journal, Outcome, Position};

use super::stop::{Called, Divergence, InDoubt, Stop};

/// The journal as an attempt replays it.
pub struct Recorded {
    outcomes: BTreeMap<Position, Outcome>,
    intents: BTreeMap<Position, Vec<Intent>>,
}

/// What is recorded for a position.
pub enum Found {
    /// The call's result.
    Outcome(Outcome),
    /// It was, or was about to be, sent; the intents in order.
    InDoubt(Vec<Intent>),
    /// Nothing: the call is live.
    Nothing,
}

impl Recorded {
    /// Indexes a journal.
    pub fn new(journal: Journal) -> Self {
        let outcomes = journal
            .outcomes
            .into_iter()
            .map(|outcome| (outcome.at, outcome))
            .collect();
        let mut intents: BTreeMap<Position, Vec<Intent>> = BTreeMap::new();
        for intent in journal.intents {
            intents.entry(intent.at).or_default().push(intent);
        }
        Self { outcomes, intents }
    }

    /// Looks a call up.
    ///
    /// # Errors
    /// [`Stop::Diverged`] if another call is recorded here, or if calls after this one are recorded but this one is not.
    pub fn look(&self, at: Position, called: &Called) -> Result<Found, Stop> {
        if let Some(outcome) = self.outcomes.get(&at) {
            let recorded = Called {
                operation: outcome.operation.clone(),
                binding: outcome.binding.clone(),
                arguments: outcome.arguments.clone(),
            };
            self.same(at, recorded, called)?;
            return Ok(Found::Outcome(outcome.clone()));
        }
        if let Some(intents) = self.intents.get(&at) {
            for intent in intents {
                let recorded = Called {
                    operation: intent.operation.clone(),
                    binding: intent.binding.clone(),
                    arguments: intent.arguments.clone(),
                };
                self.same(at, recorded, called)?;
            }
            return Ok(Found::InDoubt(intents.clone()));
        }
        let next_call = Position {
            call: at.call.saturating_add(1),
            item: 0,
        };
        if self.any_from(next_call) {
            return Err(self.diverged(at, None, Some(called.clone())));
        }
        Ok(Found::Nothing)
    }

    /// Checks that a list call has no more recorded items than the guest asks for now, and that the guest, when it ends, has made every
    /// recorded call: nothing may be recorded in `[from, before)`.
    ///
    /// # Errors
    /// [`Stop::Diverged`], naming the first recorded call that was not repeated.
    pub fn nothing_between(&self, from: Position, before: Option<Position>) -> Result<(), Stop> {
        let inside = |at: &&Position| before.is_none_or(|end| **at < end);
        let outcome = self
            .outcomes
            .range(from..)
            .next()
            .filter(|(at, _)| inside(at))
            .map(|(at, outcome)| {
                let called = Called {
                    operation: outcome.operation.clone(),
                    binding: outcome.binding.clone(),
                    arguments: outcome.arguments.clone(),
                };
                (*at, called)
            });
        let intent = self
            .intents
            .range(from..)
            .next()
            .filter(|(at, _)| inside(at))
            .and_then(|(at, intents)| {
                let intent = intents.first()?;
                let called = Called {
                    operation: intent.operation.clone(),
                    binding: intent.binding.clone(),
                    arguments: intent.arguments.clone(),
                };
                Some((*at, called))
            });
        match outcome.into_iter().chain(intent).min_by_key(|(at, _)| *at) {
            Some((at, recorded)) => Err(self.diverged(at, Some(recorded), None)),
            None => Ok(()),
        }
    }

    fn any_from(&self, from: Position) -> bool {
        self.outcomes.range(from..).next().is_some() || self.intents.range(from..).next().is_some()
    }

    fn same(&self, at: Position, recorded: Called, called: &Called) -> Result<(), Stop> {
        if recorded == *called {
            Ok(())
        } else {
            Err(self.diverged(at, Some(recorded), Some(called.clone())))
        }
    }

    fn diverged(&self, at: Position, recorded: Option<Called>, attempted: Option<Called>) -> Stop {
        Stop::Diverged(Box::new(Divergence {
            at,
            recorded,
            attempted,
            in_doubt: self.in_doubt(at),
        }))
    }

    /// Effects from this call on whose outcome is not recorded: nobody will settle them when the run stops here (design section 12).
    fn in_doubt(&self, from: Position) -> Vec<InDoubt> {
        let open = self
            .intents
            .range(from..)
            .filter(|(at, _)| !self.outcomes.contains_key(*at));
        open.filter_map(|(_, intents)| InDoubt::after_a_crash(intents))
            .collect()
    }
}
