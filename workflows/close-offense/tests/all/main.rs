//! Does the workflow keep its promises, case by case, against the fake host?

mod closes;
mod holds;
mod settings;
mod support;
mod tells;
mod waits;
