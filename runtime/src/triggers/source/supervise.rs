//! Which sources are watched on this node, and how are they reached?

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use synapse_capabilities::connection::{Connection, Connections};
use synapse_domain::clock::{SharedClock, Timestamp};
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId, TriggerName};
use synapse_domain::manifest::Manifest;
use synapse_domain::trigger::{Source, Trigger, Watch};
use synapse_store::records::DeploymentVersion;
use synapse_store::sources::{Cursor, SourceId, SourceItem};
use synapse_store::{Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::backfill::{self, State, Wanted};
use super::operate::{self, Refusal, ResetTo};
use super::poller::{self, Asked, Watched};
use crate::engine::Grants;
use crate::queue::Queue;

/// How often deployments are looked through, beside the news that one was made.
const PERIOD: Duration = Duration::from_secs(60);
/// Pause after the store failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Cursors of triggers that no deployment has any more are kept so long: a deployment that comes back goes on where it was.
const KEPT_MS: u64 = 90 * 24 * 60 * 60 * 1_000;
/// People who wait for a look of one source.
const ASKERS: usize = 32;
/// Backfills that were shown and wait to be confirmed, and for how long.
const OFFERS: usize = 100;
const OFFER_MS: u64 = 15 * 60 * 1_000;

/// What pollers need of a node.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: SharedClock,
    /// Upstreams.
    pub connections: Arc<Connections>,
    /// What deployments may do.
    pub grants: Arc<Grants>,
    /// Where runs go.
    pub queue: Queue,
    /// The node's name: it owns the cursors.
    pub node: String,
    /// Customers.
    pub tenants: Vec<TenantId>,
}

/// What all pollers share.
pub struct Shared {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: SharedClock,
    /// What deployments may do.
    pub grants: Arc<Grants>,
    /// Where runs go.
    pub queue: Queue,
    /// The node's name.
    pub node: String,
}

/// The watched sources of a node: cheap to clone.
#[derive(Clone)]
pub struct Sources(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    connections: Arc<Connections>,
    tenants: Vec<TenantId>,
    changed: Notify,
    /// One adjusts at a time.
    adjusting: tokio::sync::Mutex<()>,
    stop: CancellationToken,
    pollers: Mutex<HashMap<SourceId, Poller>>,
    offers: Mutex<HashMap<String, Offer>>,
}

/// A poller that runs.
struct Poller {
    /// Version of the deployment that it was started for.
    version: u32,
    connection: ConnectionName,
    upstream: Arc<Connection>,
    asked: mpsc::Sender<Asked>,
    stop: CancellationToken,
}

/// How a source that is watched here stands.
pub struct Standing {
    /// Its cursor.
    pub cursor: Cursor,
    /// Its connection.
    pub connection: ConnectionName,
    /// Is that under maintenance?
    pub left_alone: bool,
}

/// A backfill that was shown.
struct Offer {
    id: SourceId,
    state: State,
    until: Timestamp,
}

impl Sources {
    /// Watches what the deployments say, until it is stopped.
    pub fn start(parts: Parts) -> Self {
        let sources = Self(Arc::new(Inner {
            shared: Arc::new(Shared {
                store: parts.store,
                clock: parts.clock,
                grants: parts.grants,
                queue: parts.queue,
                node: parts.node,
            }),
            connections: parts.connections,
            tenants: parts.tenants,
            changed: Notify::new(),
            adjusting: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
            pollers: Mutex::default(),
            offers: Mutex::default(),
        }));
        tokio::spawn(sources.clone().supervise());
        sources
    }

    /// A deployment was made: its sources are watched when this returns, if that is possible.
    pub async fn changed(&self) {
        if let Err(error) = self.adjust().await {
            tracing::error!(%error, "the sources of a new deployment are watched a little later");
            self.0.changed.notify_one();
        }
    }

    /// Nothing is looked at any more.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    async fn supervise(self) {
        loop {
            let rest = match self.adjust().await {
                Ok(()) => PERIOD,
                Err(error) => {
                    tracing::error!(%error, "deployments cannot be read; their sources are not watched anew");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.changed.notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// Starts what is missing, stops what is gone or was deployed anew.
    async fn adjust(&self) -> Result<(), StoreError> {
        let _alone = self.0.adjusting.lock().await;
        let mut wanted = HashMap::new();
        for tenant in &self.0.tenants {
            for deployment in self.0.shared.store.deployments(tenant).await? {
                for trigger in &deployment.current.triggers {
                    if let Trigger::Source(source) = trigger {
                        let id = source_id(&deployment.current, &source.name);
                        wanted.insert(id, (deployment.current.clone(), source.clone()));
                    }
                }
            }
        }
        let missing: Vec<_> = {
            let mut pollers = self.pollers();
            pollers.retain(|id, poller| {
                let keep = wanted
                    .get(id)
                    .is_some_and(|(version, _)| version.version == poller.version);
                if !keep {
                    poller.stop.cancel();
                }
                keep
            });
            wanted.iter().filter(|(id, _)| !pollers.contains_key(id)).collect()
        };
        for (id, (version, source)) in missing {
            match self.watched(version, source) {
                Ok(watched) => self.begin(watched, version.version).await,
                Err(why) => tracing::error!(tenant.id = %id.tenant, deployment = %id.deployment, trigger = %id.trigger,
                    "the source cannot be watched: {why}"),
            }
        }
        let mut gone = Vec::new();
        let now = self.0.shared.clock.now();
        for tenant in &self.0.tenants {
            for cursor in self.0.shared.store.cursors(tenant, None).await? {
                let idle = now.saturating_sub(cursor.looked_at.unwrap_or(cursor.created_at));
                if !wanted.contains_key(&cursor.id) && idle > KEPT_MS {
                    gone.push(cursor.id);
                }
            }
        }
        for id in gone {
            self.0.shared.store.drop_cursor(&id).await?;
        }
        Ok(())
    }

    /// Starts a poller. Its cursor is there before anybody can ask for it.
    async fn begin(&self, watched: Watched, version: u32) {
        let (id, shared) = (watched.id.clone(), &self.0.shared);
        if let Err(error) = poller::own(&watched, shared).await {
            tracing::warn!(tenant.id = %id.tenant, deployment = %id.deployment, trigger = %id.trigger, %error,
                "the source's cursor cannot be had yet");
        }
        let (asked, asks) = mpsc::channel(ASKERS);
        let stop = self.0.stop.child_token();
        let (connection, upstream) = (watched.connection.clone(), Arc::clone(&watched.upstream));
        tokio::spawn(poller::poll(watched, Arc::clone(shared), asks, stop.clone()));
        let poller = Poller {
            version,
            connection,
            upstream,
            asked,
            stop,
        };
        self.pollers().insert(id, poller);
    }

    fn pollers(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, Poller>> {
        self.0.pollers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watched(&self, version: &DeploymentVersion, source: &Source) -> Result<Watched, String> {
        let connection = version.bindings.get(&source.binding);
        let connection = connection.ok_or_else(|| format!("`{}` is not bound", source.binding))?;
        let upstream = self.0.connections.get(&version.tenant, connection);
        let upstream =
            upstream.ok_or_else(|| format!("the configuration has no connection `{connection}` any more"))?;
        let asked = Manifest::parse(&version.manifest)
            .map_err(|refused| refused.to_string())?
            .asked();
        let object = match &source.watch {
            Watch::Offenses { .. } => "offenses".to_owned(),
            Watch::Folder { folder } => format!("folder {folder}"),
        };
        Ok(Watched {
            id: source_id(version, &source.name),
            label: Trigger::Source(source.clone()).label(),
            // The name of the source stays when a connection is called otherwise.
            watches: format!("{} {object}", upstream.source_id),
            connection: connection.clone(),
            upstream,
            asked,
            // A trigger that was added later does not reach back to the first deployment's time.
            start: version.go_live.max(version.created_at),
            source: source.clone(),
        })
    }

    /// The trigger of this name, as its deployment says now.
    ///
    /// # Errors
    /// `NotFound`; or it cannot be watched.
    async fn find(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        trigger: &TriggerName,
    ) -> Result<Watched, Refusal> {
        let version = self.0.shared.store.deployment(tenant, deployment).await?.current;
        let source = version.triggers.iter().find_map(|found| match found {
            Trigger::Source(source) if source.name == *trigger => Some(source),
            _ => None,
        });
        let source = source.ok_or(StoreError::NotFound)?;
        self.watched(&version, source).map_err(Refusal::Conflict)
    }

    /// How the sources that are watched here stand.
    ///
    /// # Errors
    /// The store's.
    pub async fn standing(&self) -> Result<Vec<Standing>, StoreError> {
        let mut all = Vec::new();
        for tenant in &self.0.tenants {
            let cursors = self.0.shared.store.cursors(tenant, None).await?;
            let pollers = self.pollers();
            all.extend(cursors.into_iter().filter_map(|cursor| {
                let poller = pollers.get(&cursor.id)?;
                Some(Standing {
                    cursor,
                    connection: poller.connection.clone(),
                    left_alone: poller.upstream.is_left_alone(),
                })
            }));
        }
        Ok(all)
    }

    /// Looks now, and waits for the end of the look.
    ///
    /// # Errors
    /// `NotFound`; or its connection is under maintenance, or it is not watched here.
    pub async fn look(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        trigger: &TriggerName,
    ) -> Result<SourceId, Refusal> {
        let watched = self.find(tenant, deployment, trigger).await?;
        may_ask(&watched)?;
        let id = watched.id;
        let (asker, looked) = oneshot::channel();
        let poller = || self.pollers().get(&id).map(|poller| poller.asked.clone());
        let mut asked = poller();
        if asked.is_none() {
            // The node has just started, or the configuration has the connection again.
            self.adjust().await?;
            asked = poller();
        }
        let not_here =
            || Refusal::Conflict("the source is not watched on this node just now; try again in a moment".to_owned());
        let asked = asked.ok_or_else(not_here)?;
        asked.send(asker).await.map_err(|_| not_here())?;
        looked.await.map_err(|_| not_here())?;
        Ok(id)
    }

    /// Whose cursor it is, if the deployment has such a trigger.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn id(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        trigger: &TriggerName,
    ) -> Result<SourceId, Refusal> {
        Ok(self.find(tenant, deployment, trigger).await?.id)
    }

    /// Sets a cursor.
    ///
    /// # Errors
    /// See [`operate::reset`].
    pub async fn reset(&self, id: &SourceId, to: ResetTo, by: &str) -> Result<Cursor, Refusal> {
        let watched = self.find(&id.tenant, &id.deployment, &id.trigger).await?;
        operate::reset(&watched, &self.0.shared, to, by).await
    }

    /// Hands an item over again.
    ///
    /// # Errors
    /// See [`operate::replay`].
    pub async fn replay(&self, id: &SourceId, item: &str) -> Result<SourceItem, Refusal> {
        operate::replay(&self.0.shared, id, item).await
    }

    /// Counts older items, shows a few, and offers to import them: `confirm` of the answer begins it.
    ///
    /// # Errors
    /// What cannot be accepted, or the source's answer; or its connection is under maintenance.
    pub async fn offer(&self, id: &SourceId, wanted: Wanted, by: &str) -> Result<Value, Refusal> {
        let watched = self.find(&id.tenant, &id.deployment, &id.trigger).await?;
        may_ask(&watched)?;
        let (state, mut told) = backfill::preview(&watched, &self.0.shared, wanted, by).await?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
        let token = hex::encode(random);
        let now = self.0.shared.clock.now();
        let mut offers = self.0.offers.lock().unwrap_or_else(PoisonError::into_inner);
        offers.retain(|_, offer| offer.until > now);
        if offers.len() >= OFFERS {
            offers.clear();
        }
        let offer = Offer {
            id: id.clone(),
            state,
            until: now.saturating_add(OFFER_MS),
        };
        offers.insert(token.clone(), offer);
        if let Some(told) = told.as_object_mut() {
            told.insert("confirm".to_owned(), Value::from(token));
        }
        Ok(told)
    }

    /// Begins a backfill that was offered.
    ///
    /// # Errors
    /// It was not offered, or too long ago; or another one is under way.
    pub async fn confirm(&self, id: &SourceId, token: &str) -> Result<Cursor, Refusal> {
        let now = self.0.shared.clock.now();
        let offer = self
            .0
            .offers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(token);
        let offer = offer.filter(|offer| offer.id == *id && offer.until > now).ok_or_else(|| {
            let why = "not an offer of the last 15 minutes: ask again without `confirm`, and look at what would be imported";
            Refusal::Wrong("confirm", why.to_owned())
        })?;
        let mut state = offer.state;
        state.started_at = now;
        operate::begin(&self.0.shared, id, &state).await
    }

    /// Stops a backfill.
    ///
    /// # Errors
    /// There is none.
    pub async fn stop_backfill(&self, id: &SourceId, by: &str) -> Result<Cursor, Refusal> {
        operate::stop(&self.0.shared, id, by).await
    }
}

/// Whoever asks for a source is refused what nobody may do.
fn may_ask(watched: &Watched) -> Result<(), Refusal> {
    if watched.upstream.is_left_alone() {
        return Err(Refusal::Conflict(format!(
            "the connection `{}` is under maintenance, so nothing is asked there before the window ends",
            watched.connection
        )));
    }
    Ok(())
}

fn source_id(version: &DeploymentVersion, trigger: &TriggerName) -> SourceId {
    SourceId {
        tenant: version.tenant.clone(),
        deployment: version.name.clone(),
        trigger: trigger.clone(),
    }
}
