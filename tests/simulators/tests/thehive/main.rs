//! Does the TheHive simulator keep the contract where the client depends on it? (The vendor's own suite judges the rest.)

mod alerts;
mod cases;
mod cortex;
mod files;
mod filters;
mod platform;
mod queries;
mod shares;
mod support;
mod tasks;
mod webhooks;
