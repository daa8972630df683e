//! Does the TheHive simulator keep the contract where the client depends on it? (The vendor's client judges the rest.)

mod alerts;
mod cases;
mod files;
mod queries;
mod support;
mod tasks;
