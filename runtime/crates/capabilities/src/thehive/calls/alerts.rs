//! Which calls on alerts are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::limits;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::thehive::alerts::{Alert, AlertKey, AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::gate::{Done, EffectId, Failure, Read, Write};
use crate::thehive::client::Client;
use crate::thehive::{check, permission, reconcile};

/// `create-alerts`, one item. The marker that the client adds is not an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreateAlert {
    /// The source id that is pinned for the origin's binding.
    pub source: String,
    /// What the guest asks for.
    pub alert: NewAlert,
}

/// `find-alerts`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindAlerts {
    /// Natural keys.
    pub keys: Vec<AlertKey>,
}

/// `get-alert`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GetAlert {
    /// The server's id.
    pub id: String,
}

/// `update-alert`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdateAlert {
    /// The server's id.
    pub id: String,
    /// Absolute values.
    pub patch: AlertPatch,
}

/// `observable-types`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObservableTypes {}

impl Write for CreateAlert {
    const OPERATION: Operation = Operation::write("thehive/alerts.create-alerts", Effect::Keyed);
    type Target = Client;
    type Answer = Alert;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CreateAlert(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.alert.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::create(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Alert>, Failure> {
        reconcile::create(client, self, effect).await
    }
}

impl Write for UpdateAlert {
    const OPERATION: Operation = Operation::write("thehive/alerts.update-alert", Effect::Keyed);
    type Target = Client;
    type Answer = Alert;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::UpdateAlert(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::update(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Alert>, Failure> {
        reconcile::update(client, self, scopes, effect).await
    }
}

impl Read for FindAlerts {
    const OPERATION: Operation = Operation::read("thehive/alerts.find-alerts");
    type Target = Client;
    type Answer = Vec<Option<Alert>>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::FindAlerts(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Self::Answer, Error> {
        if self.keys.len() > limits::BATCH_ITEMS {
            let reason = format!("{} keys; at most {} in one call", self.keys.len(), limits::BATCH_ITEMS);
            return Err(Error::Invalid(InvalidArgument {
                field: "keys".to_owned(),
                reason,
            }));
        }
        let found = client.find(&self.keys).await?;
        found
            .into_iter()
            .map(|alert| alert.map(|alert| client.shown(alert)).transpose())
            .collect()
    }
}

impl Read for GetAlert {
    const OPERATION: Operation = Operation::read("thehive/alerts.get-alert");
    type Target = Client;
    type Answer = Alert;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::GetAlert(self))
    }

    async fn perform(&self, client: &Client, scopes: &Scopes) -> Result<Alert, Error> {
        check::id(&self.id)?;
        let alert = client.by_id(&self.id).await?;
        // An alert outside the grant and one that does not exist answer alike (G9).
        if permission::admits(scopes, &alert.kind, &alert.source) {
            client.shown(alert)
        } else {
            Err(Error::NotFound)
        }
    }
}

impl Read for ObservableTypes {
    const OPERATION: Operation = Operation::read("thehive/alerts.observable-types");
    type Target = Client;
    type Answer = Vec<String>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ObservableTypes)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Vec<String>, Error> {
        Ok(client.fetch_observable_types().await?.names())
    }
}
