//! Does the workflow keep its promises, case by case, against the fake host?

mod again;
mod alerts;
mod assign;
mod attached;
mod brake;
mod encodings;
mod fails;
mod hostile;
mod look;
mod support;
mod threads;
