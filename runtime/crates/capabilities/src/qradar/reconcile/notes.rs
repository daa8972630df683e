//! Was this note written, and was it us? It carries a marker, and the name of who wrote it (contract 3.2, 5).

use synapse_domain::run::How;
use tokio::time::Instant;

use super::looked;
use crate::bindings::synapse::qradar::notes::Note;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::marked;
use crate::qradar::calls::AddNote;
use crate::qradar::client::{Client, odd};
use crate::qradar::permission::Domains;
use crate::qradar::types::closing::WireNote;

const WHAT: &str = "a new note";

/// Adds a note. With a key of the guest's own it may be there from another run.
pub async fn add_note(
    client: &Client,
    call: &AddNote,
    domains: &Domains,
    effect: &EffectId,
) -> Result<Done<Note>, Failure> {
    let start = Instant::now();
    client
        .admit(call.offense, domains)
        .await
        .map_err(|error| looked(effect, error))?;
    if call.dedup_key.is_some() {
        let found = added_note(client, call, effect).await;
        if let Some(answer) = found.map_err(|error| looked(effect, error))? {
            return Ok(Done {
                answer,
                how: How::Adopted,
            });
        }
    }
    let marker = effect.marker();
    let row = client
        .create_note(call.offense, &marked::mark(&call.text, &marker), start)
        .await
        .map_err(|unchanged| unchanged.into_failure(WHAT))?;
    let ours = row.carries(&marker);
    match row.into_wit() {
        Some(answer) if ours => Ok(Done {
            answer,
            how: How::Performed,
        }),
        _ => Err(odd("QRadar answered another note than the one sent".to_owned())),
    }
}

/// The note that this effect wrote: the first that carries its marker and our name. Somebody may have copied the text.
pub async fn added_note(client: &Client, call: &AddNote, effect: &EffectId) -> Result<Option<Note>, Error> {
    let us = client.identity().await.map_err(|fault| fault.into_error(WHAT))?;
    let found = client.marked_notes(call.offense, &effect.marker()).await?;
    let ours = found.into_iter().find(|note| us.is(note.author()));
    Ok(ours.and_then(WireNote::into_wit))
}
