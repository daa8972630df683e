//! How are observables of 3 and 4 asked for and added (contract 2.4)? Answers come in three shapes.

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::super::observables::Answered;
use super::super::upload::{self, File};
use super::super::{asking, not_sent, unknown};
use super::search::Search;
use super::{V0, body, parse};
use crate::bindings::synapse::thehive::observables::{ObservablePatch, Owner};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request};
use crate::gate::Failure;
use crate::thehive::query::{self, v0 as filter};
use crate::thehive::refusal;
use crate::thehive::types::v0::{self as types, Kind, read};
use crate::thehive::types::{self as v1, ObservableBody, ObservableRow, ObservableTypeRow};

/// The part with the file.
const FILE: &str = "attachment";
/// The list of 3 that holds the observable types.
const TYPES: &str = "list_artifactDataType";
/// The type whose values are files.
const OF_FILES: &str = "file";

impl V0<'_> {
    /// The observable types. 3 keeps them in a list; 4 answers the query of v1, and v0 has no route for them.
    pub async fn observable_types(self) -> Result<Vec<ObservableTypeRow>, Error> {
        if self.major >= 4 {
            let request: Request = asking("observable-types", &query::observable_types())?;
            return self.client.ask(&request).await;
        }
        let list: Value = self.raw(&["list", TYPES]).await?;
        let items = list
            .as_object()
            .ok_or_else(|| v1::unreadable("a list of types of another shape"))?;
        let rows = items.values().filter_map(Value::as_str).map(|name| ObservableTypeRow {
            name: name.to_owned(),
            is_attachment: name == OF_FILES,
        });
        Ok(rows.collect())
    }

    /// Adds one observable. What is there already is refused, which is known by type and not by status or words (D13).
    pub async fn add_observable(
        self,
        owner: &Owner,
        observable: &ObservableBody,
        file: Option<File<'_>>,
        start: Instant,
    ) -> Result<Answered, Failure> {
        let path = match owner {
            Owner::Case(id) => ["case", id, "artifact"],
            Owner::Alert(id) if self.major >= 4 => ["alert", id, "artifact"],
            Owner::Alert(_) => {
                let why = "an observable for an alert that is there; TheHive 3 takes them with a new alert only";
                return Err(not_sent(Error::Unsupported(why.to_owned())));
            }
        };
        let sent = types::artifact(self.major, observable).map_err(not_sent)?;
        let sent = match file {
            None => body(&sent)?,
            Some(file) => {
                let text = upload::json(&sent).map_err(not_sent)?;
                Body::Multipart(vec![text, file.part(FILE).map_err(not_sent)?])
            }
        };
        let response = self.send(Method::POST, &path, sent, start).await?;
        if refusal::says_exists(&response.0) {
            return Ok(Answered::Refused(refusal::read(
                &response.0,
                &self.client.egress,
                response.1,
            )));
        }
        self.client.accept(&response)?;
        let answer: Value = parse(&response.0).map_err(unknown)?;
        let unreadable = |_| unknown(v1::unreadable("an observable of another shape"));
        let answer = types::added(answer).map_err(unknown)?;
        let added = v1::read_added(answer).map_err(unreadable)?;
        match (added.rows.into_iter().next(), added.failures.into_iter().next()) {
            (Some(row), _) if row.data_type == observable.data_type => Ok(Answered::New(row.id)),
            (Some(_), _) => Err(unknown(v1::inconsistent("another observable than the one sent"))),
            (None, Some(failure)) if failure.says_exists() => {
                Ok(Answered::Refused(refusal::of_item(&failure, &self.client.egress)))
            }
            (None, Some(failure)) => Err(refusal::of_item(&failure, &self.client.egress)),
            (None, None) => Err(unknown(v1::unreadable("no observable and no failure"))),
        }
    }

    /// One observable by the server's id.
    pub async fn observable(self, id: &str) -> Result<ObservableRow, Error> {
        let row: ObservableRow = self.get(Kind::Observable, &["case", "artifact", id]).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(v1::inconsistent("another observable than the one asked for"))
        }
    }

    /// Sets fields of an observable.
    pub async fn update_observable(self, id: &str, patch: &ObservablePatch, start: Instant) -> Result<(), Failure> {
        let path = ["case", "artifact", id];
        let row = if self.reads_first(&patch.add_tags, &patch.remove_tags, 0) {
            Some(self.raw(&path).await.map_err(not_sent)?)
        } else {
            None
        };
        let sent = types::patch_of_artifact(self.major, patch, row.as_ref()).map_err(not_sent)?;
        self.set(Method::PATCH, &path, sent, start).await?;
        self.settle_tags(&path, &patch.add_tags, &patch.remove_tags, start)
            .await
    }

    /// At most `rows` observables from `from` on, oldest first, and whether there are more. Those of an alert are in the alert.
    pub async fn observables(
        self,
        owner: &Owner,
        from: usize,
        rows: usize,
    ) -> Result<(Vec<ObservableRow>, bool), Error> {
        let id = match owner {
            Owner::Case(id) => id,
            Owner::Alert(id) => return self.of_alert(id, from, rows).await,
        };
        self.some(&of_case(id, "createdAt"), from, rows, |_: &ObservableRow| true)
            .await
    }

    /// The first observable of the owner that is wanted.
    pub async fn observable_like<W>(self, owner: &Owner, wanted: W) -> Result<Option<ObservableRow>, Error>
    where
        W: Fn(&ObservableRow) -> bool,
    {
        match owner {
            Owner::Case(id) => self.first(&of_case(id, "-createdAt"), wanted).await,
            Owner::Alert(id) => {
                let (rows, _) = self.of_alert(id, 0, usize::MAX).await?;
                Ok(rows.into_iter().find(wanted))
            }
        }
    }

    async fn of_alert(self, id: &str, from: usize, rows: usize) -> Result<(Vec<ObservableRow>, bool), Error> {
        let mut alert = self.raw(&["alert", id]).await?;
        let artifacts = alert.get_mut("artifacts").map(Value::take);
        let Some(Value::Array(artifacts)) = artifacts else {
            return Ok((Vec::new(), false));
        };
        let more = artifacts.len() > from.saturating_add(rows);
        // Those of 3 are no objects of their own: the alert's id and the place name one.
        let named = artifacts
            .into_iter()
            .enumerate()
            .skip(from)
            .take(rows)
            .map(|(n, mut one)| {
                if let Some(members) = one.as_object_mut()
                    && !members.contains_key("id")
                    && !members.contains_key("_id")
                {
                    members.insert("_id".to_owned(), format!("{id}-{n}").into());
                }
                read(Kind::Observable, one)
            });
        Ok((named.collect::<Result<_, _>>()?, more))
    }
}

fn of_case(id: &str, sort: &'static str) -> Search<'static> {
    Search {
        path: &["case", "artifact"],
        kind: Kind::Observable,
        filter: filter::below("case", id),
        sort,
    }
}
