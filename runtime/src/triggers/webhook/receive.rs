//! What happens between a webhook's arrival and its answer?

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};
use synapse_capabilities::connection::{Client, Connections};
use synapse_domain::clock::{SharedClock, Timestamp};
use synapse_domain::failpoint;
use synapse_domain::hive::{self, Action, HiveEvent, Normalised, Object, Via};
use synapse_domain::ids::{ConnectionName, DeliveryId, TenantId};
use synapse_domain::limits::EVENT_BYTES;
use synapse_domain::secret::Redactor;
use synapse_store::deliveries::{Delivered, NewDelivery, SAME_CLOSURE, Told, Verdict, What};
use synapse_store::{Store, StoreError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::decide::{Asked, decide};
use super::index::Index;
use super::news::News;
use super::own::Own;
use crate::config::{Guard, Stranger};
use crate::metrics::Metrics;
use crate::queue::Queue;

/// Deliveries of one connection at once: bounds memory, and what one tenant's flood can put before another's event.
const AT_ONCE: usize = 32;
/// How long a delivery waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// Milliseconds without a refusal after which the next one is logged.
const REFUSALS_MS: u64 = 60_000;

/// The node's receivers. Cheap to clone.
#[derive(Clone)]
pub struct Hooks(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: SharedClock,
    pub(super) queue: Queue,
    pub(super) connections: Arc<Connections>,
    pub(super) metrics: Metrics,
    pub(super) index: Index,
    pub(super) receivers: HashMap<(TenantId, ConnectionName), Receiver>,
    /// Pending events may be decided now.
    pub(super) pending: Notify,
    /// Triggers changed: something may have to be reconciled.
    pub(super) reconcile: Notify,
    pub(super) news: News,
}

/// What is there per TheHive connection.
pub(super) struct Receiver {
    guard: Option<Guard>,
    pub(super) own: Own,
    redactors: [Redactor; 2],
    places: Arc<Semaphore>,
    refused: AtomicU64,
    last_refused: Mutex<Option<(Timestamp, &'static str)>>,
}

/// Why a delivery was not recorded.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such receiver: foreign, unknown and not configured are alike.
    NotFound,
    /// Not the sender that the configuration means.
    Stranger,
    /// Too many at once.
    Busy,
    /// Too many wait for a place in the tenant's queue, or for something that is not known yet.
    Full,
    /// Not JSON.
    NotJson(String),
    /// Too large even after everything that is not needed was left out.
    TooLarge,
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            // A full queue of runs makes an event wait; the only quota left is that of events that wait.
            StoreError::Quota(_) => Self::Full,
            other => Self::Store(other),
        }
    }
}

/// A sender that was let in. Holds its place until it is dropped.
pub struct Admitted {
    tenant: TenantId,
    connection: ConnectionName,
    _place: OwnedSemaphorePermit,
}

impl Hooks {
    /// Receivers for every TheHive connection; those without a guard take events from the compatibility route and the reconciler only.
    pub fn new(
        store: Arc<dyn Store>,
        clock: SharedClock,
        queue: Queue,
        connections: Arc<Connections>,
        mut guards: HashMap<(TenantId, ConnectionName), Guard>,
        metrics: Metrics,
    ) -> Self {
        let mut receivers = HashMap::new();
        for (tenant, name, connection) in connections.all() {
            if !matches!(connection.client, Client::TheHive(_)) {
                continue;
            }
            let at = (tenant.clone(), name.clone());
            let guard = guards.remove(&at);
            let secrets = guard.iter().flat_map(|guard| guard.secrets().to_vec()).collect();
            let receiver = Receiver {
                guard,
                own: Own::default(),
                redactors: [connection.redactor.clone(), Redactor::new(secrets)],
                places: Arc::new(Semaphore::new(AT_ONCE)),
                refused: AtomicU64::new(0),
                last_refused: Mutex::new(None),
            };
            receivers.insert(at, receiver);
        }
        Self(Arc::new(Shared {
            store,
            clock,
            queue,
            connections,
            metrics,
            index: Index::default(),
            receivers,
            pending: Notify::new(),
            reconcile: Notify::new(),
            news: News::default(),
        }))
    }

    /// Reads the triggers of these tenants, and starts what works in the background.
    ///
    /// # Errors
    /// The store.
    pub async fn start<'t>(&self, tenants: impl IntoIterator<Item = &'t TenantId>) -> Result<(), StoreError> {
        for tenant in tenants {
            self.0.index.refresh(&*self.0.store, tenant).await?;
        }
        tokio::spawn(self.clone().ask_who_we_are());
        tokio::spawn(self.clone().work_off());
        tokio::spawn(self.clone().trim());
        tokio::spawn(self.clone().reconcile());
        Ok(())
    }

    /// A deployment of the tenant has a new version.
    pub async fn deployed(&self, tenant: &TenantId) {
        if let Err(error) = self.0.index.refresh(&*self.0.store, tenant).await {
            tracing::error!(tenant.id = %tenant, %error, "the triggers of a deployment cannot be read; the old ones go on");
        }
        self.ask_for(tenant).await;
        self.0.reconcile.notify_one();
    }

    /// Lets a sender in, before its body is read.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn admit(
        &self,
        tenant: &str,
        connection: &str,
        address: Option<IpAddr>,
        headers: &HeaderMap,
        path: Option<&str>,
    ) -> Result<Admitted, Refusal> {
        let (Ok(tenant), Ok(connection)) = (tenant.parse::<TenantId>(), connection.parse::<ConnectionName>()) else {
            return Err(Refusal::NotFound);
        };
        let at = (tenant, connection);
        let Some((receiver, guard)) = self
            .0
            .receivers
            .get(&at)
            .and_then(|receiver| Some((receiver, receiver.guard.as_ref()?)))
        else {
            return Err(Refusal::NotFound);
        };
        if let Err(stranger) = guard.admit(address, headers, path) {
            self.0.metrics.webhook("refused");
            if receiver.turn_away(stranger, self.0.clock.now()) {
                tracing::warn!(tenant.id = %at.0, connection = %at.1, ?address, why = stranger.as_str(), "a webhook was refused");
            }
            return Err(Refusal::Stranger);
        }
        self.place(at).await
    }

    /// Lets in who was admitted in another way.
    ///
    /// # Errors
    /// `NotFound`, `Busy`.
    pub async fn admit_compat(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<Admitted, Refusal> {
        self.place((tenant.clone(), connection.clone())).await
    }

    async fn place(&self, at: (TenantId, ConnectionName)) -> Result<Admitted, Refusal> {
        let receiver = self.0.receivers.get(&at).ok_or(Refusal::NotFound)?;
        let turn = tokio::time::timeout(TURN, Arc::clone(&receiver.places).acquire_owned()).await;
        let Ok(Ok(place)) = turn else {
            self.0.metrics.webhook("busy");
            return Err(Refusal::Busy);
        };
        let (tenant, connection) = at;
        Ok(Admitted {
            tenant,
            connection,
            _place: place,
        })
    }

    /// Takes an event, durably.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was recorded then.
    pub async fn receive(&self, from: &Admitted, body: &[u8]) -> Result<Delivered, Refusal> {
        let payload: Value = serde_json::from_slice(body).map_err(|error| {
            self.0.metrics.webhook("unreadable");
            Refusal::NotJson(error.to_string())
        })?;
        let received_at = self.0.clock.now();
        let delivery = match hive::normalise(&payload) {
            Err(ignored) => NewDelivery {
                tenant: from.tenant.clone(),
                id: delivery_id(received_at)?,
                connection: from.connection.clone(),
                key: ignored.key,
                via: Via::Webhook,
                what: None,
                data: Value::Null.to_string(),
                received_at,
                verdict: Verdict::Ignore(ignored.reason),
            },
            Ok(normalised) => self.read(from, normalised, received_at).await?,
        };
        self.record(delivery).await
    }

    /// The delivery of an event.
    async fn read(
        &self,
        from: &Admitted,
        mut normalised: Normalised,
        received_at: Timestamp,
    ) -> Result<NewDelivery, Refusal> {
        let (tenant, connection) = (&from.tenant, &from.connection);
        if normalised.open_now && self.was_closed(tenant, connection, &normalised.event).await? {
            normalised = normalised.reopened();
        }
        let Normalised {
            mut event,
            key,
            ignored,
            ..
        } = normalised;
        event.connection = connection.as_str().to_owned();
        self.delivery(tenant, connection, event, key, ignored, received_at)
    }

    /// An event with what shall become of it.
    pub(super) fn delivery(
        &self,
        tenant: &TenantId,
        connection: &ConnectionName,
        mut event: HiveEvent,
        key: String,
        ignored: Option<String>,
        received_at: Timestamp,
    ) -> Result<NewDelivery, Refusal> {
        let receiver = self
            .0
            .receivers
            .get(&(tenant.clone(), connection.clone()))
            .ok_or(Refusal::NotFound)?;
        let own = receiver.own.is(event.actor.as_deref());
        event.own = own == Some(true);
        let data = serde_json::to_string(&event)
            .map_err(|error| StoreError::Failed(format!("an event cannot be written as JSON: {error}")))?;
        let data = receiver
            .redactors
            .iter()
            .fold(data, |data, redactor| redactor.clean(&data));
        if data.len() > EVENT_BYTES {
            self.0.metrics.webhook("too-large");
            return Err(Refusal::TooLarge);
        }
        let verdict = match ignored {
            Some(reason) => Verdict::Ignore(reason),
            None => {
                let asked = Asked {
                    tenant,
                    event: &event,
                    own_known: own.is_some(),
                    key: &key,
                    data: &data,
                    now: received_at,
                };
                decide(&asked, &self.0.index.of(tenant, connection))?
            }
        };
        Ok(NewDelivery {
            tenant: tenant.clone(),
            id: delivery_id(received_at)?,
            connection: connection.clone(),
            key,
            via: event.via,
            what: Some(What {
                object: event.object,
                action: event.action,
                id: event.id,
                time: event.time,
                moment: event.moment,
            }),
            data,
            received_at,
            verdict,
        })
    }

    /// Records a delivery, and sees to it that its runs start.
    pub(super) async fn record(&self, delivery: NewDelivery) -> Result<Delivered, Refusal> {
        let (tenant, connection, now) = (
            delivery.tenant.clone(),
            delivery.connection.clone(),
            delivery.received_at,
        );
        let via = delivery.via;
        // In a task of its own: a sender that goes away must not leave runs that nobody starts.
        let hooks = self.clone();
        let recorded = tokio::spawn(async move {
            failpoint::hit("hooks.before-record");
            let tenant = delivery.tenant.clone();
            let delivered = hooks.0.store.deliver(delivery).await?;
            failpoint::hit("hooks.after-record");
            hooks.0.news.tell(&tenant);
            if delivered.started {
                hooks.0.queue.wake();
            }
            Ok::<_, StoreError>(delivered)
        });
        let delivered = recorded
            .await
            .map_err(|error| StoreError::Failed(format!("recording the event ended early: {error}")))?
            .inspect_err(|error| {
                if via == Via::Webhook && matches!(error, StoreError::Quota(_)) {
                    self.0.metrics.webhook("full");
                }
            })?;
        if via == Via::Webhook {
            let outcome = if delivered.created {
                delivered.state.as_str()
            } else {
                "duplicate"
            };
            self.0.metrics.webhook(outcome);
            self.0.metrics.webhook_received(&tenant, &connection, now);
        } else if delivered.created {
            self.0.metrics.webhook("found");
        }
        Ok(delivered)
    }

    /// Was the object closed before this event, by what is known of it?
    pub(super) async fn was_closed(
        &self,
        tenant: &TenantId,
        connection: &ConnectionName,
        event: &HiveEvent,
    ) -> Result<bool, StoreError> {
        if !matches!(event.object, Object::Case | Object::Alert) {
            return Ok(false);
        }
        let told = self.0.store.told(tenant, connection, event.object, &event.id).await?;
        let moment = event.moment.map_or(event.time, |(at, _)| at);
        // The same reopening, told again, is still one.
        let same = |told: &&Told| told.moment.abs_diff(moment) <= SAME_CLOSURE;
        if told.iter().filter(same).any(|told| told.action == Action::Reopened) {
            return Ok(true);
        }
        let before =
            |told: &&Told| told.action != Action::Created && told.moment <= moment.saturating_add(SAME_CLOSURE);
        Ok(told
            .iter()
            .find(before)
            .is_some_and(|told| told.action == Action::Closed))
    }

    /// The number of the last change to what is recorded of the tenant's events and of its reconciler. With `after` it is waited for another one than
    /// that, at most so long, and not beyond the node's stop.
    pub async fn change(&self, tenant: &TenantId, after: Option<(u64, Duration)>) -> u64 {
        match after {
            None => self.0.news.now(tenant),
            Some((known, wait)) => tokio::select! {
                () = self.0.queue.stopped() => self.0.news.now(tenant),
                change = self.0.news.after(tenant, known, wait) => change,
            },
        }
    }

    /// What a connection's page says: what came, what was turned away, who listens, how far the reconciler is.
    ///
    /// # Errors
    /// `NotFound`: no such TheHive connection.
    pub async fn page(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<Value, StoreError> {
        let receiver = self
            .0
            .receivers
            .get(&(tenant.clone(), connection.clone()))
            .ok_or(StoreError::NotFound)?;
        let counts = self.0.store.hook_counts(tenant, connection).await?;
        let marks = self.0.store.marks(tenant, connection).await?;
        let listeners: Vec<_> = self
            .0
            .index
            .of(tenant, connection)
            .iter()
            .map(|listener| {
                json!({
                    "deployment": listener.deployment, "trigger": listener.webhook.name, "events": listener.webhook.events,
                    "reconcile_seconds": listener.webhook.reconcile_seconds,
                })
            })
            .collect();
        let last = *receiver
            .last_refused
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut page = serde_json::to_value(counts).map_err(|error| StoreError::Failed(error.to_string()))?;
        if let Some(page) = page.as_object_mut() {
            page.insert("connection".into(), json!(connection));
            page.insert("accepts".into(), json!(receiver.guard.as_ref().map(Guard::scheme)));
            page.insert("own_login".into(), json!(receiver.own.login()));
            page.insert(
                "refused_since_start".into(),
                json!(receiver.refused.load(Ordering::Relaxed)),
            );
            page.insert("last_refused_at".into(), json!(last.map(|(at, _)| at)));
            page.insert("last_refused_reason".into(), json!(last.map(|(_, why)| why)));
            page.insert("listeners".into(), json!(listeners));
            page.insert("reconciler".into(), json!(marks));
        }
        Ok(page)
    }
}

impl Receiver {
    /// Counted in memory only: whoever shows no credentials makes the server write nothing. Answers whether to log it: once a minute.
    fn turn_away(&self, stranger: Stranger, now: Timestamp) -> bool {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut last = self
            .last_refused
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = last.replace((now, stranger.as_str()));
        before.is_none_or(|(at, _)| now >= at.saturating_add(REFUSALS_MS))
    }
}

pub(super) fn delivery_id(now: Timestamp) -> Result<DeliveryId, StoreError> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
    Ok(DeliveryId::new(now, random))
}
