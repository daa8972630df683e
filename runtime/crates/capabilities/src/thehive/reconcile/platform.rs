//! Was what an organisation is configured with made or changed, and was it us? Names are unique, and values absolute.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused};
use crate::bindings::synapse::thehive::custom_fields::Definition;
use crate::bindings::synapse::thehive::templates::Template;
use crate::bindings::synapse::thehive::users::User;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::{
    CreateDefinition, CreateTemplate, CreateUser, DeleteDefinition, SetLocked, UpdateDefinition, UpdateTemplate,
};
use crate::thehive::client::{Client, unknown};
use crate::thehive::types::DefinitionRow;

/// Defines a custom field. Looks first: not every server refuses a second one in the same words.
pub async fn create_definition(
    client: &Client,
    call: &CreateDefinition,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Definition>, Failure> {
    let start = Instant::now();
    match client.definition(&call.definition.name).await {
        Ok(row) => {
            let id = row.id.clone();
            let there = row.into_definition().map_err(|error| looked(effect, error))?;
            return if effect.repeat && there == call.definition {
                Ok(adopted(there))
            } else {
                Err(refused(Error::AlreadyExists(id)))
            };
        }
        Err(Error::NotFound) => {}
        Err(error) => return Err(looked(effect, error)),
    }
    let row = client.create_definition(&call.definition, start).await?;
    Ok(performed(row.into_definition().map_err(unknown)?))
}

/// Replaces everything but the name.
pub async fn update_definition(
    client: &Client,
    call: &UpdateDefinition,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Definition>, Failure> {
    let start = Instant::now();
    let name = &call.definition.name;
    let row = definition(client, name, effect).await?;
    client.update_definition(&row.id, &call.definition, start).await?;
    let row = client.definition(name).await.map_err(unknown)?;
    Ok(performed(row.into_definition().map_err(unknown)?))
}

/// Deletes a custom field. Without `force`: the server refuses while something has a value for it.
pub async fn delete_definition(
    client: &Client,
    call: &DeleteDefinition,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let row = match definition(client, &call.name, effect).await {
        Ok(row) => row,
        Err(failure) if failure.error == Error::NotFound => {
            return if effect.repeat {
                Ok(adopted(()))
            } else {
                Err(refused(Error::NotFound))
            };
        }
        Err(failure) => return Err(failure),
    };
    client.remove(vec!["api", "v1", "customField", &row.id], start).await?;
    Ok(performed(()))
}

async fn definition(client: &Client, name: &str, effect: &EffectId) -> Result<DefinitionRow, Failure> {
    client.definition(name).await.map_err(|error| looked(effect, error))
}

/// Makes a template. The server refuses a second one of its name.
pub async fn create_template(
    client: &Client,
    call: &CreateTemplate,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Template>, Failure> {
    let start = Instant::now();
    let refusal = match client.create_template(&call.template, start).await {
        Ok(row) => return Ok(performed(client.shown_template(row).map_err(unknown)?)),
        Err(refusal) if refusal.certainty == Certainty::Refused => refusal,
        Err(failure) => return Err(failure),
    };
    match client.template(&call.template.name).await {
        Ok(row) => {
            let id = row.id.clone();
            let there = client.shown_template(row).map_err(unknown)?;
            if effect.repeat && same(&there, &call.template) {
                Ok(adopted(there))
            } else {
                Err(refused(Error::AlreadyExists(id)))
            }
        }
        // Refused, but not for what is there: the refusal's own words are the answer.
        Err(Error::NotFound) => Err(refusal),
        Err(error) => Err(unknown(error)),
    }
}

/// Are they the same, but for what the server adds to tasks?
fn same(there: &Template, asked: &Template) -> bool {
    let bare = |template: &Template| {
        let mut bare = template.clone();
        for task in &mut bare.tasks {
            task.id = None;
            task.group = task.group.take().or_else(|| Some("default".to_owned()));
        }
        bare.tags.sort();
        bare
    };
    bare(there) == bare(asked)
}

/// Replaces everything but the name: the same twice.
pub async fn update_template(
    client: &Client,
    call: &UpdateTemplate,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<Template>, Failure> {
    client.update_template(&call.template, Instant::now()).await?;
    let row = client.template(&call.template.name).await.map_err(unknown)?;
    Ok(performed(client.shown_template(row).map_err(unknown)?))
}

/// Locks a user out, or lets them in again: the same twice. One of another organisation does not exist here (G9).
pub async fn set_locked(
    client: &Client,
    call: &SetLocked,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<User>, Failure> {
    let start = Instant::now();
    let there = client.user(&call.login).await;
    there.map_err(|error| looked(effect, error))?;
    client.set_locked(&call.login, call.locked, start).await?;
    let row = client.user(&call.login).await.map_err(unknown)?;
    Ok(performed(row.into_user()))
}

/// Makes a user. TheHive answers a login that is taken with whoever has it (contract 2.10), so it is looked for first.
pub async fn create_user(
    client: &Client,
    call: &CreateUser,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<User>, Failure> {
    let start = Instant::now();
    let new = &call.user;
    match client.user(&new.login).await {
        Ok(row) if effect.repeat && row.is_as_asked(new) => return Ok(adopted(row.into_user())),
        Ok(row) => return Err(refused(Error::AlreadyExists(row.login))),
        Err(Error::NotFound) => {}
        // That nothing is known of the user says nothing about a sending before.
        Err(error) => return Err(looked(effect, error)),
    }
    let row = client.create_user(new, start).await?;
    Ok(performed(row.into_user()))
}
