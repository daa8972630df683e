//! How are observables and attachments asked for and added (contract 2.4, section 5)?

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::upload::{self, File};
use super::{Client, MAJOR, asking, json, not_sent, parse, unknown};
use crate::bindings::synapse::thehive::observables::{ObservablePatch, Owner};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request};
use crate::gate::Failure;
use crate::thehive::observables::KnownTypes;
use crate::thehive::owner::{id, parent, path};
use crate::thehive::query::{self, Child, Order, children};
use crate::thehive::refusal;
use crate::thehive::types::{self, AttachmentRow, AttachmentsRow, ObservableBody, ObservableRow, ObservableTypeRow};

/// How long the organisation's observable types are taken as known: an administrator's new type is used within minutes.
const TYPES_LIFE: Duration = Duration::from_secs(300);
/// The part with the file of an observable; that of everything else has another name (contract section 5).
const FILE: &str = "attachment";
/// The part with the files of a case or alert.
const FILES: &str = "attachments";

/// What the server said to a new observable.
pub(in crate::thehive) enum Answered {
    /// It made it; its id.
    New(String),
    /// It refused it as it refuses one that it has already. Other refusals look the same.
    Refused(Failure),
}

impl Client {
    /// The observable types of the organisation, asked now.
    pub(in crate::thehive) async fn fetch_observable_types(&self) -> Result<Arc<KnownTypes>, Error> {
        let mut kept = self.types.lock().await;
        let known = self.ask_observable_types().await?;
        *kept = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }

    /// The observable types, asked if what is known is old. Others wait for the answer instead of asking as well.
    pub(in crate::thehive) async fn known_types(&self) -> Result<Arc<KnownTypes>, Error> {
        let mut kept = self.types.lock().await;
        if let Some((at, known)) = &*kept
            && at.elapsed() < TYPES_LIFE
        {
            return Ok(Arc::clone(known));
        }
        let known = self.ask_observable_types().await?;
        *kept = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }

    async fn ask_observable_types(&self) -> Result<Arc<KnownTypes>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.observable_types().await.map(KnownTypes::new).map(Arc::new);
        }
        let rows: Vec<ObservableTypeRow> = self
            .ask(&asking("observable-types", &query::observable_types())?)
            .await?;
        Ok(Arc::new(KnownTypes::new(rows)))
    }

    /// Adds one observable, with the bytes of its file in the same request. That it is there already is a success (D05).
    pub(in crate::thehive) async fn add_observable(
        &self,
        owner: &Owner,
        body: &ObservableBody,
        file: Option<File<'_>>,
        start: Instant,
    ) -> Result<Answered, Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.add_observable(owner, body, file, start).await;
        }
        let mut request = Request::new(Method::POST, path(owner, "observable"));
        request.body = match file {
            None => Body::Json(json(body).map_err(not_sent)?),
            Some(file) => {
                let description = upload::json(body).map_err(not_sent)?;
                Body::Multipart(vec![description, file.part(FILE).map_err(not_sent)?])
            }
        };
        let response = self.change(request, start).await?;
        if refusal::says_exists(&response.0) {
            return Ok(Answered::Refused(refusal::read(&response.0, &self.egress, response.1)));
        }
        self.accept(&response)?;
        let unreadable = |_| unknown(types::unreadable("an observable of another shape"));
        let added = types::read_added(parse(&response.0).map_err(unknown)?).map_err(unreadable)?;
        // One value was sent, so one thing became of it.
        match (added.rows.into_iter().next(), added.failures.into_iter().next()) {
            (Some(row), _) if row.data_type == body.data_type => Ok(Answered::New(row.id)),
            (Some(_), _) => Err(unknown(types::inconsistent("another observable than the one sent"))),
            (None, Some(failure)) if failure.says_exists() => {
                Ok(Answered::Refused(refusal::of_item(&failure, &self.egress)))
            }
            (None, Some(failure)) => Err(refusal::of_item(&failure, &self.egress)),
            (None, None) => Err(unknown(types::unreadable("no observable and no failure"))),
        }
    }

    /// The observable of the owner that is what was sent, by value or by the file's digest. The server says "there is one" with an error that
    /// can also mean something else, so it is looked for.
    pub(in crate::thehive) async fn observable_like(
        &self,
        owner: &Owner,
        body: &ObservableBody,
        sha256: Option<&str>,
    ) -> Result<Option<ObservableRow>, Error> {
        let wanted = |row: &ObservableRow| match (sha256, &body.data) {
            (Some(sha256), _) => row.has_file(sha256),
            (None, Some(data)) => row.has_value(&body.data_type, data),
            (None, None) => false,
        };
        if let Some(v0) = self.v0().await? {
            return v0.observable_like(owner, wanted).await;
        }
        let query = |from, to| children(parent(owner), Child::Observables, Order::NewestFirst, from, to);
        self.first("like-observable", query, wanted).await
    }

    /// One observable by the server's id.
    pub(in crate::thehive) async fn observable(&self, id: &str) -> Result<ObservableRow, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.observable(id).await;
        }
        let path = ["api", "v1", "observable", id];
        let row: ObservableRow = self.ask(&Request::new(Method::GET, path)).await?;
        if row.id == id {
            Ok(row)
        } else {
            Err(types::inconsistent("another observable than the one asked for"))
        }
    }

    /// Sets fields of an observable.
    pub(in crate::thehive) async fn update_observable(
        &self,
        id: &str,
        patch: &ObservablePatch,
        start: Instant,
    ) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update_observable(id, patch, start).await;
        }
        let body = json(&types::observable_patch(patch, MAJOR)).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "observable", id]).json(body);
        self.tell(request, start).await
    }

    /// The observables of one that the other has as well.
    pub(in crate::thehive) async fn similar_observables(
        &self,
        owner: &Owner,
        other: &Owner,
    ) -> Result<Vec<ObservableRow>, Error> {
        self.major().await?;
        let mut segments = path(owner, "similar").to_vec();
        segments.extend([id(other), "observables"]);
        self.ask(&Request::new(Method::GET, segments)).await
    }

    /// At most `rows` observables from `from` on, oldest first, and whether there are more.
    pub(in crate::thehive) async fn observables(
        &self,
        owner: &Owner,
        from: usize,
        rows: usize,
    ) -> Result<(Vec<ObservableRow>, bool), Error> {
        if let Some(v0) = self.v0().await? {
            return v0.observables(owner, from, rows).await;
        }
        let query = |rows: usize| {
            let to = from.saturating_add(rows);
            children(parent(owner), Child::Observables, Order::OldestFirst, from, to)
        };
        self.some("list-observables", rows, query).await
    }

    /// Attaches a file; answers the attachment.
    pub(in crate::thehive) async fn attach(
        &self,
        owner: &Owner,
        file: File<'_>,
        start: Instant,
    ) -> Result<AttachmentRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let mut request = Request::new(Method::POST, path(owner, "attachments"));
        // Two files of one mail may have one name: neither is refused for it.
        let may_rename = upload::field("canRename", "true".to_owned());
        request.body = Body::Multipart(vec![may_rename, file.part(FILES).map_err(not_sent)?]);
        let answer: AttachmentsRow = self.make(request, start).await?;
        let ours = |row: &AttachmentRow| row.has_digest(&file.kept.sha256);
        let row = answer.attachments.into_iter().find(ours);
        row.ok_or_else(|| unknown(types::inconsistent("another attachment than the one sent")))
    }

    /// The attachment with the name and bytes of this file.
    pub(in crate::thehive) async fn attachment_like(
        &self,
        owner: &Owner,
        file: File<'_>,
    ) -> Result<Option<AttachmentRow>, Error> {
        let query = |from, to| children(parent(owner), Child::Attachments, Order::NewestFirst, from, to);
        let sent = types::ascii(&file.kept.name);
        let wanted = |row: &AttachmentRow| row.has_digest(&file.kept.sha256) && types::may_be(&row.name, &sent);
        self.first("list-attachments", query, wanted).await
    }
}
