//! How does a case that was closed in TheHive close its offense in QRadar?
//!
//! [`run::on_event`] is the whole workflow. Reading order: `input` (what was asked), `closure` (the case, read twice), `targets` (its
//! offenses), `brake`, `decide` (may the offense be closed, and why not), `note`, `act`, `tell` (what the analyst reads).

use synapse_guest::qradar::{Closing, Notes, QRadar};
use synapse_guest::thehive::{Cases, Comments, Tasks, TheHive};
use synapse_guest::workflow::Workflow;
use synapse_offenses::case_alerts::CaseAlerts;

pub mod act;
pub mod answer;
pub mod closure;
pub mod config;
pub mod decide;
pub mod input;
pub mod note;
pub mod run;
pub mod targets;
pub mod tell;

/// What this workflow can touch: its world.
pub trait Host: Workflow + QRadar + Closing + Notes + TheHive + Cases + Comments + Tasks + CaseAlerts {}

impl<T: Workflow + QRadar + Closing + Notes + TheHive + Cases + Comments + Tasks + CaseAlerts> Host for T {}

synapse_guest::workflow!(event run::on_event);
