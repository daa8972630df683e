//! What may a workflow do with files?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::blobs::Blobs;
use crate::error::Error;

pub use wit::attachments::{Attachment, Holder};

/// `synapse:thehive/attachments`.
pub trait Attachments: TheHive + Blobs {
    /// The files, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_attachments(&self, organisation: &Self::Organisation, holder: &Holder) -> Result<Vec<Attachment>, Error>;
    /// Keeps a file's bytes on the host.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn download(&self, organisation: &Self::Organisation, holder: &Holder, id: &str) -> Result<Self::Blob, Error>;
    /// Deletes at most 100 files of a case, alert or log entry; one answer each, in order.
    fn delete_attachments(
        &self,
        organisation: &Self::Organisation,
        holder: &Holder,
        ids: &[String],
    ) -> Vec<Result<(), Error>>;
}
