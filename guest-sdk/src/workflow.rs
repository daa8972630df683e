//! What may every workflow do without a grant?

use serde::de::DeserializeOwned;

use crate::bindings::workflow::synapse::workflow as wit;
use crate::error::{Error, WorkflowError};

pub use wit::log::Level;
pub use wit::report::{Item, Verdict};
pub use wit::state::{Change, Entry};
pub use wit::types::{Event, Timestamp};

/// `synapse:workflow`: facts about the run, its memory, its log and its report.
pub trait Workflow {
    /// The run's id (UUIDv7).
    fn run_id(&self) -> String;
    /// Name of the deployment.
    fn deployment(&self) -> String;
    /// The deployment's configuration: a JSON object that satisfies the manifest's schema.
    fn config_json(&self) -> String;
    /// The moment from which the deployment acts; nothing older is touched unless the event asks for it.
    fn go_live(&self) -> Timestamp;
    /// The source id of the connection bound under this name: the `source` of alerts that come from it.
    ///
    /// # Errors
    /// `denied` if the name is not bound.
    fn source_id(&self, binding: &str) -> Result<String, Error>;

    /// Writes one line of the run's log. Never fails; beyond the run's limits lines are dropped and one mark says so.
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]);

    /// Reads at most 1,000 keys; a key that does not exist is `None`. Safe to repeat.
    ///
    /// # Errors
    /// `invalid` for more keys or longer ones.
    fn state_get(&self, keys: &[String]) -> Result<Vec<Option<Entry>>, Error>;
    /// Makes at most 1,000 changes, each for itself: its new revision (0 after a delete), or `conflict` where the key is not as
    /// expected. Durable with this call, also if the run fails later.
    ///
    /// # Errors
    /// `invalid` for more changes, `quota` if the deployment holds too many keys; then nothing was changed.
    fn state_apply(&self, changes: &[Change]) -> Result<Vec<Result<u64, Error>>, Error>;
    /// At most 100 keys that start with the prefix, in byte order, and the cursor of the next page.
    ///
    /// # Errors
    /// `invalid` for a cursor that is none.
    fn state_keys(&self, prefix: &str, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), Error>;

    /// Milliseconds since 1970, journaled: it advances only at capability calls.
    fn now(&self) -> Timestamp;
    /// Waits until this moment, at most 90 days ahead. A wait longer than a moment suspends the run: it holds no instance and no place,
    /// survives restarts, and goes on here. A moment in the past is no wait. Afterwards [`Workflow::now`] is not before the moment.
    ///
    /// # Errors
    /// `invalid` for a moment further ahead, `quota` beyond the run's calls.
    fn sleep_until(&self, moment: Timestamp) -> Result<(), Error>;
    /// Random bytes from the run's seed, at most 4,096 a call.
    fn random(&self, len: u32) -> Vec<u8>;

    /// How many items were looked at, and in which window; counts of several calls add up.
    fn scanned(&self, count: u64, window: &str);
    /// What became of one item, in an analyst's words.
    fn report(&self, item: &Item);

    /// The configuration as a type of the workflow. Give every field a default, the manifest's own.
    ///
    /// # Errors
    /// Final: the manifest's schema lets something through that the type does not accept.
    fn config<C: DeserializeOwned>(&self) -> Result<C, WorkflowError> {
        serde_json::from_str(&self.config_json()).map_err(|error| WorkflowError::Failed(format!("config: {error}")))
    }
}
