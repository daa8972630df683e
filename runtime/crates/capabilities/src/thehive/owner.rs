//! What does an observable, attachment or comment belong to, and what does that mean for it?

use std::sync::Arc;

use synapse_domain::permission::Scopes;
use tokio::sync::OnceCell;

use super::client::Client;
use super::query::Parent;
use super::{permission, types};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::workflow::types::Error;

/// What is looked at once for all items of one call of the guest.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<OnceCell<Levels>>);

/// How guarded an owner is, and which alert it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Levels {
    tlp: u8,
    pap: u8,
    /// An alert's type and source.
    alert: Option<(String, String)>,
}

/// The server's id.
pub(super) fn id(owner: &Owner) -> &str {
    match owner {
        Owner::Case(id) | Owner::Alert(id) => id,
    }
}

/// Where a list of what belongs to it begins.
pub(super) fn parent(owner: &Owner) -> Parent<'_> {
    match owner {
        Owner::Case(id) => Parent::Case(id),
        Owner::Alert(id) => Parent::Alert(id),
    }
}

/// Where something is added to it.
pub(super) fn path<'a>(owner: &'a Owner, what: &'a str) -> [&'a str; 5] {
    match owner {
        Owner::Case(id) => ["api", "v1", "case", id, what],
        Owner::Alert(id) => ["api", "v1", "alert", id, what],
    }
}

/// Its TLP and PAP, so that what is added is not less guarded than it. An alert outside the grant and one that does not exist answer
/// alike (G9).
pub(super) async fn levels(client: &Client, owner: &Owner, seen: &Seen, scopes: &Scopes) -> Result<(u8, u8), Error> {
    let levels = seen.0.get_or_try_init(|| look(client, owner)).await?;
    match &levels.alert {
        Some((kind, source)) if !permission::admits(scopes, kind, source) => Err(Error::NotFound),
        _ => Ok((levels.tlp, levels.pap)),
    }
}

/// May these scopes reach it? Asks only if they limit alerts, and it is one.
pub(super) async fn admit(client: &Client, owner: &Owner, scopes: &Scopes) -> Result<(), Error> {
    match owner {
        Owner::Alert(id) if permission::limits_alerts(scopes) => {
            let row = client.by_id(id).await?;
            if permission::admits(scopes, &row.kind, &row.source) {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        }
        Owner::Case(_) | Owner::Alert(_) => Ok(()),
    }
}

async fn look(client: &Client, owner: &Owner) -> Result<Levels, Error> {
    let level =
        |number: i64, what: &str| u8::try_from(number).map_err(|_| types::unreadable(&format!("a {what} of {number}")));
    match owner {
        Owner::Case(id) => {
            let row = client.case(id).await?;
            Ok(Levels {
                tlp: level(row.tlp, "TLP")?,
                pap: level(row.pap, "PAP")?,
                alert: None,
            })
        }
        Owner::Alert(id) => {
            let row = client.by_id(id).await?;
            Ok(Levels {
                tlp: level(row.tlp, "TLP")?,
                pap: level(row.pap, "PAP")?,
                alert: Some((row.kind, row.source)),
            })
        }
    }
}
