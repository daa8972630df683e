//! Does the workflow keep its promises, case by case, against the fake host?

mod echo;
mod inward;
mod outward;
mod settings;
mod support;
