//! How do calls on files reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::attachments::{self, Attachment, Holder};
use crate::blobs::Held;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{DeleteAttachment, Download, ListAttachments};

impl attachments::Host for Host {
    async fn list_attachments(&mut self, organisation: Resource<Handle>, holder: Holder) -> Answer<Vec<Attachment>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListAttachments { holder }).await?)
    }

    async fn download(&mut self, organisation: Resource<Handle>, holder: Holder, id: String) -> Answer<Resource<Held>> {
        let (handle, spool) = (self.handle(&organisation)?, self.gate.spool());
        let kept = self.gate.read(&handle, Download { holder, id, spool }).await?;
        self.handed_out(kept)
    }

    async fn delete_attachments(
        &mut self,
        organisation: Resource<Handle>,
        holder: Holder,
        ids: Vec<String>,
    ) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids
            .into_iter()
            .map(|id| DeleteAttachment {
                holder: holder.clone(),
                id,
            })
            .collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }
}
