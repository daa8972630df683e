//! How does a call that touches only the platform's own store go through the gate?

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use synapse_domain::operation::Operation;
use synapse_domain::run::How;
use synapse_domain::secret::Redactor;
use synapse_store::StoreError;
use synapse_store::journal::{Entry, Outcome, Position};
use synapse_store::records::{StateChange, StateResult};

use super::attempt::{Attempt, Gate};
use super::read::{Answered, called, class_name, decode};
use super::replay::Found;
use super::stop::Stop;
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::canonical;

impl Gate {
    /// Reads the deployment's own state, or answers from the journal. No grant is needed: it is the deployment's own.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner error is the guest's.
    pub async fn local<A, F>(
        &mut self,
        operation: Operation,
        arguments: &(impl Serialize + Sync),
        perform: impl FnOnce(Arc<Attempt>) -> F + Send,
    ) -> Answered<A>
    where
        A: Serialize + DeserializeOwned,
        F: Future<Output = Result<A, StoreError>> + Send,
    {
        let perform = |attempt| {
            let answer = perform(attempt);
            async { Ok(Ok(answer.await?)) }
        };
        self.own(operation, arguments, perform).await
    }

    /// Keeps bytes in the run's spool, or answers from the journal which ones were kept. No grant is needed: they are the run's own.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner error is the guest's.
    pub async fn spooled<F>(
        &mut self,
        operation: Operation,
        arguments: &(impl Serialize + Sync),
        perform: impl FnOnce(Spool) -> F + Send,
    ) -> Answered<Kept>
    where
        F: Future<Output = Result<Kept, Error>> + Send,
    {
        let perform = |attempt: Arc<Attempt>| {
            let kept = perform(attempt.spool.clone());
            async { Ok(kept.await) }
        };
        self.own(operation, arguments, perform).await
    }

    /// A part of a blob that the run holds. Equal on every replay, so it is not journaled.
    ///
    /// # Errors
    /// [`Stop::Damaged`]: its file is lost.
    pub async fn read_blob(&self, kept: &Kept, offset: u64, len: u32) -> Result<Vec<u8>, Stop> {
        let read = self.attempt.spool.read(kept, offset, len).await;
        read.map_err(|error| Stop::Damaged(format!("blob {} cannot be read: {error}", kept.sha256)))
    }

    /// A call that touches nothing but what is the run's own.
    async fn own<A, F>(
        &mut self,
        operation: Operation,
        arguments: &(impl Serialize + Sync),
        perform: impl FnOnce(Arc<Attempt>) -> F + Send,
    ) -> Answered<A>
    where
        A: Serialize + DeserializeOwned,
        F: Future<Output = Answered<A>> + Send,
    {
        let at = match self.begin()? {
            Ok(call) => Position { call, item: 0 },
            Err(quota) => return Ok(Err(quota)),
        };
        let called = match called(operation, "", arguments) {
            Ok(called) => called,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Found::Outcome(outcome) = self.recorded.look(at, &called)? {
            return self.replayed(&outcome);
        }
        self.go_live()?;
        let answer = perform(Arc::clone(&self.attempt)).await?;
        self.record(at, operation, called, How::Performed, answer, &Redactor::default())
            .await
    }

    /// Changes the deployment's state. Changes and outcome commit together, so the call is never in doubt.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner error is the guest's.
    pub async fn state_apply(
        &mut self,
        operation: Operation,
        arguments: &(impl Serialize + Sync),
        changes: Vec<StateChange>,
    ) -> Answered<Vec<Result<u64, Error>>> {
        let at = match self.begin()? {
            Ok(call) => Position { call, item: 0 },
            Err(quota) => return Ok(Err(quota)),
        };
        let called = match called(operation, "", arguments) {
            Ok(called) => called,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Found::Outcome(outcome) = self.recorded.look(at, &called)? {
            return self.replayed(&outcome);
        }
        self.go_live()?;
        let time = self.now().max(self.run().clock.now());
        let epoch = self.attempt.lease.epoch;
        let outcome = move |results: &[StateResult]| {
            Entry::Outcome(Outcome {
                at,
                operation: called.operation,
                class: class_name(operation.class).to_owned(),
                binding: called.binding,
                arguments: called.arguments,
                effect_key: None,
                result: applied(results),
                ok: true,
                how: How::Performed,
                by: None,
                epoch,
                time,
            })
        };
        let before = self.attempt.take_buffer();
        let results = self
            .attempt
            .store(move |attempt| async move {
                let (store, deployment) = (&attempt.run.store, &attempt.run.facts.deployment);
                store
                    .state_apply(&attempt.lease, before, deployment, changes, Box::new(outcome))
                    .await
            })
            .await?;
        self.advance(time);
        decode(&applied(&results))
    }
}

/// The canonical answer of `state.apply`.
fn applied(results: &[StateResult]) -> String {
    let answers: Vec<Result<u64, Error>> = results
        .iter()
        .map(|result| match result {
            StateResult::Changed(revision) => Ok(*revision),
            StateResult::Conflict(Some(revision)) => Err(Error::Conflict(format!("the key has revision {revision}"))),
            StateResult::Conflict(None) => Err(Error::Conflict("the key does not exist".to_owned())),
            StateResult::Full => Err(Error::Quota("state-keys".to_owned())),
        })
        .collect();
    canonical::text(&Ok::<_, Error>(answers))
}
