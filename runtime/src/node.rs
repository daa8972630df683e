//! What makes a node? Store, connections, engine and queue, wired once at start.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use synapse_capabilities::blobs::{Quotas, Vault};
use synapse_capabilities::connection::{Client, Connections};
use synapse_capabilities::gate::NodeLease;
use synapse_domain::clock::SharedClock;
use synapse_store::Store;
use synapse_store::sqlite::SqliteStore;

use crate::config::{self, Config};
use crate::engine::{Active, Engine, Grants, Holds, Loaded, components};
use crate::metrics::Metrics;
use crate::pausing::Pausing;
use crate::queue::{Places, Queue};
use crate::sweep::sweep;
use crate::triggers::schedule::Schedules;
use crate::triggers::source::{Parts, Sources};
use crate::triggers::webhook::Hooks;

/// How often consoles are rid of searches that a crash left behind.
const JANITOR_PERIOD: Duration = Duration::from_secs(600);

/// A node. Shared by everything that serves.
pub struct Node {
    /// The configuration it was started with.
    pub config: Config,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: SharedClock,
    /// Upstreams.
    pub connections: Arc<Connections>,
    /// What carries runs.
    pub engine: Arc<Engine>,
    /// The way to it.
    pub queue: Queue,
    /// What starts runs at their times.
    pub schedules: Schedules,
    /// Pauses and maintenance windows.
    pub pausing: Arc<Pausing>,
    /// Receivers of TheHive's events.
    pub hooks: Hooks,
    /// The sources that are watched.
    pub sources: Sources,
    /// Counters.
    pub metrics: Metrics,
    draining: AtomicBool,
}

impl Node {
    /// Opens the store and starts everything but HTTP.
    ///
    /// # Errors
    /// Whatever is wrong, with what to do.
    pub async fn start(config: Config) -> anyhow::Result<Arc<Self>> {
        let built = config::connections(&config);
        if !built.problems.is_empty() {
            let problems: Vec<_> = built.problems.iter().map(|problem| format!("  - {problem}")).collect();
            anyhow::bail!("connections cannot be built:\n{}", problems.join("\n"));
        }
        let guards = config::hooks(&config).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(|problem| format!("  - {problem}")).collect();
            anyhow::anyhow!("webhooks cannot be accepted:\n{}", problems.join("\n"))
        })?;
        let windows = config::windows(&config).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(|problem| format!("  - {problem}")).collect();
            anyhow::anyhow!("maintenance windows cannot be kept:\n{}", problems.join("\n"))
        })?;
        let store: Arc<dyn Store> = open_store(&config.server.data_dir).await?;
        let quotas = Quotas {
            tenant_bytes: config.limits.spool_bytes_per_tenant,
            blob_bytes: config.limits.blob_bytes,
        };
        // After the store, whose lock says that nobody else writes here.
        let vault = Vault::open(&config.server.data_dir.join("blobs"), quotas)
            .map_err(|error| anyhow::anyhow!("the folder `blobs` of the data folder cannot be used: {error}"))?;
        let clock = config::clock();
        let connections = Arc::new(built.connections);
        let ceilings: HashMap<_, _> = config
            .tenants
            .iter()
            .map(|(name, tenant)| (name.clone(), tenant.ceiling.clone()))
            .collect();
        let executable = std::env::current_exe()?;
        let metrics = Metrics::new()?;
        let lease = Arc::new(NodeLease::default());
        let engine = Arc::new(Engine {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            connections: Arc::clone(&connections),
            grants: Arc::new(Grants::new(Arc::clone(&store), ceilings)),
            loaded: Loaded::new(Arc::clone(&store), components(&config.server.data_dir, &executable)?),
            lease: Arc::clone(&lease),
            vault: Arc::clone(&vault),
            holds: Holds::default(),
            active: Active::default(),
        });
        let name = format!("node-{}", std::process::id());
        let places = Places {
            total: config.limits.running,
            per_tenant: config.limits.running_per_tenant,
        };
        let queue = Queue::new(Arc::clone(&engine), name.clone(), places, metrics.clone());
        let lease_time = Duration::from_secs(config.server.lease_seconds);
        extend(&store, &clock, &lease, &name, lease_time).await?;
        tokio::spawn(heartbeat(
            Arc::clone(&store),
            Arc::clone(&clock),
            lease,
            name.clone(),
            lease_time,
        ));
        tokio::spawn(sweep(vault, Arc::clone(&store)));
        let schedules = Schedules::new(Arc::clone(&store), Arc::clone(&clock), queue.clone());
        let pausing = Arc::new(Pausing::new(
            Arc::clone(&engine),
            queue.clone(),
            schedules.clone(),
            windows,
        ));
        // Before anything starts: what is paused, and what is under maintenance.
        engine.holds.set(store.pauses(None).await?, &connections);
        pausing.open_windows().await?;
        tokio::spawn(janitor(Arc::clone(&connections)));
        tokio::spawn(Arc::clone(&pausing).work());
        tokio::spawn(schedules.clone().work());
        tokio::spawn(queue.clone().dispatch());
        let hooks = Hooks::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            queue.clone(),
            Arc::clone(&connections),
            guards,
            metrics.clone(),
        );
        hooks.start(config.tenants.keys()).await?;
        let sources = Sources::start(Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            connections: Arc::clone(&connections),
            grants: Arc::clone(&engine.grants),
            queue: queue.clone(),
            node: name,
            tenants: config.tenants.keys().cloned().collect(),
        });
        Ok(Arc::new(Self {
            config,
            store,
            clock,
            connections,
            engine,
            queue,
            schedules,
            pausing,
            hooks,
            sources,
            metrics,
            draining: AtomicBool::new(false),
        }))
    }

    /// Is the node on its way down?
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// From now on the node is not ready.
    pub fn begin_drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Lets runs under way end or hands them back, and answers who waits for them. The store stays open for those answers.
    pub async fn drain(&self) {
        self.sources.stop();
        self.queue
            .drain(Duration::from_secs(self.config.server.drain_seconds))
            .await;
    }
}

/// Opens the store of a data folder, making the folder if it is missing.
///
/// # Errors
/// Another server holds it, or it is damaged.
pub async fn open_store(data_dir: &Path) -> anyhow::Result<Arc<SqliteStore>> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(|error| anyhow::anyhow!("the data folder `{}` cannot be made: {error}", data_dir.display()))?;
    Ok(SqliteStore::open(&data_dir.join("synapse.db"), Default::default()).await?)
}

/// Extends the lease, durably first.
async fn extend(
    store: &Arc<dyn Store>,
    clock: &SharedClock,
    lease: &NodeLease,
    name: &str,
    time: Duration,
) -> anyhow::Result<()> {
    let until = clock.now().saturating_add(u64::try_from(time.as_millis())?);
    store.heartbeat(name, until).await?;
    lease.extend(until);
    Ok(())
}

/// Keeps the lease alive. When the store does not answer it ends, and with it the right to start effects.
async fn heartbeat(store: Arc<dyn Store>, clock: SharedClock, lease: Arc<NodeLease>, name: String, time: Duration) {
    loop {
        tokio::time::sleep(time / 3).await;
        if let Err(error) = extend(&store, &clock, &lease, &name, time).await {
            tracing::error!(%error, "the node's lease cannot be extended");
        }
    }
}

/// Deletes searches that attempts left at consoles when they were killed.
async fn janitor(connections: Arc<Connections>) {
    loop {
        for (tenant, name, connection) in connections.all() {
            if let Client::QRadar(console) = &connection.client
                && !connection.is_left_alone()
                && let Err(error) = console.janitor(JANITOR_PERIOD).await
            {
                tracing::warn!(tenant.id = %tenant, connection = %name, ?error, "old searches cannot be deleted");
            }
        }
        tokio::time::sleep(JANITOR_PERIOD).await;
    }
}
