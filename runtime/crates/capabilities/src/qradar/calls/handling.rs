//! Which calls assign, mark, protect and hide offenses?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::handling::{Actor, Visibility};
use crate::bindings::synapse::qradar::offenses::{Offense, Status};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::qradar::check;
use crate::qradar::client::{Client, not_sent};
use crate::qradar::permission::{self, Domains, Request};
use crate::qradar::query::filter::word;
use crate::qradar::reconcile::{self, Wanted};

read!(
    /// To whom an offense can be assigned.
    AssignableActors {
        /// Its key.
        id: u64,
    } = ASSIGNABLE_ACTORS -> Vec<Actor>,
    |call, client, _scopes, domains| client.assignable_actors(call.id, domains).await
);
keyed!(
    /// Assigns an offense.
    Assign {
        /// Its key.
        id: u64,
        /// To whom.
        user: String,
    } = ASSIGN -> Offense,
    check |call| check::user(&call.user),
    |call, client, _scopes, domains, effect| reconcile::assign(client, call, domains, effect).await
);
keyed!(
    /// Marks an offense for follow-up, or takes the mark away.
    SetFollowUp {
        /// Its key.
        id: u64,
        /// Marked?
        follow_up: bool,
    } = SET_FOLLOW_UP -> Offense,
    check |_| Ok(()),
    |call, client, _scopes, domains, effect| {
        let wanted = Wanted {
            what: "the mark for follow-up of an offense",
            field: ("follow_up", call.follow_up.to_string()),
            holds: |offense, value| offense.follow_up.to_string() == value,
        };
        reconcile::set(client, call.id, &wanted, domains, effect).await
    }
);
keyed!(
    /// Protects an offense, or no longer.
    SetProtected {
        /// Its key.
        id: u64,
        /// Protected?
        protected: bool,
    } = SET_PROTECTED -> Offense,
    check |_| Ok(()),
    |call, client, _scopes, domains, effect| {
        let wanted = Wanted {
            what: "the protection of an offense",
            field: ("protected", call.protected.to_string()),
            holds: |offense, value| offense.protected.to_string() == value,
        };
        reconcile::set(client, call.id, &wanted, domains, effect).await
    }
);
keyed!(
    /// Shows or hides an offense.
    SetStatus {
        /// Its key.
        id: u64,
        /// Where it is seen.
        status: Visibility,
    } = SET_STATUS -> Offense,
    check |_| Ok(()),
    |call, client, _scopes, domains, effect| {
        let status = match call.status {
            Visibility::Open => Status::Open,
            Visibility::Hidden => Status::Hidden,
        };
        let wanted = Wanted {
            what: "the status of an offense",
            field: ("status", word(status).to_owned()),
            holds: |offense, value| word(offense.status) == value,
        };
        reconcile::set(client, call.id, &wanted, domains, effect).await
    }
);
