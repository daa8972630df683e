//! What does every step of one run need?

use synapse_guest::error::WorkflowError;
use synapse_guest::thehive::AlertKey;

use crate::Host;
use crate::answer::Answer;
use crate::cidr::Cidr;
use crate::config::Config;
use crate::enrich::Memo;
use crate::late::Pending;

/// The binding of the console.
pub const QRADAR: &str = "qradar";
/// The binding of the organisation.
pub const THEHIVE: &str = "thehive";

/// What every step of one run needs.
pub struct Run<'a, H: Host> {
    /// The host.
    pub host: &'a H,
    /// The console.
    pub console: H::Console,
    /// The organisation.
    pub organisation: H::Organisation,
    /// The console's source id: the alerts' source (case D10).
    pub source_id: String,
    /// The settings.
    pub config: Config,
    /// The networks that are the customer's own.
    pub internal: Vec<Cidr>,
    /// What was asked once and holds for the whole run.
    pub memo: Memo,
    /// Alerts of this run that shall be looked at again.
    pub pending: Vec<Pending>,
    /// What the caller will be told.
    pub answer: Answer,
}

impl<'a, H: Host> Run<'a, H> {
    /// Opens both sides.
    ///
    /// # Errors
    /// A binding is missing, or a network of the settings is none.
    pub fn open(host: &'a H, config: Config) -> Result<Self, WorkflowError> {
        Ok(Self {
            host,
            console: host.console(QRADAR)?,
            organisation: host.organisation(THEHIVE)?,
            source_id: host.source_id(QRADAR)?,
            internal: config.internal()?,
            config,
            memo: Memo::default(),
            pending: Vec::new(),
            answer: Answer::new(None, String::new()),
        })
    }

    /// The key our own alert for an offense has.
    pub fn alert_key(&self, id: u64) -> AlertKey {
        AlertKey {
            type_: self.config.alert_type.clone(),
            source: self.source_id.clone(),
            source_ref: id.to_string(),
        }
    }

    /// The keys under which alerts of an offense may be: our own, and those of an earlier importer.
    pub fn alert_keys(&self, id: u64) -> Vec<AlertKey> {
        let adopted = self.config.adopt.iter().map(|earlier| AlertKey {
            type_: earlier.type_.clone(),
            source: earlier.source.clone(),
            source_ref: id.to_string(),
        });
        std::iter::once(self.alert_key(id)).chain(adopted).collect()
    }
}
