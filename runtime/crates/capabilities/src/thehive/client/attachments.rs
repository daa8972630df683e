//! How are files listed, and how do their bytes come to the host (contract section 5)?

use http::Method;

use super::Client;
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::egress::Request;
use crate::thehive::query::{Child, Order, Parent, children};
use crate::thehive::types::{self, AttachmentRow};
use crate::thehive::{owner, refusal};

use super::File;

/// Largest file that is fetched: the host's spool has its own limits below it.
const BYTES: u64 = 1 << 30;

impl Client {
    /// The files.
    pub(in crate::thehive) async fn attachments(&self, holder: &Holder) -> Result<Vec<AttachmentRow>, Error> {
        let parent = match holder {
            Holder::Case(id) => Parent::Case(id),
            Holder::Alert(id) => Parent::Alert(id),
            Holder::Log(id) => Parent::Log(id),
            Holder::Observable(id) => {
                let row = self.observable(id).await?;
                return Ok(row.attachment.into_iter().collect());
            }
        };
        let query = |from, to| children(parent, Child::Attachments, Order::OldestFirst, from, to);
        self.all("list-attachments", query).await
    }

    /// The file of a log entry with this name and these bytes.
    pub(in crate::thehive) async fn file_of_log(
        &self,
        log: &str,
        file: File<'_>,
    ) -> Result<Option<AttachmentRow>, Error> {
        let query = |from, to| children(Parent::Log(log), Child::Attachments, Order::NewestFirst, from, to);
        let sent = types::ascii(&file.kept.name);
        let wanted = |row: &AttachmentRow| row.has_digest(&file.kept.sha256) && types::may_be(&row.name, &sent);
        self.first("files-of-log", query, wanted).await
    }

    /// Streams a file into the spool. Its name and type are asked for first: the bytes come without them.
    pub(in crate::thehive) async fn download(&self, holder: &Holder, id: &str, spool: &Spool) -> Result<Kept, Error> {
        let known = self.attachments(holder).await?;
        let is_it = |row: &&AttachmentRow| [row.id.as_deref(), row.file.as_deref()].contains(&Some(id));
        let row = known.iter().find(is_it).ok_or(Error::NotFound)?;
        let limit = row.size.unwrap_or(BYTES).min(BYTES);
        let mut segments = owner::attachment(holder, id);
        segments.push("download");
        let mut request = Request::new(Method::GET, segments);
        if matches!(holder, Holder::Log(_)) {
            // Only deletion has the plural (contract section 5).
            request.path = [
                "api",
                "v1",
                "log",
                owner::holder_id(holder),
                "attachment",
                id,
                "download",
            ]
            .map(str::to_owned)
            .to_vec();
        }
        request.max_bytes = Some(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut answer = self.egress.stream(&request).await.map_err(|failure| failure.error)?;
        if !answer.is_success() {
            let response = answer.whole(1 << 16).await.map_err(|failure| failure.error)?;
            return Err(refusal::read(&response, &self.egress, 0).error);
        }
        let mut writer = spool.begin(limit).await?;
        while let Some(bytes) = answer.chunk().await.map_err(|failure| failure.error)? {
            writer.write(&bytes).await?;
        }
        let kind = row.content_type.as_deref().unwrap_or("application/octet-stream");
        let kept = writer.keep(&row.name, kind).await?;
        if row.hashes.is_empty() || row.has_digest(&kept.sha256) {
            Ok(kept)
        } else {
            Err(types::inconsistent("other bytes than those of the file"))
        }
    }
}
