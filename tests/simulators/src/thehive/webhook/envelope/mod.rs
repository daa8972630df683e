//! How does an event look on the wire? One file per dialect; a new flavour of the product is a new row here.

mod v5_version0;
mod v5_version1;

use crate::thehive::audit::Event;
use serde_json::{Map, Value};

/// The dialects that the simulator speaks.
#[derive(Clone, Copy, Debug)]
pub enum Dialect {
    /// 5.x, endpoint version 0.
    V5Version0,
    /// 5.x, endpoint version 1.
    V5Version1 {
        /// Whether `mainAction` is there.
        main_action: bool,
    },
}

/// The payload of an event that is sent at `now_ms`.
pub fn render(dialect: Dialect, event: &Event, now_ms: i64) -> Value {
    match dialect {
        Dialect::V5Version0 => v5_version0::envelope(event, now_ms),
        Dialect::V5Version1 { main_action } => v5_version1::envelope(event, main_action),
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
