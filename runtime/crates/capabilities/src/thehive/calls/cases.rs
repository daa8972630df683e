//! Which calls on cases are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::thehive::cases::{Case, CaseFilter, CasePage, CasePatch, Closing, NewCase};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure, Read, Write};
use crate::thehive::client::Client;
use crate::thehive::query::CASES;
use crate::thehive::query::cursor::{self, Place};
use crate::thehive::types::CaseRow;
use crate::thehive::{check, permission, reconcile};

/// `create-cases`, one item. The marker that the client adds is not an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreateCase {
    /// What the guest asks for.
    pub case: NewCase,
}

/// `find-cases`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindCases {
    /// All conditions hold.
    pub filter: CaseFilter,
    /// Of the page before.
    pub cursor: Option<String>,
}

/// `get-case`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GetCase {
    /// The server's id, or the number.
    pub id: String,
}

/// `update-case`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdateCase {
    /// The server's id.
    pub id: String,
    /// Absolute values.
    pub patch: CasePatch,
}

/// `close-case`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CloseCase {
    /// The server's id.
    pub id: String,
    /// How it ends.
    pub closing: Closing,
}

/// `reopen-case`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReopenCase {
    /// The server's id.
    pub id: String,
}

/// `promote-alert`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromoteAlert {
    /// The alert's id.
    pub alert_id: String,
    /// Login of who handles the case.
    pub assignee: Option<String>,
    /// Name of a case template.
    pub case_template: Option<String>,
}

impl Write for CreateCase {
    const OPERATION: Operation = Operation::write("thehive/cases.create-cases", Effect::Probe);
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CreateCase(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.case.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::create_case(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Case>, Failure> {
        reconcile::create_case(client, self, effect).await
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<Case>, Error> {
        reconcile::created_case(client, effect).await
    }
}

impl Write for UpdateCase {
    const OPERATION: Operation = Operation::write("thehive/cases.update-case", Effect::Keyed);
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::UpdateCase(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::update_case(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Case>, Failure> {
        reconcile::update_case(client, self, effect).await
    }
}

impl Write for CloseCase {
    const OPERATION: Operation = Operation::write("thehive/cases.close-case", Effect::Keyed);
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CloseCase(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::close_case(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Case>, Failure> {
        reconcile::close_case(client, self, effect).await
    }
}

impl Write for ReopenCase {
    const OPERATION: Operation = Operation::write("thehive/cases.reopen-case", Effect::Keyed);
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ReopenCase(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::id(&self.id)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Case>, Failure> {
        reconcile::reopen_case(client, self, effect).await
    }
}

impl Write for PromoteAlert {
    const OPERATION: Operation = Operation::write("thehive/cases.promote-alert", Effect::Probe);
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::PromoteAlert(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::promote(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Case>, Failure> {
        reconcile::promote(client, self, scopes, effect).await
    }

    async fn probe(&self, client: &Client, _effect: &EffectId) -> Result<Option<Case>, Error> {
        reconcile::promoted(client, self).await
    }
}

impl Read for FindCases {
    const OPERATION: Operation = Operation::read("thehive/cases.find-cases");
    type Target = Client;
    type Answer = CasePage;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::FindCases(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<CasePage, Error> {
        check::find_cases(&self.filter)?;
        let place: Option<Place> = match &self.cursor {
            Some(cursor) => Some(cursor::decode(&self.filter, cursor)?),
            None => None,
        };
        let (rows, more) = client.cases(&self.filter, place.as_ref(), CASES).await?;
        let next = more.then(|| after(place.as_ref(), &rows)).flatten();
        let cases = rows.into_iter().map(|row| client.shown_case(row));
        Ok(CasePage {
            cases: cases.collect::<Result<_, _>>()?,
            cursor: next.map(|place| cursor::encode(&self.filter, &place)),
        })
    }
}

impl Read for GetCase {
    const OPERATION: Operation = Operation::read("thehive/cases.get-case");
    type Target = Client;
    type Answer = Case;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::GetCase(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Case, Error> {
        check::case_id(&self.id)?;
        client.shown_case(client.case(&self.id).await?)
    }
}

/// Where the page after these cases starts: at the last one's moment, behind those that were made in it.
fn after(place: Option<&Place>, rows: &[CaseRow]) -> Option<Place> {
    let created_at = rows.last()?.created_at;
    let here = rows.iter().filter(|row| row.created_at == created_at).count();
    let before = place
        .filter(|place| place.created_at == created_at)
        .map_or(0, |place| place.seen);
    Some(Place {
        created_at,
        seen: before.saturating_add(here),
    })
}
