//! Does a hostile guest, tenant or target stay within what it may do and use? Test names carry the rows of the threat model.

mod blobs;
mod calls;
mod cpu;
mod denial;
mod deploys;
mod endings;
mod floods;
mod hooks;
mod memory;
mod places;
mod raw;
mod reflection;
mod routes;
mod secrets;
mod support;
mod tenants;
mod uploads;
mod wall;
mod wasi;
