//! What does the host know about a tenant's upstream that the guest only knows by name?

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use synapse_domain::ids::{BindingName, ConnectionName, TenantId};
use synapse_domain::secret::Redactor;

use crate::egress::Egress;
use crate::ews::client::Client as Ews;
use crate::gate::Failure;
use crate::lab::client::Client as Lab;
use crate::qradar::client::Client as QRadar;
use crate::thehive::client::Client as TheHive;

/// A guest's handle to a connection: unforgeable, bound to the run's tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// Under which name the deployment binds it.
    pub binding: BindingName,
    /// Which connection that is.
    pub connection: ConnectionName,
}

/// A named, configured upstream of a tenant.
#[derive(Debug)]
pub struct Connection {
    /// Its immutable source id: an alert's `source` (at most 32 characters).
    pub source_id: String,
    /// How uncertain effects of this connection are settled.
    pub settle: Settle,
    /// Items of a list call that are under way at once.
    pub width: usize,
    /// Takes this connection's credentials out of any text.
    pub redactor: Redactor,
    /// The typed client.
    pub client: Client,
}

/// When an effect in doubt may be resolved (design G2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settle {
    /// How long after its intent a request may still be sent.
    pub send_window: Duration,
    /// Longest time a request can take.
    pub request_deadline: Duration,
    /// How long after a change the target's queries may not show it.
    pub visibility_lag: Duration,
    /// How long an unknown effect is tried to be resolved before a person is asked.
    pub patience: Duration,
}

impl Settle {
    /// The wait after the last moment at which the request can have been sent.
    pub fn wait(&self) -> Duration {
        self.request_deadline.saturating_add(self.visibility_lag)
    }
}

/// The client of a connection, by kind.
#[derive(Debug)]
pub enum Client {
    /// `thehive`
    TheHive(Box<TheHive>),
    /// `qradar`
    QRadar(Box<QRadar>),
    /// `ews`
    Ews(Box<Ews>),
    /// `lab`
    Lab(Box<Lab>),
}

impl Client {
    /// The kind's name, as in manifests and configuration.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TheHive(_) => "thehive",
            Self::QRadar(_) => "qradar",
            Self::Ews(_) => "ews",
            Self::Lab(_) => "lab",
        }
    }
}

impl Connection {
    /// The way to the target; none: a laboratory's without one.
    pub fn egress(&self) -> Option<&Egress> {
        match &self.client {
            Client::TheHive(client) => Some(client.egress()),
            Client::QRadar(client) => Some(client.egress()),
            Client::Ews(client) => Some(client.egress()),
            Client::Lab(client) => client.way(),
        }
    }

    /// Is it under maintenance, so that nothing asks it by itself?
    pub fn is_left_alone(&self) -> bool {
        self.egress().is_some_and(|egress| egress.health().is_muted())
    }

    /// Waits until a write may begin; answers whether there was a wait.
    pub(crate) async fn turn(&self) -> Result<bool, Failure> {
        match self.egress() {
            Some(egress) => egress.turn().await,
            None => Ok(false),
        }
    }
}

/// Picks the typed client out of a connection.
pub trait Target: Sized + Send + Sync + 'static {
    /// The kind's name.
    const KIND: &'static str;
    /// The client, if the connection is of this kind.
    fn of(connection: &Connection) -> Option<&Self>;
}

macro_rules! target {
    ($type:ty, $variant:ident, $kind:literal) => {
        impl Target for $type {
            const KIND: &'static str = $kind;
            fn of(connection: &Connection) -> Option<&Self> {
                match &connection.client {
                    Client::$variant(client) => Some(client),
                    _ => None,
                }
            }
        }
    };
}

target!(TheHive, TheHive, "thehive");
target!(QRadar, QRadar, "qradar");
target!(Ews, Ews, "ews");
target!(Lab, Lab, "lab");

/// All connections of all tenants; a foreign one does not exist for a tenant.
#[derive(Debug, Default)]
pub struct Connections {
    by_tenant: HashMap<TenantId, HashMap<ConnectionName, Arc<Connection>>>,
}

impl Connections {
    /// Adds a connection of a tenant.
    pub fn add(&mut self, tenant: TenantId, name: ConnectionName, connection: Connection) {
        self.by_tenant
            .entry(tenant)
            .or_default()
            .insert(name, Arc::new(connection));
    }

    /// A connection of this tenant.
    pub fn get(&self, tenant: &TenantId, name: &ConnectionName) -> Option<Arc<Connection>> {
        self.by_tenant.get(tenant)?.get(name).cloned()
    }

    /// Every connection, for janitors and health.
    pub fn all(&self) -> impl Iterator<Item = (&TenantId, &ConnectionName, &Arc<Connection>)> {
        self.by_tenant
            .iter()
            .flat_map(|(tenant, named)| named.iter().map(move |(name, connection)| (tenant, name, connection)))
    }
}
