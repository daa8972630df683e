//! Does the workflow keep its promises, case by case, against the fake host?

mod named;
mod settings;
