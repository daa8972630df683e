//! How does a call that asks go through the gate?

use serde::Serialize;
use serde::de::DeserializeOwned;
use synapse_domain::limits;
use synapse_domain::operation::{Class, Effect, Operation};
use synapse_domain::permission::Decision;
use synapse_domain::run::How;
use synapse_domain::secret::Redactor;
use synapse_store::journal::{Entry, Outcome, Position};

use super::attempt::Gate;
use super::call::Read;
use super::observed;
use super::replay::Found;
use super::stop::{Called, Stop};
use crate::bindings::synapse::workflow::types::Error;
use crate::canonical;
use crate::connection::{Handle, Target as _};

/// Calls beyond the run's limit that are still answered `quota`, so that a guest can end in its own words.
const CALLS_OF_GRACE: u32 = 1_000;

/// What a guest gets: the answer, or the stop that ends the run.
pub type Answered<A> = Result<Result<A, Error>, Stop>;

impl Gate {
    /// Asks a target, or answers from the journal.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner error is the guest's.
    pub async fn read<C: Read>(&mut self, handle: &Handle, call: C) -> Answered<C::Answer> {
        let at = match self.begin()? {
            Ok(call) => Position { call, item: 0 },
            Err(quota) => return Ok(Err(quota)),
        };
        let called = match called(C::OPERATION, handle.binding.as_str(), &call) {
            Ok(called) => called,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Found::Outcome(outcome) = self.recorded.look(at, &called)? {
            return self.replayed(&outcome);
        }
        self.go_live()?;
        let (how, result, redactor) = match self.connection(handle) {
            Err(error) => (How::Performed, Err(error), Redactor::default()),
            Ok(connection) => {
                let decision = self.run().authorise(handle, C::OPERATION, call.scoped()).await?;
                let (how, result) = match (decision, C::Target::of(&connection)) {
                    (Decision::Denied(why), _) => (How::Denied, Err(Error::Denied(why))),
                    (Decision::Allowed(_), None) => (How::Performed, Err(wrong_kind(handle))),
                    (Decision::Allowed(scopes), Some(target)) => (
                        How::Performed,
                        observed::during(C::OPERATION, call.perform(target, &scopes)).await,
                    ),
                };
                (how, result, connection.redactor.clone())
            }
        };
        self.record(at, C::OPERATION, called, how, result, &redactor).await
    }

    /// Numbers a call. Beyond the run's limit it is refused, which is a pure function of the number and so needs no journal.
    pub(super) fn begin(&mut self) -> Result<Result<u32, Error>, Stop> {
        let (call, limit) = (self.next_call, self.limits().calls);
        self.next_call = call.saturating_add(1);
        if call >= limit.saturating_add(CALLS_OF_GRACE) {
            return Err(Stop::CallLimit);
        }
        Ok(if call >= limit {
            Err(Error::Quota("calls".to_owned()))
        } else {
            Ok(call)
        })
    }

    /// From here on the call is live.
    pub(super) fn go_live(&mut self) -> Result<(), Stop> {
        self.attempt.may_start()?;
        self.live = true;
        Ok(())
    }

    /// Notes where a retry would begin.
    pub(super) fn answered(&mut self, call: u32, ok: bool, write: bool) {
        if !ok {
            self.retry.last_error = Some(call);
        } else if write {
            self.retry.last_write = Some(call);
        }
    }

    /// The recorded answer.
    pub(super) fn replayed<A: DeserializeOwned>(&mut self, outcome: &Outcome) -> Answered<A> {
        self.advance(outcome.time);
        self.answered(
            outcome.at.call,
            outcome.ok,
            !matches!(outcome.class.as_str(), "read" | "local"),
        );
        decode(&outcome.result)
    }

    /// Journals the outcome of a call that changed nothing outside, and hands it to the guest. Not if the ledger of blobs failed
    /// meanwhile: what it holds is unknown then, and another attempt has to look.
    pub(super) async fn record<A: Serialize + DeserializeOwned>(
        &mut self,
        at: Position,
        operation: Operation,
        called: Called,
        how: How,
        result: Result<A, Error>,
        redactor: &Redactor,
    ) -> Answered<A> {
        if let Some(error) = self.attempt.spool.lost() {
            return Err(error.into());
        }
        let (text, result) = encode(result, redactor)?;
        let outcome = Outcome {
            at,
            operation: called.operation,
            class: class_name(operation.class).to_owned(),
            binding: called.binding,
            arguments: called.arguments,
            effect_key: None,
            ok: result.is_ok(),
            result: text,
            how,
            by: None,
            epoch: self.attempt.lease.epoch,
            time: self.now().max(self.run().clock.now()),
        };
        self.advance(outcome.time);
        self.answered(at.call, outcome.ok, false);
        self.attempt.buffer(Entry::Outcome(outcome)).await?;
        Ok(result)
    }
}

/// The class as it is stored.
pub(super) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Read => "read",
        Class::Local => "local",
        Class::Write(Effect::Keyed) => "keyed",
        Class::Write(Effect::Probe) => "probe",
        Class::Write(Effect::Opaque) => "opaque",
    }
}

/// The call as it is compared on replay. Arguments too large for the journal are refused, as a pure function of themselves.
pub(super) fn called<C: Serialize>(operation: Operation, binding: &str, arguments: &C) -> Result<Called, Error> {
    let arguments = canonical::text(arguments);
    if arguments.len() > limits::JOURNAL_PAYLOAD_BYTES {
        return Err(Error::TooLarge(limits::JOURNAL_PAYLOAD_BYTES as u64));
    }
    Ok(Called {
        operation: operation.name.to_owned(),
        binding: binding.to_owned(),
        arguments,
    })
}

/// The journal's text of a result, and the result as the guest gets it: equal to what a replay will give it, without secrets (threat row 34).
pub(super) fn encode<A: Serialize + DeserializeOwned>(
    result: Result<A, Error>,
    redactor: &Redactor,
) -> Result<(String, Result<A, Error>), Stop> {
    let text = canonical::text(&result);
    let clean = redactor.clean(&text);
    if clean.len() > limits::JOURNAL_PAYLOAD_BYTES {
        let refused: Result<A, Error> = Err(Error::TooLarge(limits::JOURNAL_PAYLOAD_BYTES as u64));
        return Ok((canonical::text(&refused), refused));
    }
    if clean == text {
        return Ok((text, result));
    }
    let result = decode(&clean)?;
    Ok((clean, result))
}

/// The result of a journal's text.
pub(super) fn decode<A: DeserializeOwned>(text: &str) -> Answered<A> {
    canonical::value(text).map_err(|error| Stop::Damaged(format!("a recorded result cannot be read: {error}")))
}

pub(super) fn wrong_kind(handle: &Handle) -> Error {
    Error::Unavailable(format!(
        "connection `{}` changed its kind since the handle was opened",
        handle.connection
    ))
}
