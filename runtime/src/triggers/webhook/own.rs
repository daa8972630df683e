//! Who are we at TheHive? What a workflow writes there comes back as an event, and must not start it again (contract 6.2, loop guard).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use synapse_capabilities::bindings::synapse::workflow::types::Error;
use synapse_capabilities::connection;
use synapse_capabilities::thehive::client::Client;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, TenantId};

use super::receive::Hooks;

/// How long an event waits for the answer: a server that never says who we are must not hold its events for ever.
const PATIENCE_MS: u64 = 600_000;

/// Pause between two looks for connections that were not asked.
const REST: Duration = Duration::from_secs(5);

/// What is known of a connection's own user.
#[derive(Debug, Default)]
pub(super) struct Own {
    known: Mutex<Known>,
    asking: AtomicBool,
}

#[derive(Debug, Default, Clone)]
enum Known {
    /// It was not answered yet.
    #[default]
    NotYet,
    /// The login.
    Login(String),
    /// It cannot be asked.
    Never,
}

impl Own {
    /// Is this login the connection's own? None: that is not known yet.
    pub(super) fn is(&self, actor: Option<&str>) -> Option<bool> {
        let Some(actor) = actor else { return Some(false) };
        match &*self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Known::NotYet => None,
            Known::Login(login) => Some(login.eq_ignore_ascii_case(actor)),
            Known::Never => Some(false),
        }
    }

    /// The login, if it is known.
    pub(super) fn login(&self) -> Option<String> {
        match &*self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Known::Login(login) => Some(login.clone()),
            Known::NotYet | Known::Never => None,
        }
    }

    /// Is the event to wait for the answer?
    pub(super) fn waits(received_at: Timestamp, now: Timestamp) -> bool {
        now < received_at.saturating_add(PATIENCE_MS)
    }

    /// Asks.
    ///
    /// # Errors
    /// Why it has to be asked again.
    async fn ask(&self, client: &Client) -> Result<(), String> {
        let known = match client.own_login().await {
            Ok(login) => Known::Login(login),
            Err(Error::Unsupported(_)) => Known::Never,
            Err(error) => return Err(format!("{error:?}")),
        };
        *self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = known;
        Ok(())
    }
}

impl Hooks {
    /// Asks every TheHive that somebody listens to who we are there, until it has answered.
    pub(super) async fn ask_who_we_are(self) {
        loop {
            drop(self.ask_unknown(None));
            tokio::time::sleep(REST).await;
        }
    }

    /// Asks those of a tenant, and waits a little: whoever has just deployed a trigger wants its first event to be decided at once.
    pub(super) async fn ask_for(&self, tenant: &TenantId) {
        let asks = futures::future::join_all(self.ask_unknown(Some(tenant)));
        // Whoever does not answer in this time is asked on in the background.
        tokio::time::timeout(REST, asks).await.ok();
    }

    /// Each in a task of its own: one that does not answer keeps nobody waiting.
    fn ask_unknown(&self, tenant: Option<&TenantId>) -> Vec<tokio::task::JoinHandle<()>> {
        let unknown = self.0.receivers.iter().filter(|(at, receiver)| {
            tenant.is_none_or(|tenant| at.0 == *tenant)
                && receiver.own.is(Some("")).is_none()
                && !self.0.index.of(&at.0, &at.1).is_empty()
                && !receiver.own.asking.swap(true, Ordering::AcqRel)
        });
        let asks = unknown.map(|(at, _)| {
            let (hooks, at) = (self.clone(), at.clone());
            tokio::spawn(async move { hooks.ask(&at).await })
        });
        asks.collect()
    }

    async fn ask(&self, at: &(TenantId, ConnectionName)) {
        let (Some(receiver), Some(connection)) = (self.0.receivers.get(at), self.0.connections.get(&at.0, &at.1))
        else {
            return;
        };
        if let connection::Client::TheHive(client) = &connection.client
            && !connection.is_left_alone()
            && let Err(error) = receiver.own.ask(client).await
        {
            let error = connection.redactor.clean(&error);
            tracing::warn!(tenant.id = %at.0, connection = %at.1, error, "TheHive does not say who we are; its events wait for that");
        }
        receiver.own.asking.store(false, Ordering::Release);
        self.0.pending.notify_one();
    }
}
