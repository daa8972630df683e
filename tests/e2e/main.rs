//! Does the whole thing do what it promises, seen from outside?

mod cases;
mod cli;
mod compat;
mod golive;
mod health;
mod import;
mod mail;
mod readme;
mod recorded;
mod runs;
mod start;
mod support;
