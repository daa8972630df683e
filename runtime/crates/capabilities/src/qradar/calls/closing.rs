//! Which calls close offenses?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::closing::ClosingReason;
use crate::bindings::synapse::qradar::offenses::Offense;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::qradar::client::{Client, not_sent};
use crate::qradar::permission::{self, Domains, Request};
use crate::qradar::reconcile;

read!(
    /// All closing reasons that the grant covers.
    ClosingReasons {} = CLOSING_REASONS -> Vec<ClosingReason>,
    |_call, client, scopes, _domains| {
        let mut reasons = client.closing_reasons().await?;
        reasons.retain(|reason| permission::allows_reason(scopes, reason));
        Ok(reasons)
    }
);
keyed!(
    /// Closes an offense.
    CloseOffense {
        /// Its key.
        id: u64,
        /// Why.
        closing_reason_id: u64,
    } = CLOSE_OFFENSE -> Offense,
    check |_| Ok(()),
    |call, client, scopes, domains, effect| reconcile::close(client, call, scopes, domains, effect).await
);
