//! How does a guest remember something between runs?

use serde::{Deserialize, Serialize};
use synapse_domain::limits;
use synapse_domain::operation::Operation;
use synapse_store::records::{StateChange, StateEntry};

use crate::bindings::synapse::workflow::state::{Change, Entry, Host};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

const GET: Operation = Operation::local("workflow/state.get");
const APPLY: Operation = Operation::local("workflow/state.apply");
const KEYS: Operation = Operation::local("workflow/state.keys");

/// Arguments of `state.keys`.
#[derive(Serialize, Deserialize)]
struct KeysArguments {
    prefix: String,
    cursor: Option<String>,
}

impl Host for crate::context::Host {
    async fn get(&mut self, keys: Vec<String>) -> wasmtime::Result<Result<Vec<Option<Entry>>, Error>> {
        if let Err(refused) = check(keys.iter().map(|key| (key, None))) {
            return Ok(Err(refused));
        }
        let wanted = keys.clone();
        let answer = self.gate.local(GET, &keys, |attempt| async move {
            let (facts, store) = (&attempt.run.facts, &attempt.run.store);
            let entries = store.state_get(&facts.tenant, &facts.deployment, &wanted).await?;
            Ok(entries.into_iter().map(|entry| entry.map(entry_of)).collect::<Vec<_>>())
        });
        Ok(answer.await?)
    }

    async fn apply(&mut self, changes: Vec<Change>) -> wasmtime::Result<Result<Vec<Result<u64, Error>>, Error>> {
        if let Err(refused) = check(changes.iter().map(|change| (&change.key, change.value.as_ref()))) {
            return Ok(Err(refused));
        }
        let wanted = changes.iter().cloned().map(change_of).collect();
        Ok(self.gate.state_apply(APPLY, &changes, wanted).await?)
    }

    async fn keys(
        &mut self,
        prefix: String,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<(Vec<String>, Option<String>), Error>> {
        let arguments = KeysArguments {
            prefix: prefix.clone(),
            cursor: cursor.clone(),
        };
        let answer = self.gate.local(KEYS, &arguments, |attempt| async move {
            let (facts, store) = (&attempt.run.facts, &attempt.run.store);
            let page = u32::try_from(limits::STATE_PAGE).unwrap_or(u32::MAX);
            let keys = store
                .state_keys(&facts.tenant, &facts.deployment, &prefix, cursor.as_deref(), page)
                .await?;
            let next = if keys.len() >= limits::STATE_PAGE {
                keys.last().cloned()
            } else {
                None
            };
            Ok((keys, next))
        });
        Ok(answer.await?)
    }
}

/// Pure checks of the arguments, so a refusal needs no journal.
fn check<'a>(items: impl ExactSizeIterator<Item = (&'a String, Option<&'a String>)>) -> Result<(), Error> {
    let refuse = |field: String, reason: String| Err(Error::Invalid(InvalidArgument { field, reason }));
    if items.len() > limits::STATE_BATCH {
        return refuse(
            "list".to_owned(),
            format!("{} items; at most {} in one call", items.len(), limits::STATE_BATCH),
        );
    }
    for (index, (key, value)) in items.enumerate() {
        if key.is_empty() || key.len() > limits::STATE_KEY_BYTES {
            let reason = format!("{} bytes; a key has 1 to {}", key.len(), limits::STATE_KEY_BYTES);
            return refuse(format!("[{index}].key"), reason);
        }
        if let Some(value) = value.filter(|value| value.len() > limits::STATE_VALUE_BYTES) {
            let reason = format!(
                "{} bytes; a value has at most {}",
                value.len(),
                limits::STATE_VALUE_BYTES
            );
            return refuse(format!("[{index}].value"), reason);
        }
    }
    Ok(())
}

fn entry_of(entry: StateEntry) -> Entry {
    Entry {
        value: entry.value,
        revision: entry.revision,
    }
}

fn change_of(change: Change) -> StateChange {
    StateChange {
        key: change.key,
        value: change.value,
        expected: change.expected,
    }
}
