//! Was this observable or attachment added? The server refuses a second observable with equal type and value; attachments are asked
//! for by name and digest (contract section 7).

use synapse_domain::limits;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::looked;
use crate::bindings::synapse::thehive::observables::{Added, Owner};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::Kept;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{AddAttachment, AddFileObservable, AddObservable};
use crate::thehive::client::{Answered, Client, File, unknown};
use crate::thehive::types::ObservableBody;
use crate::thehive::{check, observables, owner, types};

/// Adds a text observable, as a file if it is too long for a value (D17).
pub async fn add_text(
    client: &Client,
    call: &AddObservable,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Added>, Failure> {
    let start = Instant::now();
    let before = |error| looked(effect, error);
    let (tlp, pap) = owner::levels(client, &call.owner, &call.seen, scopes)
        .await
        .map_err(before)?;
    let observable = &call.observable;
    let added = if observable.data.encode_utf16().count() > check::DATA {
        let kept = spooled(call).await.map_err(before)?;
        let file = File {
            kept: &kept,
            spool: &call.spool,
        };
        let body = observables::as_file(observable, tlp, pap);
        add(client, &call.owner, &body, Some(file), start, effect).await?
    } else {
        let known = client.known_types().await.map_err(before)?;
        let body = observables::one(observable, &known, tlp, pap);
        add(client, &call.owner, &body, None, start, effect).await?
    };
    Ok(done(added, effect))
}

/// Adds a file observable.
pub async fn add_file(
    client: &Client,
    call: &AddFileObservable,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Added>, Failure> {
    let start = Instant::now();
    let before = |error| looked(effect, error);
    let (tlp, pap) = owner::levels(client, &call.owner, &call.seen, scopes)
        .await
        .map_err(before)?;
    let major = client.scale().await.map_err(before)?;
    let tlp = call.observable.tlp.map_or(tlp, |label| types::tlp(label, major));
    let body = observables::of_file(&call.observable, &call.file.name, tlp, pap);
    let file = File {
        kept: &call.file,
        spool: &call.spool,
    };
    let added = add(client, &call.owner, &body, Some(file), start, effect).await?;
    Ok(done(added, effect))
}

/// Sends an observable. The server's "there is one" is believed only when it is found: other refusals look the same. A repeat that does not
/// find it has waited longer than the server's index lags, so the refusal was another one.
async fn add(
    client: &Client,
    owner: &Owner,
    body: &ObservableBody,
    file: Option<File<'_>>,
    start: Instant,
    effect: &EffectId,
) -> Result<Added, Failure> {
    let sha256 = file.map(|file| file.kept.sha256.clone());
    let refusal = match client.add_observable(owner, body, file, start).await? {
        Answered::New(id) => {
            return Ok(Added {
                id: Some(id),
                already: false,
            });
        }
        Answered::Refused(refusal) => refusal,
    };
    match client.observable_like(owner, body, sha256.as_deref()).await {
        Ok(Some(row)) => Ok(Added {
            id: Some(row.id),
            already: true,
        }),
        Ok(None) if effect.repeat => Err(refusal),
        Ok(None) => Err(unknown(refusal.error)),
        Err(error) => Err(unknown(error)),
    }
}

/// Attaches a file; answers the attachment's id.
pub async fn attach(
    client: &Client,
    call: &AddAttachment,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<String>, Failure> {
    let start = Instant::now();
    owner::admit(client, &call.owner, scopes)
        .await
        .map_err(|error| looked(effect, error))?;
    let row = client.attach(&call.owner, file_of(call), start).await?;
    Ok(Done {
        answer: row.id.ok_or_else(no_id).map_err(unknown)?,
        how: How::Performed,
    })
}

/// The id of the attachment with this name and these bytes, whoever attached it.
pub async fn attached(client: &Client, call: &AddAttachment) -> Result<Option<String>, Error> {
    match client.attachment_like(&call.owner, file_of(call)).await? {
        Some(row) => row.id.map(Some).ok_or_else(no_id),
        None => Ok(None),
    }
}

fn file_of(call: &AddAttachment) -> File<'_> {
    File {
        kept: &call.file,
        spool: &call.spool,
    }
}

fn no_id() -> Error {
    types::unreadable("an attachment without an id")
}

/// A repeat that meets an equal one takes it for its own: whoever added it, it is there.
fn done(added: Added, effect: &EffectId) -> Done<Added> {
    let how = if added.already && effect.repeat {
        How::Adopted
    } else {
        How::Performed
    };
    Done { answer: added, how }
}

/// The value as a file of the spool. A repeat makes the same one: files are named by what they hold.
async fn spooled(call: &AddObservable) -> Result<Kept, Error> {
    let mut writer = call.spool.begin(limits::HOSTCALL_BYTES as u64).await?;
    writer.write(call.observable.data.as_bytes()).await?;
    let name = types::ascii(&format!("{}.txt", call.observable.data_type));
    writer.keep(&name, "text/plain").await
}
