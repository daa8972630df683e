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
mod msgfile;
mod outlook;
mod support;
mod threads;
mod tneffile;
mod watched;
