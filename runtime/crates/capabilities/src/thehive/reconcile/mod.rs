//! Did it happen, and was it us (design G3)? One file per kind of object.
//!
//! What creates is asked for by its marker, or met again by its natural key; what sets fields looks first when it is repeated.

mod alerts;
mod around;
mod bulk;
mod cases;
mod comments;
mod cortex;
mod links;
mod merging;
mod observables;
mod platform;
mod raw;
mod removal;
mod shares;
mod tasks;

pub(super) use alerts::{create, update};
pub(super) use around::{
    attach_to_log, attached_to_log, create_event, create_page, create_procedure, created_event, created_page,
    created_procedure, set_action, update_comment, update_event, update_log, update_observable, update_page,
    update_procedure,
};
pub(super) use bulk::{update_alerts, update_cases, update_observables, update_tasks};
pub(super) use cases::{close_case, create_case, created_case, promote, promoted, reopen_case, update_case};
pub(super) use comments::{add_comment, added_comment};
pub(super) use cortex::{ran_analyzer, ran_responder, run_analyzer, run_responder};
pub(super) use links::{link_case, link_url, unlink_case, unlink_url};
pub(super) use merging::{
    apply_template, follow_alert, import_alert, imported_alert, merge_alert, merge_alerts, merge_cases,
    merge_observables, merged_alert, merged_alerts, merged_cases, parts, unlink_alert,
};
pub(super) use observables::{add_file, add_text, attach, attached};
pub(super) use platform::{
    create_definition, create_template, create_user, delete_definition, set_locked, update_definition, update_template,
};
pub(super) use raw::raw_write;
pub(super) use removal::remove;
pub(super) use shares::{
    add_shares, change_owner, remove_shares, set_access, set_share_profile, set_shares, share_with,
};
pub(super) use tasks::{create_log, create_task, created_log, created_task, update_task};

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::client::Client;
use super::owner::{self, Belonging, Reach};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};

/// The target said no, or what is there says it.
fn refused(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Refused,
    }
}

/// What a failed look before a sending says: before the first one nothing was sent; afterwards it says nothing about the sending
/// before it, unless there is no such object any more.
fn looked(effect: &EffectId, error: Error) -> Failure {
    let certainty = match (effect.repeat, &error) {
        (false, _) => Certainty::NotSent,
        (true, Error::NotFound) => Certainty::Refused,
        (true, _) => Certainty::Unknown,
    };
    Failure { error, certainty }
}

/// It happened now.
fn performed<A>(answer: A) -> Done<A> {
    Done {
        answer,
        how: How::Performed,
    }
}

/// It had happened before.
fn adopted<A>(answer: A) -> Done<A> {
    Done {
        answer,
        how: How::Adopted,
    }
}

/// Goes on only where the grant covers an object. Before a sending.
async fn admitted(
    client: &Client,
    belonging: Belonging<'_>,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<(), Failure> {
    match owner::reach(client, belonging, scopes).await {
        Ok(Reach::Yes) => Ok(()),
        Ok(Reach::Outside | Reach::Gone) => Err(refused(Error::NotFound)),
        Err(error) => Err(looked(effect, error)),
    }
}

/// May a change that did not happen be repeated? Not over somebody else's later change.
fn unchanged(kind: &str, id: &str, updated_at: Option<u64>, effect: &EffectId) -> Result<(), Failure> {
    if updated_at.is_some_and(|at| at > effect.since) {
        let why = format!("{kind} {id} was changed by somebody else after the update was first sent");
        return Err(refused(Error::Conflict(why)));
    }
    Ok(())
}
