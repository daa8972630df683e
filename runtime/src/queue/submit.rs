//! How is a run accepted, and how does its caller wait for it?

use std::time::Duration;

use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::records::{NewRun, RunView, Submitted};
use tokio::sync::watch;

use super::Queue;
use super::waiters::News;

/// What a trigger hands over.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Whose.
    pub tenant: TenantId,
    /// Which deployment.
    pub deployment: DeploymentName,
    /// Type of the event, for instance `synapse.http.request`.
    pub event_type: String,
    /// The event's data, without credentials.
    pub data: String,
    /// Its media type.
    pub datacontenttype: String,
    /// `api`, `http`, `compat` or `cli`.
    pub trigger: &'static str,
    /// The caller's key and the digest of its request.
    pub idempotency: Option<(String, Digest)>,
}

impl Submission {
    /// A caller's JSON for a deployment: the event `synapse.<trigger>.request`.
    pub fn json(tenant: TenantId, deployment: DeploymentName, trigger: &'static str, data: String) -> Self {
        Self {
            tenant,
            deployment,
            event_type: format!("synapse.{trigger}.request"),
            data,
            datacontenttype: "application/json".to_owned(),
            trigger,
            idempotency: None,
        }
    }
}

impl Queue {
    /// Accepts a run durably; starts it if there is a free place.
    ///
    /// # Errors
    /// `NotFound`: no such deployment. `Conflict`: the idempotency key came with another request. `Quota`: too many queued runs.
    pub async fn submit(&self, submission: Submission) -> Result<Submitted, StoreError> {
        let (run, _) = self.new_run(submission)?;
        self.accept(run).await
    }

    /// Accepts a run and waits for its end. Listens before it accepts, so that no end is missed and none is read from the store.
    ///
    /// # Errors
    /// As [`Queue::submit`].
    pub async fn submit_and_wait(
        &self,
        submission: Submission,
        at_most: Duration,
    ) -> Result<(Submitted, RunView), StoreError> {
        let tenant = submission.tenant.clone();
        let (run, id) = self.new_run(submission)?;
        let news = self.0.waiters.listen(id);
        let submitted = self.accept(run).await;
        let waited = match &submitted {
            Ok(submitted) if submitted.created => self.listen(&tenant, id, news, at_most).await,
            Ok(submitted) => self.wait(&tenant, submitted.run, at_most).await,
            Err(error) => Err(error.clone()),
        };
        self.0.waiters.leave(id);
        Ok((submitted?, waited?))
    }

    /// Like [`Queue::submit_and_wait`], but joins the unfinished run of the same deployment, trigger and data if there is one.
    ///
    /// # Errors
    /// As [`Queue::submit`].
    pub async fn join_and_wait(
        &self,
        submission: Submission,
        at_most: Duration,
    ) -> Result<(Submitted, RunView), StoreError> {
        let (tenant, deployment) = (&submission.tenant, &submission.deployment);
        let active = self
            .0
            .store
            .active_run(tenant, deployment, submission.trigger, &submission.data)
            .await?;
        match active {
            Some(run) => {
                let view = self.wait(tenant, run, at_most).await?;
                Ok((
                    Submitted {
                        run,
                        created: false,
                        claimed: None,
                    },
                    view,
                ))
            }
            None => self.submit_and_wait(submission, at_most).await,
        }
    }

    /// Waits until the run is final or parked, or the time is over; answers the run as it then is.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn wait(&self, tenant: &TenantId, run: RunId, at_most: Duration) -> Result<RunView, StoreError> {
        let news = self.0.waiters.listen(run);
        let view = self.0.store.run(tenant, run).await;
        let answer = match view {
            Ok(view) if !settled(view.state) => self.listen(tenant, run, news, at_most).await,
            other => other,
        };
        self.0.waiters.leave(run);
        answer
    }

    async fn listen(
        &self,
        tenant: &TenantId,
        run: RunId,
        mut news: watch::Receiver<News>,
        at_most: Duration,
    ) -> Result<RunView, StoreError> {
        let heard = async {
            loop {
                let latest = news.borrow_and_update().clone();
                match latest {
                    News::Ended(view) => return Some(view),
                    News::Changed => {
                        if self
                            .0
                            .store
                            .run(tenant, run)
                            .await
                            .is_ok_and(|view| settled(view.state))
                        {
                            return None;
                        }
                    }
                    News::None => {}
                }
                if news.changed().await.is_err() {
                    return None;
                }
            }
        };
        let drained = self.0.drained.cancelled();
        let heard = tokio::time::timeout(at_most, async {
            tokio::select! {
                end = heard => end,
                () = drained => None,
            }
        });
        match heard.await {
            Ok(Some(view)) => Ok((*view).clone()),
            Ok(None) | Err(_) => self.0.store.run(tenant, run).await,
        }
    }

    /// In a task of its own: a caller that goes away must not leave a run that is claimed and never started.
    async fn accept(&self, run: NewRun) -> Result<Submitted, StoreError> {
        let queue = self.clone();
        let accepted = tokio::spawn(async move { queue.insert_and_start(run).await });
        accepted
            .await
            .map_err(|error| StoreError::Failed(format!("accepting the run ended early: {error}")))?
    }

    async fn insert_and_start(&self, run: NewRun) -> Result<Submitted, StoreError> {
        // A place is taken before the run is claimed, and given back if it was not.
        let place = self
            .0
            .free
            .clone()
            .try_acquire_owned()
            .ok()
            .filter(|_| self.may_start());
        let node = place.is_some().then(|| self.0.node.clone());
        let mut submitted = self.0.store.submit(run, node, self.0.places.per_tenant).await?;
        match (submitted.claimed.take(), place) {
            (Some(claimed), Some(place)) => self.start(claimed, place),
            _ if submitted.created => self.wake(),
            _ => {}
        }
        Ok(submitted)
    }

    fn new_run(&self, submission: Submission) -> Result<(NewRun, RunId), StoreError> {
        let mut random = [0; 42];
        getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
        let (mut seed, mut id_bytes) = ([0; 32], [0; 10]);
        seed.copy_from_slice(&random[..32]);
        id_bytes.copy_from_slice(&random[32..]);
        let now = self.0.clock.now();
        let id = RunId::new(now, id_bytes);
        let event = Event {
            id: id.to_string(),
            source: format!("/t/{}/deployments/{}", submission.tenant, submission.deployment),
            kind: submission.event_type,
            time: now,
            datacontenttype: submission.datacontenttype,
            data: submission.data,
        };
        let run = NewRun {
            tenant: submission.tenant,
            id,
            deployment: submission.deployment,
            event,
            trigger: submission.trigger.to_owned(),
            idempotency: submission.idempotency,
            seed,
            created_at: now,
        };
        Ok((run, id))
    }
}

/// Will the run not change by itself?
fn settled(state: RunState) -> bool {
    state.is_final() || state == RunState::InDoubt
}
