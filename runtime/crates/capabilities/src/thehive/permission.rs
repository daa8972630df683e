//! Which permission does a request need? A total function: a new request does not compile until it is answered here (threat row 24).

use std::collections::BTreeSet;

use synapse_domain::permission::Scopes;

use super::calls::{CreateAlert, FindAlerts, GetAlert, UpdateAlert};

/// Scope: which alert types.
const TYPE: &str = "alert-type";
/// Scope: which alert sources.
const SOURCE: &str = "alert-source";

/// Every request of this connector.
pub(super) enum Request<'a> {
    CreateAlert(&'a CreateAlert),
    FindAlerts(&'a FindAlerts),
    GetAlert(&'a GetAlert),
    UpdateAlert(&'a UpdateAlert),
    ObservableTypes,
}

/// The arguments that a grant can limit. What a request names by id only is compared with the grant once it is read ([`admits`]).
pub(super) fn scoped(request: &Request<'_>) -> Vec<(&'static str, String)> {
    match request {
        Request::CreateAlert(call) => vec![(TYPE, call.alert.type_.clone()), (SOURCE, call.source.clone())],
        Request::FindAlerts(call) => {
            let named: BTreeSet<_> = call
                .keys
                .iter()
                .flat_map(|key| [(TYPE, key.type_.clone()), (SOURCE, key.source.clone())])
                .collect();
            named.into_iter().collect()
        }
        Request::GetAlert(GetAlert { id: _ }) | Request::UpdateAlert(UpdateAlert { id: _, patch: _ }) => Vec::new(),
        Request::ObservableTypes => Vec::new(),
    }
}

/// Do these scopes limit which alerts may be seen or changed?
pub(super) fn limits_alerts(scopes: &Scopes) -> bool {
    scopes.contains_key(TYPE) || scopes.contains_key(SOURCE)
}

/// May an alert of this type and source be seen or changed?
pub(super) fn admits(scopes: &Scopes, kind: &str, source: &str) -> bool {
    let admitted = |scope: &str, value: &str| scopes.get(scope).is_none_or(|values| values.contains(value));
    admitted(TYPE, kind) && admitted(SOURCE, source)
}
