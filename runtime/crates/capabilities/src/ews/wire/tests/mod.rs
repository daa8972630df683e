//! Does the wire layer keep its promises? Recorded answers, Exchange's own shapes, hostile bytes, and every request against the schema's order.

mod content;
mod exchange;
mod hostile;
mod recorded;
mod requests;
mod schema;
mod tree;
