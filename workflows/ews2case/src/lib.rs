//! How does a reported mail become a TheHive case?
//!
//! [`run::ews2case`] is the whole workflow. Reading order: `input`, `select` and `items` (which mails), `run`, `chunks` (one portion after the other), `handle`
//! (one mail, step by step), then what a step needs: `evidence`, `mime` and `outlook` (attachments, to any depth), `thread` (which case),
//! `case`, `description`, `note`, `said` and `indicators` (what is written, and where), `people` (who gets it), `feedback` (what Outlook shows).

use synapse_guest::blobs::Blobs;
use synapse_guest::ews::Ews;
use synapse_guest::thehive::{Cases, Comments, Observables, Tasks, TheHive, Users};
use synapse_guest::workflow::Workflow;

pub mod answer;
pub mod automatic;
pub mod brake;
pub mod case;
pub mod chunks;
pub mod config;
pub mod description;
pub mod digest;
pub mod evidence;
pub mod failure;
pub mod feedback;
pub mod handle;
pub mod html;
pub mod indicators;
pub mod input;
pub mod items;
pub mod late;
pub mod ledger;
pub mod letter;
pub mod mime;
pub mod names;
pub mod note;
pub mod outlook;
pub mod people;
pub mod run;
pub mod said;
pub mod select;
pub mod smime;
pub mod sniff;
pub mod streak;
pub mod thread;

/// What this workflow can touch: its world.
pub trait Host: Workflow + Blobs + Ews + TheHive + Cases + Tasks + Observables + Comments + Users {}

impl<T: Workflow + Blobs + Ews + TheHive + Cases + Tasks + Observables + Comments + Users> Host for T {}

synapse_guest::workflow!(run::ews2case);
