//! What does an observable, attachment or comment belong to, and what does that mean for it?

use std::sync::Arc;

use synapse_domain::permission::Scopes;
use tokio::sync::OnceCell;

use super::client::Client;
use super::query::Parent;
use super::{permission, types};
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::thehive::cortex::Subject;
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

/// What an object belongs to, as far as a grant can limit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belonging<'a> {
    /// It is this alert, or belongs to it.
    Alert(&'a str),
    /// It may belong to an alert, which is asked for: the step of a query that gets it, and its id.
    Child(&'static str, &'a str),
    /// No scope limits it.
    Elsewhere,
}

/// Whether a call may touch an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It may.
    Yes,
    /// The grant does not cover it.
    Outside,
    /// It is not there.
    Gone,
}

/// May these scopes reach it? Asks only if they limit alerts, and it may be one.
pub(super) async fn reach(client: &Client, belonging: Belonging<'_>, scopes: &Scopes) -> Result<Reach, Error> {
    if !permission::limits_alerts(scopes) {
        return Ok(Reach::Yes);
    }
    let alert = match belonging {
        Belonging::Elsewhere => return Ok(Reach::Yes),
        Belonging::Alert(id) => match client.by_id(id).await {
            Ok(row) => Some(row),
            Err(Error::NotFound) => return Ok(Reach::Gone),
            Err(error) => return Err(error),
        },
        Belonging::Child(get, id) => client.alert_of(get, id).await?,
    };
    match alert {
        Some(row) if !permission::admits(scopes, &row.kind, &row.source) => Ok(Reach::Outside),
        Some(_) | None => Ok(Reach::Yes),
    }
}

/// The same for a call that asks: what is outside the grant and what does not exist answer alike (G9).
pub(super) async fn must_reach(client: &Client, belonging: Belonging<'_>, scopes: &Scopes) -> Result<(), Error> {
    match reach(client, belonging, scopes).await? {
        Reach::Yes => Ok(()),
        Reach::Outside | Reach::Gone => Err(Error::NotFound),
    }
}

/// What files belong to.
pub(super) fn holder_id(holder: &Holder) -> &str {
    match holder {
        Holder::Case(id) | Holder::Alert(id) | Holder::Log(id) | Holder::Observable(id) => id,
    }
}

/// Which alert files belong to.
pub(super) fn of_holder(holder: &Holder) -> Belonging<'_> {
    match holder {
        Holder::Alert(id) => Belonging::Alert(id),
        Holder::Observable(id) => Belonging::Child("getObservable", id),
        Holder::Case(_) | Holder::Log(_) => Belonging::Elsewhere,
    }
}

/// May these scopes reach its files?
pub(super) async fn admit_holder(client: &Client, holder: &Holder, scopes: &Scopes) -> Result<(), Error> {
    must_reach(client, of_holder(holder), scopes).await
}

/// Where a file is. That of a log entry is spelt with an `s` (contract section 5).
pub(super) fn attachment<'a>(holder: &'a Holder, id: &'a str) -> Vec<&'a str> {
    let (kind, what) = match holder {
        Holder::Case(_) => ("case", "attachment"),
        Holder::Alert(_) => ("alert", "attachment"),
        Holder::Log(_) => ("log", "attachments"),
        Holder::Observable(_) => ("observable", "attachment"),
    };
    vec!["api", "v1", kind, holder_id(holder), what, id]
}

/// Which alert a responder acts on.
pub(super) fn of_subject(subject: &Subject) -> Belonging<'_> {
    match subject {
        Subject::Alert(id) => Belonging::Alert(id),
        Subject::Observable(id) => Belonging::Child("getObservable", id),
        Subject::Case(_) | Subject::Task(_) | Subject::Log(_) => Belonging::Elsewhere,
    }
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
