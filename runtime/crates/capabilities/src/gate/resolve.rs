//! Did it happen? How an effect whose outcome is unknown is settled, by its class (design G3).

use synapse_domain::clock::Timestamp;
use synapse_domain::operation::{Class, Effect};
use synapse_domain::permission::Decision;
use synapse_domain::run::How;

use super::call::Write;
use super::observed;
use super::stop::Stop;
use super::write::{Item, Job, Recorded, Sent, keep};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Target as _;
use crate::words::said;

/// Sendings of one attempt before the run is suspended and tried again later.
const SENDINGS_PER_ATTEMPT: u32 = 3;
/// Longest suspension between two tries.
const LONGEST_SUSPENSION_MS: u64 = 5 * 60 * 1_000;

/// What one try to settle came to.
enum Settled<C> {
    Known(Recorded),
    Again(Item<C>, String),
}

impl Job {
    /// Settles one item: waits until the target must have seen the last sending, then asks or repeats, until the outcome is known.
    pub(super) async fn settle<C: Write>(&self, mut item: Item<C>, mut evidence: String) -> Result<Recorded, Stop> {
        let Class::Write(class) = C::OPERATION.class else {
            return Err(Stop::Damaged(format!(
                "`{}` left an intent but is no write",
                C::OPERATION.name
            )));
        };
        for _ in 0..SENDINGS_PER_ATTEMPT {
            if class == Effect::Opaque {
                return Err(item.in_doubt(evidence));
            }
            self.attempt.wait_until(self.settled_at(&item)).await?;
            let settled = match class {
                Effect::Keyed => self.repeat(item).await?,
                Effect::Probe | Effect::Opaque => self.ask(item).await?,
            };
            match settled {
                Settled::Known(recorded) => return Ok(recorded),
                Settled::Again(unsettled, why) => (item, evidence) = (unsettled, why),
            }
        }
        self.suspend(&item, evidence)
    }

    /// The moment from which the target's answer about the last sending counts (G2).
    fn settled_at<C: Write>(&self, item: &Item<C>) -> Timestamp {
        let sent = item.intents.last().map_or(0, |last| last.send_before);
        sent.saturating_add(millis(self.connection.settle.wait()))
    }

    /// `keyed`: the target refuses or absorbs a repeat, so it is sent again, if that is still allowed.
    async fn repeat<C: Write>(&self, mut item: Item<C>) -> Result<Settled<C>, Stop> {
        if let Err(busy) = self.turn().await? {
            return Ok(Settled::Again(item, could_not_ask(&busy)));
        }
        let scopes = match self
            .attempt
            .run
            .authorise(&self.handle, C::OPERATION, item.call.scoped())
            .await?
        {
            Decision::Allowed(scopes) => scopes,
            Decision::Denied(why) => {
                return Err(item.in_doubt(format!(
                    "it may not be repeated any more ({why}), and whether it happened is not known"
                )));
            }
        };
        let intent = self.intend(&mut item)?;
        self.attempt
            .commit(vec![synapse_store::journal::Entry::Intent(intent)])
            .await?;
        Ok(match self.perform(item, scopes).await? {
            Sent::Known(recorded) => Settled::Known(recorded),
            Sent::Unknown(item, evidence) => Settled::Again(item, evidence),
        })
    }

    /// `probe`: the target is asked for the marker. Found: adopted. Absent in every one of the spaced probes: sent again.
    async fn ask<C: Write>(&self, item: Item<C>) -> Result<Settled<C>, Stop> {
        let Some(target) = C::Target::of(&self.connection) else {
            return Err(item.in_doubt("the connection changed its kind".to_owned()));
        };
        let effect = item.effect();
        let space = millis(self.connection.settle.visibility_lag).max(1);
        for probe in 0..C::PROBES {
            if probe > 0 {
                self.attempt
                    .wait_until(self.attempt.run.clock.now().saturating_add(space))
                    .await?;
            }
            match observed::during(C::OPERATION, item.call.probe(target, &effect)).await {
                Ok(None) => {}
                Ok(Some(answer)) => {
                    let outcome = item.outcome(&self.attempt, How::Adopted, Ok(answer), &self.connection.redactor)?;
                    return Ok(Settled::Known(keep(&self.attempt, outcome).await?));
                }
                Err(error) => return Ok(Settled::Again(item, could_not_ask(&error))),
            }
        }
        self.repeat(item).await
    }

    /// The target does not help now: go on later, until the connection's patience ends and a person decides.
    fn suspend<C: Write>(&self, item: &Item<C>, evidence: String) -> Result<Recorded, Stop> {
        let now = self.attempt.run.clock.now();
        let first = item.intents.first().map_or(now, |intent| intent.time);
        if now.saturating_sub(first) >= millis(self.connection.settle.patience) {
            return Err(item.in_doubt(evidence));
        }
        let tries = u32::try_from(item.intents.len()).unwrap_or(u32::MAX).min(16);
        let pause = millis(self.connection.settle.wait())
            .max(1_000)
            .saturating_mul(1u64 << tries);
        Err(Stop::Suspend(now.saturating_add(pause.min(LONGEST_SUSPENSION_MS))))
    }
}

fn could_not_ask(error: &Error) -> String {
    format!("the target could not be asked: {}", said(error))
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
