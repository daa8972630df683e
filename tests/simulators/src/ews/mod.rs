//! Which Exchange 2019 answers does the simulator give? Exchange Web Services for mail (contracts/ews.md).
//!
//! A request walks `http` -> `login` -> `envelope` (version, schema order, impersonation) -> one file in `operations/`, which
//! works on the `store/` under one lock. `message/` knows the fields of a message: the same table shows, searches and sorts.
//! Answers are pieces of text; large attachments are made while they are sent (`content`).
//!
//! State JSON (`PUT /_sim/state`; every key optional, unknown keys refused):
//!
//! | key | content |
//! |---|---|
//! | `settings` | `auth` (`basic`, `ntlm`, `any`), `ntlm_domain`, `channel_binding`, `highest_version`, `text_body`, `find_limit`, `restricted_find_limit`, see [`store::Settings`] |
//! | `accounts` | `[{"user", "password", "impersonates": [ADDRESS or "*"]}]`: accounts without a mailbox |
//! | `mailboxes` | `[{"address", "name", "owner", "password", "delegates", "readers", "folders": ["Inbox/TheHive"], "messages"}]` |
//! | `messages` | `{"folder", "eml" or "eml_base64", "received_at", "is_read", "categories", "attachments", ...}`, see [`store::Message`] |
//! | `attachments` | `{"name", "content_type", "content_id", "inline", "refused"}` and one of `content`, `content_base64`, `generate` (`{"bytes", "seed"}`), `eml`, `url` |
//! | `quirks` | how operations go wrong, see [`store::Quirk`] |
//!
//! Without a state there is one mailbox: `soc@example.org`, password `secret`.
//!
//! | route | meaning |
//! |---|---|
//! | `POST /EWS/Exchange.asmx` | the product |
//! | `POST /_sim/ews/messages` | mail arrives: `{"mailbox", ...message}` or a list |
//! | `POST`, `GET`, `DELETE /_sim/ews/quirks` | add, show, remove quirks |
//! | `GET /_sim/ews/connections` | what each connection carried: [`crate::ntlm::Seen`], empty with `basic` |
//!
//! Effects have `body.effect`: `mark-read`, `set-categories`, `set-subject`, `move`, `copy`, `create`, `create-folder`, `delete`,
//! `read-receipt-sent`; beside it `mailbox`, `internet_message_id`, `subject`, `folder` and what was set.

mod app;
mod compose;
mod content;
mod envelope;
mod http;
mod ids;
mod login;
mod message;
mod operations;
mod refusal;
pub mod store;
mod time;
mod versions;
mod xml;

pub use app::Exchange;
pub use content::{Content, generated};

/// Where the product answers.
pub const PATH: &str = "/EWS/Exchange.asmx";
