//! May we log in? Directories lock an account after a few refused logins, so a refusal is learned once, by one request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::MutexGuard;
use tokio::time::Instant;

use crate::egress::fault::Fault;

/// How long nobody logs in after a refusal. Three tries in a quarter of an hour stay below the usual thresholds (ten in that time).
const REST: Duration = Duration::from_secs(300);

/// What is known about the credentials.
#[derive(Default)]
pub(super) struct Caution {
    /// The last login was accepted.
    proven: AtomicBool,
    refused: Mutex<Option<Instant>>,
    /// Held by the one login that finds out.
    trial: tokio::sync::Mutex<()>,
}

impl Caution {
    /// Waits until it is clear whether logging in makes sense. Until the first login was accepted, there is one at a time.
    pub async fn enter(&self) -> Result<Option<MutexGuard<'_, ()>>, Fault> {
        self.check()?;
        if self.proven.load(Ordering::Acquire) {
            return Ok(None);
        }
        let trial = self.trial.lock().await;
        self.check()?;
        Ok((!self.proven.load(Ordering::Acquire)).then_some(trial))
    }

    /// The target accepted a login.
    pub fn accepted(&self) {
        self.proven.store(true, Ordering::Release);
    }

    /// The target refused a login.
    pub fn refused(&self) {
        self.proven.store(false, Ordering::Release);
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn check(&self) -> Result<(), Fault> {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refused {
            Some(since) if since.elapsed() < REST => Err(Fault::Unauthenticated(format!(
                "the target refused the login; the next one is tried after {} s, so that the account is not locked",
                REST.as_secs()
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_refusal_nobody_logs_in_for_a_while() {
        let caution = Caution::default();
        let trial = caution.enter().await.unwrap();
        assert!(trial.is_some());
        let waiting = caution.enter();
        caution.refused();
        drop(trial);
        assert!(waiting.await.is_err(), "whoever waited for the trial learns from it");
        tokio::time::advance(REST).await;
        let trial = caution.enter().await.unwrap();
        caution.accepted();
        drop(trial);
        let [one, two] = [caution.enter().await.unwrap(), caution.enter().await.unwrap()];
        assert!(one.is_none() && two.is_none(), "proven credentials log in side by side");
    }
}
