//! Does the whole thing do what it promises, seen from outside?

mod again;
mod alarms;
mod cases;
mod cli;
mod closing;
mod closing_hooks;
mod closing_versions;
mod compat;
mod doctor;
mod downtime;
mod golive;
mod health;
mod hive_versions;
mod hooks;
mod import;
mod mail;
mod mirroring;
#[expect(dead_code, reason = "the workflow's own tests use all of it")]
#[path = "../../workflows/ews2case/tests/all/msgfile.rs"]
mod msgfile;
mod pauses;
mod proxies;
mod qradar;
mod rates;
mod readme;
mod reconcile;
mod recorded;
mod runs;
mod schedules;
mod sources;
mod sources_mail;
mod start;
mod support;
mod timers;
