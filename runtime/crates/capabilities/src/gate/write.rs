//! How does a call that changes a target go through the gate?
//!
//! The sending is a task of the attempt, not of the guest: when the guest is cancelled, meets its deadline or traps, what is
//! under way is still awaited and journaled, and nothing new starts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::limits;
use synapse_domain::operation::{Class, Effect};
use synapse_domain::permission::{Decision, Scopes};
use synapse_domain::run::How;
use synapse_domain::{failpoint, secret::Redactor};
use synapse_store::journal::{Entry, Intent, Outcome, Position};

use super::attempt::{Attempt, Gate};
use super::call::{Certainty, Done, EffectId, Failure, Write};
use super::observed;
use super::read::{called, class_name, decode, encode, wrong_kind};
use super::replay::Found;
use super::stop::{Called, DIED, InDoubt, Stop};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::connection::{Connection, Handle, Target as _};
use crate::egress;
use crate::words::said;

/// One answer per item, in order, or the stop that ends the run.
pub type AllAnswered<A> = Result<Vec<Result<A, Error>>, Stop>;

/// An item of a list call that has no recorded outcome.
pub(super) struct Item<C> {
    pub at: Position,
    pub call: C,
    pub called: Called,
    pub key: Digest,
    /// Intents of earlier sendings, in order.
    pub intents: Vec<Intent>,
}

/// An item's recorded outcome: the canonical result and its time.
pub(super) struct Recorded {
    pub item: u32,
    pub text: String,
    pub ok: bool,
    pub time: Timestamp,
}

/// What a sending came to.
pub(super) enum Sent<C> {
    /// The outcome is journaled.
    Known(Recorded),
    /// Nobody knows yet; the item carries its intents.
    Unknown(Item<C>, String),
}

/// Everything the attempt's task needs to send the items of one call.
pub(super) struct Job {
    pub attempt: Arc<Attempt>,
    pub connection: Arc<Connection>,
    pub handle: Handle,
}

impl Gate {
    /// Changes one object.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner error is the guest's.
    pub async fn write<C: Write>(&mut self, handle: &Handle, call: C) -> Result<Result<C::Answer, Error>, Stop> {
        let mut answers = self.write_all(handle, vec![call]).await?;
        answers
            .pop()
            .ok_or_else(|| Stop::Damaged("a write came back without an answer".to_owned()))
    }

    /// Changes one object per item: one intent and one outcome each.
    ///
    /// # Errors
    /// [`Stop`] ends the run; the inner errors are the guest's.
    pub async fn write_all<C: Write>(&mut self, handle: &Handle, calls: Vec<C>) -> AllAnswered<C::Answer> {
        let count = calls.len();
        let refuse = |error: Error| Ok((0..count).map(|_| Err(error.clone())).collect());
        let call = match self.begin()? {
            Ok(call) => call,
            Err(quota) => return refuse(quota),
        };
        if count > limits::BATCH_ITEMS {
            let reason = format!("{count} items; at most {} in one call", limits::BATCH_ITEMS);
            return refuse(Error::Invalid(InvalidArgument {
                field: "list".to_owned(),
                reason,
            }));
        }
        let mut answers: Vec<Option<Result<C::Answer, Error>>> = Vec::with_capacity(count);
        let mut open = Vec::new();
        for (item, call_arguments) in (0u32..).zip(calls) {
            let at = Position { call, item };
            let called = match called(C::OPERATION, handle.binding.as_str(), &call_arguments) {
                Ok(called) => called,
                Err(refused) => {
                    answers.push(Some(Err(refused)));
                    continue;
                }
            };
            let key = self.effect_key(&called, call_arguments.dedup_key());
            let intents = match self.recorded.look(at, &called)? {
                Found::Outcome(outcome) => {
                    answers.push(Some(self.replayed(&outcome)?));
                    continue;
                }
                Found::InDoubt(intents) => intents,
                Found::Nothing => Vec::new(),
            };
            answers.push(None);
            open.push(Item {
                at,
                call: call_arguments,
                called,
                key,
                intents,
            });
        }
        let end = Position {
            call: call.saturating_add(1),
            item: 0,
        };
        self.recorded.nothing_between(
            Position {
                call,
                item: u32::try_from(count).unwrap_or(u32::MAX),
            },
            Some(end),
        )?;
        if !open.is_empty() {
            for recorded in self.send(handle, open).await? {
                self.advance(recorded.time);
                self.answered(call, recorded.ok, true);
                if let Some(answer) = answers.get_mut(recorded.item as usize) {
                    *answer = Some(decode(&recorded.text)?);
                }
            }
        }
        let lost = || Err(Error::Unavailable("the answer was lost".to_owned()));
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect())
    }

    /// Hands the open items to a task of the attempt and waits for it.
    async fn send<C: Write>(&mut self, handle: &Handle, open: Vec<Item<C>>) -> Result<Vec<Recorded>, Stop> {
        self.go_live()?;
        let attempt = Arc::clone(&self.attempt);
        let task = match self.connection(handle) {
            Ok(connection) => {
                let job = Job {
                    attempt,
                    connection,
                    handle: handle.clone(),
                };
                self.attempt.writes.spawn(job.run(open))
            }
            Err(error) => self.attempt.writes.spawn(refuse_all(attempt, open, error)),
        };
        task.await
            .map_err(|error| Stop::Lost(format!("a write task ended early: {error}")))?
    }

    /// The key of an effect: the guest's own within the deployment, or derived from run, operation, arguments and how often they occurred (G3).
    fn effect_key(&mut self, called: &Called, dedup_key: Option<&str>) -> Digest {
        let run = self.run();
        let (tenant, operation) = (run.facts.tenant.as_str().as_bytes(), called.operation.as_bytes());
        let binding = called.binding.as_bytes();
        if let Some(key) = dedup_key {
            let deployment = run.facts.deployment.as_str().as_bytes();
            return Digest::of_parts(&[b"deployment", tenant, deployment, operation, binding, key.as_bytes()]);
        }
        let id = *run.facts.id.as_bytes();
        let base = Digest::of_parts(&[b"run", tenant, &id, operation, binding, called.arguments.as_bytes()]);
        let ordinal = self
            .ordinals
            .entry(base)
            .and_modify(|n| *n = n.saturating_add(1))
            .or_default();
        Digest::of_parts(&[base.as_bytes(), &ordinal.to_be_bytes()])
    }
}

/// The connection is gone: nothing can be sent.
async fn refuse_all<C: Write>(attempt: Arc<Attempt>, open: Vec<Item<C>>, error: Error) -> Result<Vec<Recorded>, Stop> {
    let mut recorded = Vec::with_capacity(open.len());
    let doubts: Vec<_> = open
        .iter()
        .filter_map(|item| InDoubt::after_a_crash(&item.intents))
        .collect();
    if !doubts.is_empty() {
        // That nothing can be sent now says nothing about what was sent before.
        return Err(Stop::InDoubt(doubts));
    }
    for item in open {
        let outcome = item.outcome(&attempt, How::Performed, Err(error.clone()), &Redactor::default())?;
        recorded.push(keep(&attempt, outcome).await?);
    }
    Ok(recorded)
}

impl Job {
    /// Sends every item: first settles those that are in doubt from before, then sends the others a chunk at a time (one transaction for the
    /// intents of a chunk and the outcomes before it), then settles those that became uncertain now.
    async fn run<C: Write>(self, open: Vec<Item<C>>) -> Result<Vec<Recorded>, Stop> {
        let (doubtful, fresh): (Vec<_>, Vec<_>) = open.into_iter().partition(|item| !item.intents.is_empty());
        let mut recorded = self
            .settle_all(doubtful.into_iter().map(|item| (item, DIED.to_owned())).collect())
            .await?;
        let mut uncertain = Vec::new();
        let mut fresh = fresh.into_iter().peekable();
        while fresh.peek().is_some() {
            self.attempt.may_start()?;
            let mut chunk = Vec::new();
            let mut keys = HashSet::new();
            // Two items with one key are not sent at once: the second adopts what the first did.
            while let Some(item) = fresh.next_if(|item| chunk.len() < self.connection.width && keys.insert(item.key)) {
                match self.admit(item).await? {
                    Admitted::Send { item, scopes, waited } => {
                        chunk.push((item, scopes));
                        // What is admitted goes now: it must not grow old while the next one waits for its turn, too.
                        if waited {
                            break;
                        }
                    }
                    Admitted::Answered(outcome) => recorded.push(keep(&self.attempt, outcome).await?),
                }
            }
            for sent in self.send_chunk(chunk).await? {
                match sent {
                    Sent::Known(known) => recorded.push(known),
                    Sent::Unknown(item, evidence) => uncertain.push((item, evidence)),
                }
            }
        }
        recorded.extend(self.settle_all(uncertain).await?);
        Ok(recorded)
    }

    /// Settles items in doubt, side by side; the first stop wins, and effects that nobody can settle are reported together.
    async fn settle_all<C: Write>(&self, doubtful: Vec<(Item<C>, String)>) -> Result<Vec<Recorded>, Stop> {
        let settled: Vec<Result<Recorded, Stop>> = futures::stream::iter(doubtful)
            .map(|(item, evidence)| self.settle(item, evidence))
            .buffer_unordered(self.connection.width.max(1))
            .collect()
            .await;
        let mut recorded = Vec::new();
        let mut parked: Vec<InDoubt> = Vec::new();
        let mut other = None;
        for result in settled {
            match result {
                Ok(known) => recorded.push(known),
                Err(Stop::InDoubt(effects)) => parked.extend(effects),
                Err(stop) => other = other.or(Some(stop)),
            }
        }
        match other {
            Some(stop) => Err(stop),
            None if parked.is_empty() => Ok(recorded),
            None => Err(Stop::InDoubt(parked)),
        }
    }

    /// Waits for the connection's rate, before anything is recorded: an intent must not grow old while others go first. Answers whether
    /// there was a wait; the inner error is the guest's.
    pub(super) async fn turn(&self) -> Result<Result<bool, Error>, Stop> {
        tokio::select! {
            turn = self.connection.turn() => Ok(turn.map_err(|failure| failure.error)),
            stop = self.attempt.told_to_stop() => Err(stop),
        }
    }

    async fn authorise<C: Write>(&self, item: &Item<C>) -> Result<Decision, Stop> {
        let run = &self.attempt.run;
        run.authorise(&self.handle, C::OPERATION, item.call.scoped()).await
    }

    /// May this item be sent? Authorises now, checks the arguments, adopts an effect of this run that is known to have happened, and waits
    /// for its turn.
    async fn admit<C: Write>(&self, item: Item<C>) -> Result<Admitted<C>, Stop> {
        let redactor = &self.connection.redactor;
        let denied = |why| -> Result<Admitted<C>, Stop> {
            let outcome = item.outcome(&self.attempt, How::Denied, Err(Error::Denied(why)), redactor)?;
            Ok(Admitted::Answered(outcome))
        };
        let scopes = match self.authorise(&item).await? {
            Decision::Denied(why) => return denied(why),
            Decision::Allowed(scopes) => scopes,
        };
        if let Err(refused) = item.call.check() {
            return Ok(Admitted::Answered(item.outcome(
                &self.attempt,
                How::Performed,
                Err(refused),
                redactor,
            )?));
        }
        if let Some(text) = self.attempt.success(&item.key) {
            let result = decode(&text)?;
            return Ok(Admitted::Answered(item.outcome(
                &self.attempt,
                How::Adopted,
                result,
                redactor,
            )?));
        }
        let waited = match self.turn().await? {
            Ok(waited) => waited,
            Err(busy) => {
                let outcome = item.outcome(&self.attempt, How::Performed, Err(busy), redactor)?;
                return Ok(Admitted::Answered(outcome));
            }
        };
        if !waited {
            return Ok(Admitted::Send { item, scopes, waited });
        }
        // Grants are read when it is sent, not when it began to wait.
        match self.authorise(&item).await? {
            Decision::Denied(why) => denied(why),
            Decision::Allowed(scopes) => Ok(Admitted::Send { item, scopes, waited }),
        }
    }

    /// Records the intents of a chunk in one transaction, then sends its items side by side.
    async fn send_chunk<C: Write>(&self, mut chunk: Vec<(Item<C>, Scopes)>) -> Result<Vec<Sent<C>>, Stop> {
        if chunk.is_empty() {
            return Ok(Vec::new());
        }
        let mut intents = Vec::with_capacity(chunk.len());
        for (item, _) in &mut chunk {
            failpoint::hit("gate.before-intent");
            intents.push(Entry::Intent(self.intend(item)?));
        }
        self.attempt.commit(intents).await?;
        for _ in &chunk {
            failpoint::hit("gate.after-intent");
        }
        let sendings = chunk.into_iter().map(|(item, scopes)| self.perform(item, scopes));
        futures::future::join_all(sendings).await.into_iter().collect()
    }

    /// The intent of the next sending of an item, valid inside the node's lease.
    pub(super) fn intend<C: Write>(&self, item: &mut Item<C>) -> Result<Intent, Stop> {
        let now = self.attempt.run.clock.now();
        let lease = self.attempt.run.node.until();
        let window = u64::try_from(self.connection.settle.send_window.as_millis()).unwrap_or(u64::MAX);
        let send_before = now.saturating_add(window).min(lease);
        if send_before <= now {
            return Err(Stop::Lost("the node's lease ended".to_owned()));
        }
        let intent = Intent {
            at: item.at,
            n: item.intents.last().map_or(0, |last| last.n.saturating_add(1)),
            operation: item.called.operation.clone(),
            class: class_name(C::OPERATION.class).to_owned(),
            binding: item.called.binding.clone(),
            arguments: item.called.arguments.clone(),
            effect_key: item.key,
            send_before,
            epoch: self.attempt.lease.epoch,
            time: now,
        };
        item.intents.push(intent.clone());
        Ok(intent)
    }

    /// Sends an item whose intent is durable.
    pub(super) async fn perform<C: Write>(&self, item: Item<C>, scopes: Scopes) -> Result<Sent<C>, Stop> {
        let Some(target) = C::Target::of(&self.connection) else {
            if item.effect().repeat {
                return Ok(Sent::Unknown(item, "the connection changed its kind".to_owned()));
            }
            let outcome = item.outcome(
                &self.attempt,
                How::Performed,
                Err(wrong_kind(&self.handle)),
                &self.connection.redactor,
            )?;
            return Ok(Sent::Known(keep(&self.attempt, outcome).await?));
        };
        let Some(last) = item.intents.last() else {
            return Err(Stop::Lost("a sending without intent".to_owned()));
        };
        let left = last.send_before.saturating_sub(self.attempt.run.clock.now());
        if left == 0 {
            return Err(Stop::Lost(
                "the moment to send had passed before the intent was durable".to_owned(),
            ));
        }
        let effect = item.effect();
        // Whoever settles it counts one request's time from `send_before` on.
        let time = Duration::from_millis(left).saturating_add(self.connection.settle.request_deadline);
        let call = egress::sending(time, item.call.perform(target, &scopes, &effect));
        let result = observed::during(C::OPERATION, call).await;
        failpoint::hit("gate.after-response");
        let (how, result) = match result {
            Ok(Done { answer, how }) => (how, Ok(answer)),
            Err(Failure { error, certainty }) if leaves_doubt::<C>(&effect, certainty) => {
                let evidence = format!("the request ended without a clear answer: {}", said(&error));
                return Ok(Sent::Unknown(item, self.connection.redactor.clean(&evidence)));
            }
            Err(Failure { error, .. }) => (How::Performed, Err(error)),
        };
        let outcome = item.outcome(&self.attempt, how, result, &self.connection.redactor)?;
        Ok(Sent::Known(keep(&self.attempt, outcome).await?))
    }
}

/// Is it open whether the effect happened? A repeat of a `keyed` write that was not sent says nothing about the sendings before it; the
/// other classes are only sent again when they are known not to have happened.
fn leaves_doubt<C: Write>(effect: &EffectId, certainty: Certainty) -> bool {
    match certainty {
        Certainty::Unknown => true,
        Certainty::NotSent => effect.repeat && C::OPERATION.class == Class::Write(Effect::Keyed),
        Certainty::Refused => false,
    }
}

enum Admitted<C> {
    /// It may be sent; `waited`: for its turn.
    Send {
        item: Item<C>,
        scopes: Scopes,
        waited: bool,
    },
    Answered(Outcome),
}

impl<C: Write> Item<C> {
    /// Which effect this is.
    pub(super) fn effect(&self) -> EffectId {
        let first = self.intents.first().map_or(0, |intent| intent.time);
        EffectId {
            key: self.key,
            since: first,
            repeat: self.intents.len() > 1,
        }
    }

    /// The outcome of this item. A success is remembered for the rest of the run.
    pub(super) fn outcome(
        &self,
        attempt: &Attempt,
        how: How,
        result: Result<C::Answer, Error>,
        redactor: &Redactor,
    ) -> Result<Outcome, Stop> {
        let (text, result) = encode(result, redactor)?;
        if result.is_ok() {
            attempt.succeeded(self.key, text.clone());
        }
        Ok(Outcome {
            at: self.at,
            operation: self.called.operation.clone(),
            class: class_name(C::OPERATION.class).to_owned(),
            binding: self.called.binding.clone(),
            arguments: self.called.arguments.clone(),
            effect_key: Some(self.key),
            result: text,
            ok: result.is_ok(),
            how,
            by: None,
            epoch: attempt.lease.epoch,
            time: attempt.run.clock.now(),
        })
    }

    /// The effect as an operator sees it.
    pub(super) fn in_doubt(&self, evidence: String) -> Stop {
        let effect = self.effect();
        Stop::InDoubt(vec![InDoubt {
            at: self.at,
            operation: self.called.operation.clone(),
            binding: self.called.binding.clone(),
            arguments: self.called.arguments.clone(),
            marker: effect.marker(),
            since: effect.since,
            evidence,
        }])
    }
}

/// Journals an outcome. Outcomes of `opaque` writes are durable before the guest goes on; the others ride with the next transaction (G5).
pub(super) async fn keep(attempt: &Arc<Attempt>, outcome: Outcome) -> Result<Recorded, Stop> {
    let recorded = Recorded {
        item: outcome.at.item,
        text: outcome.result.clone(),
        ok: outcome.ok,
        time: outcome.time,
    };
    let opaque = outcome.class == class_name(Class::Write(Effect::Opaque));
    let entry = Entry::Outcome(outcome);
    if opaque {
        attempt.commit(vec![entry]).await?;
    } else {
        attempt.buffer(entry).await?;
    }
    failpoint::hit("gate.after-outcome");
    Ok(recorded)
}
