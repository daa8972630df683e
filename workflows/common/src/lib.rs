//! How does an offense become an alert, and how is that alert kept up to date?
//!
//! What `qradar2alert`, `import-offense` and `mirror-offense` share. Reading order: `run`, `import`, then what an alert is made of
//! (`enrich`, `searches`, `observables`, `description`, `alert`), then what happens to it afterwards (`fill`, `late`, `seen`).

use synapse_guest::qradar::QRadar;
use synapse_guest::thehive::{Cases, Observables, TheHive};
use synapse_guest::workflow::Workflow;

pub mod alert;
pub mod answer;
pub mod brake;
pub mod case_alerts;
pub mod cidr;
pub mod config;
pub mod description;
pub mod digest;
pub mod enrich;
pub mod event;
pub mod feedback;
pub mod fill;
pub mod import;
pub mod late;
pub mod ledger;
pub mod mask;
pub mod observables;
pub mod origin;
pub mod run;
pub mod searches;
pub mod seen;
pub mod severity;
pub mod table;
pub mod tags;

/// What this library needs of a workflow's world.
pub trait Host: Workflow + QRadar + TheHive + Observables + Cases {}

impl<T: Workflow + QRadar + TheHive + Observables + Cases> Host for T {}
