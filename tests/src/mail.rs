//! How does a test put mails into a tenant's mailbox?

use serde_json::{Value, json};

use crate::simulators::control;
use crate::{World, mailbox};

/// A user's report: an inline image, a `.pdf`, and an attached mail that carries an `.exe`.
pub const REPORT: &str = include_str!("../simulators/fixtures/mail/report.eml");
/// A colleague's answer to it.
pub const ANSWER: &str = include_str!("../simulators/fixtures/mail/answer.eml");

impl World {
    /// Puts a mail into the watched folder of a tenant, as if it came now; `with` sets or replaces members of the message
    /// (`categories`, `attachments`, `received_at`).
    pub async fn deliver(&self, tenant: &str, eml: &str, with: Value) -> anyhow::Result<()> {
        let mut message = json!({
            "mailbox": mailbox(tenant), "folder": "Inbox/TheHive", "eml": eml, "received_at": self.ews.control.now_ms(),
        });
        if let (Some(message), Value::Object(with)) = (message.as_object_mut(), with) {
            message.extend(with);
        }
        control(&self.ews, "/_sim/ews/messages", &message).await.map(drop)
    }
}

/// A short mail of one part.
pub fn plain(id: &str, from: &str, subject: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: SOC <soc@acme.example>\r\nSubject: {subject}\r\nDate: Wed, 25 Nov 2026 03:02:00 +0000\r\n\
         Message-ID: <{id}>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}
