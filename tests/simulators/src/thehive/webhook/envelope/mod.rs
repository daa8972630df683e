//! How does an event look on the wire? One file per dialect; a new flavour of the product is a new row here.

mod v3;
mod v4;
mod v5_version0;
mod v5_version1;

use crate::thehive::{audit::Event, v0::Flavour};
use serde_json::{Map, Value};

/// What an endpoint chooses of the dialect that its server speaks.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// 0 or 1; none: what a new endpoint of the server has. 3 knows no versions.
    pub version: Option<u64>,
    /// Whether version 1 of 5 has `mainAction`.
    pub main_action: bool,
}

/// The payload of an event that is sent at `now_ms`, as the version that the server was then tells it.
pub fn render(choice: Choice, event: &Event, now_ms: i64) -> Value {
    match (event.flavour, choice.version) {
        (Flavour::V3, _) => v3::envelope(event),
        (Flavour::V4, Some(1)) => v4::envelope(event, v4::Version::One),
        (Flavour::V4, _) => v4::envelope(event, v4::Version::Zero),
        (Flavour::V5, Some(0)) => v5_version0::envelope(event, now_ms),
        (Flavour::V5, _) => v5_version1::envelope(event, choice.main_action),
    }
}

/// The custom fields of an entity as `{name: value}`, which stands beside `customFields` on 5.
fn field_values(body: &Map<String, Value>) -> Option<Value> {
    let fields = body.get("customFields")?.as_array()?;
    let values = fields.iter().filter_map(|field| {
        let name = field.get("name")?.as_str()?;
        Some((name.to_owned(), field.get("value")?.clone()))
    });
    Some(Value::Object(values.collect()))
}
