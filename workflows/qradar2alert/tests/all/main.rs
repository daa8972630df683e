//! Does the workflow keep its promises, case by case, against the fake host?

mod already;
mod evidence;
mod hostile;
mod later;
mod look;
mod settings;
mod support;
mod windows;
