//! How do an offense and its alert or case stay in step?
//!
//! [`run::on_event`] is the whole workflow. `inward` takes over from QRadar to TheHive, `outward` the other way; `memory` is what keeps an
//! echo from being mirrored back.

use synapse_guest::qradar::{Closing, Handling, Notes};
use synapse_guest::thehive::{Comments, Tasks, Users};
use synapse_offenses::case_alerts::CaseAlerts;

pub mod answer;
pub mod closed;
pub mod config;
pub mod input;
pub mod inward;
pub mod memory;
pub mod outward;
pub mod run;

/// What this workflow can touch: its world.
pub trait Host: synapse_offenses::Host + Closing + Notes + Handling + Comments + Tasks + Users + CaseAlerts {}

impl<T: synapse_offenses::Host + Closing + Notes + Handling + Comments + Tasks + Users + CaseAlerts> Host for T {}

synapse_guest::workflow!(event run::on_event);
