//! What must a product offer so that the control API can load and reset it?

use serde_json::Value;

/// The state behind one simulated product.
pub trait Target: Send + Sync + 'static {
    /// Replaces the state by `state` (the product's own JSON). The error text reaches the caller of `PUT /_sim/state`.
    fn load(&self, state: Value) -> Result<(), String>;

    /// Back to the state the simulator was started with.
    fn reset(&self);

    /// The state as JSON for `GET /_sim/state`; null if the product has no dump.
    fn dump(&self) -> Value {
        Value::Null
    }
}
