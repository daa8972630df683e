//! Was what belongs to a case or alert made or changed, and was it us: events, techniques, pages, texts, files (contract section 7)?

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{admitted, adopted, looked, performed, unchanged};
use crate::bindings::synapse::thehive::observables::{Existing, Owner};
use crate::bindings::synapse::thehive::pages::Page;
use crate::bindings::synapse::thehive::procedures::Procedure;
use crate::bindings::synapse::thehive::tasks::Log;
use crate::bindings::synapse::thehive::timeline::Entry;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{
    AttachToLog, CreateEvent, CreatePage, CreateProcedure, SetAction, UpdateComment, UpdateEvent, UpdateLog,
    UpdateObservable, UpdatePage, UpdateProcedure,
};
use crate::thehive::client::{Client, File, not_sent, unknown};
use crate::thehive::owner::Belonging;
use crate::thehive::types::{self, EventPatchBody, PageBody, ProcedureBody};

/// Adds an event to a timeline.
pub async fn create_event(
    client: &Client,
    call: &CreateEvent,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<String>, Failure> {
    let start = Instant::now();
    let id = client.create_event(&call.event, &effect.marker(), start).await?;
    Ok(performed(id))
}

/// The event that this effect added.
pub async fn created_event(client: &Client, call: &CreateEvent, effect: &EffectId) -> Result<Option<String>, Error> {
    let row = client.marked_event(&call.event, &effect.marker()).await?;
    Ok(row.map(|row| row.entity_id))
}

/// Sets fields of an event. Its marker stays, so it is read first.
pub async fn update_event(
    client: &Client,
    call: &UpdateEvent,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Entry>, Failure> {
    let start = Instant::now();
    let row = client.event_of(&call.case_id, &call.id).await;
    let row = row.map_err(|error| looked(effect, error))?;
    let new = call.patch.description.as_deref();
    let body = EventPatchBody {
        title: call.patch.title.as_deref(),
        date: call.patch.date,
        end_date: call.patch.end_date,
        description: new.map(|new| types::remark(row.description(), new)),
    };
    if effect.repeat {
        if row.is_as_asked(&body) {
            return Ok(adopted(row.into_entry()));
        }
        unchanged("event", &call.id, row.updated_at(), effect)?;
    }
    client.update_event(&call.id, &body, start).await?;
    let row = client.event_of(&call.case_id, &call.id).await.map_err(unknown)?;
    Ok(performed(row.into_entry()))
}

/// Adds a technique.
pub async fn create_procedure(
    client: &Client,
    call: &CreateProcedure,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Procedure>, Failure> {
    let start = Instant::now();
    let belonging = match &call.owner {
        Owner::Alert(id) => Belonging::Alert(id),
        Owner::Case(_) => Belonging::Elsewhere,
    };
    admitted(client, belonging, scopes, effect).await?;
    let (owner, new) = (&call.owner, &call.procedure);
    let row = client.create_procedure(owner, new, &effect.marker(), start).await?;
    Ok(performed(row.into_procedure()))
}

/// The technique that this effect added.
pub async fn created_procedure(
    client: &Client,
    call: &CreateProcedure,
    effect: &EffectId,
) -> Result<Option<Procedure>, Error> {
    let (owner, new) = (&call.owner, &call.procedure);
    let row = client.marked_procedure(owner, new, &effect.marker()).await?;
    Ok(row.map(types::ProcedureRow::into_procedure))
}

/// Sets fields of a technique. Its marker stays, so it is read first.
pub async fn update_procedure(
    client: &Client,
    call: &UpdateProcedure,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Procedure>, Failure> {
    let start = Instant::now();
    admitted(client, Belonging::Child("getProcedure", &call.id), scopes, effect).await?;
    let row = client.procedure(&call.id).await;
    let row = row.map_err(|error| looked(effect, error))?;
    let old = row.description.clone().unwrap_or_default();
    let new = call.patch.description.as_deref();
    let body = ProcedureBody {
        pattern_id: None,
        occur_date: call.patch.occurred_at,
        tactic: call.patch.tactic.as_deref(),
        description: new.map(|new| types::remark(&old, new)),
    };
    if effect.repeat {
        if row.is_as_asked(&body) {
            return Ok(adopted(row.into_procedure()));
        }
        unchanged("technique", &row.id, row.updated_at, effect)?;
    }
    client.update_procedure(&call.id, &body, start).await?;
    let row = client.procedure(&call.id).await.map_err(unknown)?;
    Ok(performed(row.into_procedure()))
}

/// Writes a page.
pub async fn create_page(
    client: &Client,
    call: &CreatePage,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Page>, Failure> {
    let start = Instant::now();
    let row = client.create_page(&call.page, &effect.marker(), start).await?;
    Ok(performed(row.into_page()))
}

/// The page that this effect wrote.
pub async fn created_page(client: &Client, call: &CreatePage, effect: &EffectId) -> Result<Option<Page>, Error> {
    let row = client.marked_page(&call.page.case_id, &effect.marker()).await?;
    Ok(row.map(types::PageRow::into_page))
}

/// Sets fields of a page. Its marker stays, so it is read first.
pub async fn update_page(
    client: &Client,
    call: &UpdatePage,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Page>, Failure> {
    let start = Instant::now();
    let row = client.page_of(&call.case_id, &call.id).await;
    let row = row.map_err(|error| looked(effect, error))?;
    let new = call.patch.content.as_deref();
    let body = PageBody {
        title: call.patch.title.as_deref(),
        category: call.patch.category.as_deref(),
        content: new.map(|new| types::remark(&row.content, new)),
    };
    if effect.repeat {
        if row.is_as_asked(&body) {
            return Ok(adopted(row.into_page()));
        }
        unchanged("page", &row.id, row.updated_at, effect)?;
    }
    client.update_page(&call.case_id, &call.id, &body, start).await?;
    let row = client.page_of(&call.case_id, &call.id).await.map_err(unknown)?;
    Ok(performed(row.into_page()))
}

/// Replaces a comment's text. Its marker stays, so it is read first.
pub async fn update_comment(
    client: &Client,
    call: &UpdateComment,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    admitted(client, Belonging::Child("getComment", &call.id), scopes, effect).await?;
    let row = client.comment(&call.id).await;
    let row = row.map_err(|error| looked(effect, error))?;
    let message = types::remark(&row.message, &call.message);
    if effect.repeat && row.message == message {
        return Ok(adopted(()));
    }
    client.update_comment(&call.id, message, start).await?;
    Ok(performed(()))
}

/// Replaces the text of a log entry. Its marker stays, so it is read first.
pub async fn update_log(
    client: &Client,
    call: &UpdateLog,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Log>, Failure> {
    let start = Instant::now();
    let row = client.log(&call.id).await.map_err(|error| looked(effect, error))?;
    let message = types::remark(&row.message, &call.message);
    if effect.repeat {
        if row.message == message {
            return Ok(adopted(row.into_log()));
        }
        unchanged("log entry", &row.id, row.updated_at, effect)?;
    }
    client.update_log(&call.id, &message, start).await?;
    let row = client.log(&call.id).await.map_err(unknown)?;
    Ok(performed(row.into_log()))
}

/// Asks an organisation to act on a task, or says that it has: the same twice.
pub async fn set_action(
    client: &Client,
    call: &SetAction,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    client.set_action(&call.task_id, &call.action, start).await?;
    Ok(performed(()))
}

/// Adds a file to a log entry.
pub async fn attach_to_log(
    client: &Client,
    call: &AttachToLog,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    client.attach_to_log(&call.log_id, file_of(call), start).await?;
    Ok(performed(()))
}

/// Is there a file with this name and these bytes, whoever added it?
pub async fn attached_to_log(client: &Client, call: &AttachToLog, _effect: &EffectId) -> Result<Option<()>, Error> {
    let row = client.file_of_log(&call.log_id, file_of(call)).await?;
    Ok(row.map(|_| ()))
}

fn file_of(call: &AttachToLog) -> File<'_> {
    File {
        kept: &call.file,
        spool: &call.spool,
    }
}

/// Sets fields of an observable. A repeat looks first: it may have happened, or somebody may have changed it since.
pub async fn update_observable(
    client: &Client,
    call: &UpdateObservable,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Existing>, Failure> {
    let start = Instant::now();
    let major = client.scale().await.map_err(not_sent)?;
    admitted(client, Belonging::Child("getObservable", &call.id), scopes, effect).await?;
    if effect.repeat {
        let row = client.observable(&call.id).await;
        let row = row.map_err(|error| looked(effect, error))?;
        if row.is_as_asked(&types::observable_patch(&call.patch, major)) {
            return Ok(adopted(row.into_existing().map_err(unknown)?));
        }
        unchanged("observable", &row.id, row.updated_at, effect)?;
    }
    client.update_observable(&call.id, &call.patch, start).await?;
    let row = client.observable(&call.id).await.map_err(unknown)?;
    Ok(performed(row.into_existing().map_err(unknown)?))
}
