//! What does the product do, shown on recorded offenses against the simulators?

use anyhow::{Result, bail};

/// Refuses until the server exists: a task that ends 0 without doing its work would be a lie.
pub fn run(args: &[&str]) -> Result<()> {
    bail!("demo is not built yet (asked for: {args:?})")
}
