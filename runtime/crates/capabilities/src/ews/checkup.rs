//! Does Exchange know us, and do we see the mailbox?

use super::client::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::checkup::{Step, said};

impl Client {
    /// Login, version and mailbox.
    pub async fn examine(&self) -> Vec<Step> {
        match self.find_folder("folder", "inbox").await {
            Ok(inbox) => {
                let count = inbox
                    .total
                    .map_or_else(|| "an unknown number of".to_owned(), |total| total.to_string());
                vec![
                    Step::ok("authentication", "Exchange accepts the account"),
                    Step::ok("version", format!("asked as {}", self.spoken())),
                    Step::ok("mailbox", format!("the inbox of {} has {count} mails", self.whose())),
                ]
            }
            Err(error) => vec![refused(&error, &self.whose())],
        }
    }

    /// The folder of this name or path, if there is one: may the account change what is in it? None: the server does not say.
    ///
    /// # Errors
    /// The name is none, several folders have it, or Exchange cannot be asked.
    pub async fn folder_rights(&self, name: &str) -> Result<Option<Option<bool>>, Error> {
        match self.find_folder("folder", name).await {
            Ok(folder) => Ok(Some(folder.is_writable)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn refused(error: &Error, whose: &str) -> Step {
    match error {
        Error::Unauthenticated => Step::failed(
            "authentication",
            "Exchange does not accept the account",
            "check user, password and `auth.scheme` (`ntlm` or `basic`, as the EWS virtual directory allows); after a refusal nobody logs in for five minutes, so that the account is not locked",
        ),
        Error::NotFound => Step::failed(
            "mailbox",
            format!("the inbox of {whose} is not there for this account"),
            "correct `mailbox`; a delegate needs rights on the mailbox's folders, `impersonate = true` the role ApplicationImpersonation",
        ),
        error => Step::failed(
            "authentication",
            said(error),
            "is the connection's `url` that of the service, `https://HOST/EWS/Exchange.asmx`? With `mailbox` set, may the account open it?",
        ),
    }
}
