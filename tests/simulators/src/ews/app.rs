//! What is one simulated Exchange? Its state behind one lock, and the effects log.

use super::{
    http,
    ids::Id,
    store::{self, Mailbox, Site},
    time,
};
use crate::control::{Control, Target};
use axum::Router;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The simulated server.
pub struct Exchange {
    pub(super) control: Control,
    /// The server's certificate (DER): what NTLM logins are bound to.
    certificate: Option<Vec<u8>>,
    site: Mutex<Site>,
}

impl Exchange {
    /// A server in its default state and its router (without the control layer; see [`crate::control::wrap`]). `certificate` is
    /// the one it is served with (DER). Errors: the default state does not load, which a test would notice first.
    pub fn build(control: Control, certificate: Option<Vec<u8>>) -> Result<(Router, Arc<Self>), String> {
        let site = store::load(Value::Null, control.now_ms(), certificate.as_deref())?;
        let app = Arc::new(Self {
            control,
            certificate,
            site: Mutex::new(site),
        });
        Ok((http::router(Arc::clone(&app)), app))
    }

    /// The state. A poisoned lock means that another request panicked; tests then fail by its answer.
    pub(super) fn lock(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target for Exchange {
    fn load(&self, state: Value) -> Result<(), String> {
        let site = store::load(state, self.control.now_ms(), self.certificate.as_deref())?;
        *self.lock() = site;
        Ok(())
    }

    fn reset(&self) {
        // The default state loaded at the start already; should it not, the old state stays and the test sees it.
        if let Ok(site) = store::load(Value::Null, self.control.now_ms(), self.certificate.as_deref()) {
            *self.lock() = site;
        }
    }

    /// What tests look at, without passwords and contents: `{"settings", "mailboxes", "quirks"}`.
    fn dump(&self) -> Value {
        let site = self.lock();
        json!({
            "settings": site.settings,
            "mailboxes": site.mailboxes.iter().map(mailbox).collect::<Vec<_>>(),
            "quirks": site.quirks.list(),
        })
    }
}

fn mailbox(mailbox: &Mailbox) -> Value {
    let messages = mailbox.items.values().map(|item| {
        json!({
            "id": Id::Item(mailbox.store(), item.number).encode(),
            "folder": mailbox.path(item.folder),
            "internet_message_id": item.mail.message_id,
            "subject": item.subject(),
            "received_at": time::write(item.received_ms),
            "is_read": item.is_read,
            "categories": item.categories,
            "conversation": item.conversation,
            "attachments": item.attachments().map(|one| one.name.clone()).collect::<Vec<_>>(),
        })
    });
    json!({
        "address": mailbox.address,
        "folders": mailbox.folders.iter().map(|folder| mailbox.path(folder.number)).collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
    })
}
