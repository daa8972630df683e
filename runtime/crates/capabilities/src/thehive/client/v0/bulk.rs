//! How are the same fields of many objects of 3 and 4 set (contract 2.2 to 2.5)?
//!
//! By one request where the version has one and every object gets the same; else one after the other. Who asks for it looks before, so that
//! a change which names something that is not there does not end half done.

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::bulk::Patch;
use super::super::{not_sent, unknown};
use super::search::Search;
use super::{V0, body};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Failure};
use crate::thehive::query::List;
use crate::thehive::query::v0 as filter;
use crate::thehive::refusal;
use crate::thehive::types::v0::{self as types, Kind};
use crate::thehive::types::{self as v1, ItemFailure};
use crate::words::said;

impl V0<'_> {
    /// Sets the same fields of all of them.
    pub async fn update_many(self, ids: &[String], patch: Patch<'_>, start: Instant) -> Result<(), Failure> {
        match self.at_once(patch).map_err(not_sent)? {
            Some((path, sent)) => self.all_at_once(path, ids, sent, start).await,
            None => self.one_by_one(ids, patch, start).await,
        }
    }

    /// The route and body of one request for all; none: there is no such route, or what is sent differs by object. 4 lost the one for alerts.
    fn at_once(self, patch: Patch<'_>) -> Result<Option<(&'static [&'static str], Value)>, Error> {
        let differs = |add: &[String], remove: &[String], fields: usize| self.reads_first(add, remove, fields);
        match patch {
            Patch::Alerts(patch) => {
                let differs = differs(&patch.add_tags, &patch.remove_tags, patch.custom_fields.len());
                if self.major >= 4 || differs || patch.status.is_some() {
                    return Ok(None);
                }
                let sent = types::patch_of_alert(self.major, patch, None)?;
                Ok(Some((&["alert", "_bulk"], sent)))
            }
            Patch::Cases(patch) => {
                if differs(&patch.add_tags, &patch.remove_tags, patch.custom_fields.len()) {
                    return Ok(None);
                }
                let sent = types::case_patch(self.major, patch, None)?;
                Ok(Some((&["case", "_bulk"], sent)))
            }
            Patch::Observables(patch) => {
                if differs(&patch.add_tags, &patch.remove_tags, 0) {
                    return Ok(None);
                }
                let sent = types::patch_of_artifact(self.major, patch, None)?;
                Ok(Some((&["case", "artifact", "_bulk"], sent)))
            }
            Patch::Tasks(_) => Ok(None),
        }
    }

    /// One request; it may change some and refuse others, which it says.
    async fn all_at_once(self, path: &[&str], ids: &[String], mut sent: Value, start: Instant) -> Result<(), Failure> {
        if let Some(members) = sent.as_object_mut() {
            members.insert("ids".to_owned(), json!(ids));
        }
        let answer = self.make(Method::PATCH, path, body(&sent)?, start).await?;
        match answer {
            Value::Array(rows) if rows.len() == ids.len() => Ok(()),
            Value::Object(mut parts) if parts.contains_key("failure") => {
                let mut list = |name: &str| parts.remove(name).unwrap_or_else(|| json!([]));
                let done = list("success").as_array().map_or(0, Vec::len);
                let failures: Vec<ItemFailure> = serde_json::from_value(list("failure")).unwrap_or_default();
                let first = failures.into_iter().next().unwrap_or_default();
                let refused = refusal::of_item(&first, &self.client.egress);
                if done == 0 {
                    Err(refused)
                } else {
                    Err(self.halfway(done, ids.len(), &refused.error))
                }
            }
            _ => Err(unknown(v1::inconsistent("fewer objects than were to be changed"))),
        }
    }

    /// One request after the other, in the time that one would have.
    async fn one_by_one(self, ids: &[String], patch: Patch<'_>, start: Instant) -> Result<(), Failure> {
        for (done, id) in ids.iter().enumerate() {
            let one = match patch {
                Patch::Alerts(patch) => self.update(id, patch, start).await,
                Patch::Cases(patch) => self.update_case(id, patch, start).await,
                Patch::Tasks(patch) => self.update_task(id, patch, start).await,
                Patch::Observables(patch) => self.update_observable(id, patch, start).await,
            };
            match one {
                Ok(()) => {}
                Err(failure) if done == 0 => return Err(failure),
                Err(failure) if failure.certainty == Certainty::Refused => {
                    return Err(self.halfway(done, ids.len(), &failure.error));
                }
                // Those before it are changed, whatever became of this one.
                Err(failure) => return Err(unknown(failure.error)),
            }
        }
        Ok(())
    }

    /// What happened is known, and a guest may ask for it again: values are absolute.
    fn halfway(self, done: usize, of: usize, why: &Error) -> Failure {
        let text = format!(
            "TheHive {} changes one after the other; {done} of {of} are changed, and the next was refused: {}",
            self.major,
            said(why)
        );
        Failure {
            error: Error::Conflict(text),
            certainty: Certainty::Refused,
        }
    }

    /// Those of them that exist. Observables are read one by one: those of an alert are in no list.
    pub async fn many<T: DeserializeOwned>(self, list: List, ids: &[String]) -> Result<Vec<T>, Error> {
        let (path, kind): (&[&str], _) = match list {
            List::Alerts => (&["alert"], Kind::Alert),
            List::Cases => (&["case"], Kind::Case),
            List::Tasks => (&["case", "task"], Kind::Task),
            List::Observables => {
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    match self.get(Kind::Observable, &["case", "artifact", id]).await {
                        Ok(row) => rows.push(row),
                        Err(Error::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
                return Ok(rows);
            }
            List::Templates | List::Organisations | List::Profiles | List::Tags | List::Jobs => {
                self.client.major().await?;
                return Ok(Vec::new());
            }
        };
        let mut every = vec![filter::one_of_ids(ids)];
        if self.major < 4 && kind == Kind::Case {
            every.push(filter::not(&filter::is("status", super::DELETED)));
        }
        let search = Search {
            path,
            kind,
            filter: filter::all(&every),
            sort: "createdAt",
        };
        self.list(&search, ids.len()).await
    }
}
