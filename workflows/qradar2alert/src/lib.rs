//! How does a QRadar offense become a TheHive alert?
//!
//! [`run::qradar2alert`] is the whole workflow. Reading order: `input`, `select`, `run`, `import`, then what an alert is made
//! of (`enrich`, `searches`, `observables`, `description`, `alert`).

use synapse_guest::qradar::QRadar;
use synapse_guest::thehive::TheHive;
use synapse_guest::workflow::Workflow;

pub mod alert;
pub mod answer;
pub mod cidr;
pub mod config;
pub mod description;
pub mod enrich;
pub mod import;
pub mod input;
pub mod ledger;
pub mod mask;
pub mod observables;
pub mod origin;
pub mod run;
pub mod searches;
pub mod select;
pub mod severity;
pub mod tags;

/// What this workflow can touch: its world.
pub trait Host: Workflow + QRadar + TheHive {}

impl<T: Workflow + QRadar + TheHive> Host for T {}

synapse_guest::workflow!(run::qradar2alert);
