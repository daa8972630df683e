//! Does the connector keep its promises at TheHive 3 and 4, through the same functions?

mod alerts;
mod bulk;
mod cases;
mod doubt;
mod observables;
mod searches;
mod tasks;

use serde_json::{Value, json};

use super::searches as searches_of_5;
use super::{Bytes, KEY, Lab, MARKER, alert, around, case, doubt_of_new, effect, observable, task};
use crate::egress::Egress;
use crate::thehive::client::Options;

/// Both versions that speak v0.
const BOTH: [&str; 2] = ["v3", "v4"];

/// The way to the server of somebody else than the connector.
fn egress(url: &str) -> Egress {
    super::egress(url, KEY)
}

async fn lab(flavour: &str) -> Lab {
    lab_with(flavour, json!({})).await
}

async fn lab_with(flavour: &str, more: Value) -> Lab {
    let mut state = json!({"flavour": flavour});
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Lab::with(state, Options::default()).await
}
