//! Which calls on files are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::attachments::{Attachment, Holder};
use crate::blobs::{Kept, Spool};
use crate::thehive::types::AttachmentRow;
use crate::thehive::{check, owner, reconcile};

ask!(
    /// `list-attachments`
    ListAttachments {
        /// Whose.
        holder: Holder,
    } = "thehive/attachments.list-attachments" -> Vec<Attachment>,
    |call, client, scopes| {
        check::holder(&call.holder)?;
        owner::admit_holder(client, &call.holder, scopes).await?;
        let rows = client.attachments(&call.holder).await?;
        Ok(rows.into_iter().filter_map(AttachmentRow::into_attachment).collect())
    }
);
ask!(
    /// `download`
    Download {
        /// Whose.
        holder: Holder,
        /// The server's id.
        id: String,
        /// Where the bytes go.
        #[serde(skip)]
        spool: Spool,
    } = "thehive/attachments.download" -> Kept,
    |call, client, scopes| {
        check::attachment(&call.holder, &call.id)?;
        owner::admit_holder(client, &call.holder, scopes).await?;
        client.download(&call.holder, &call.id, &call.spool).await
    }
);
change!(
    /// `attach-to-log`
    AttachToLog {
        /// The log entry's id.
        log_id: String,
        /// The file, by name and digest.
        file: Kept,
        /// Where its bytes are.
        #[serde(skip)]
        spool: Spool,
    } = Probe "thehive/tasks.attach-to-log" -> (),
    check: check::attach_to_log, perform: reconcile::attach_to_log, probe: reconcile::attached_to_log
);
