//! How are measurements shown and kept?

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// Measurements in the order in which they were taken.
#[derive(Default)]
pub struct Report(Vec<Value>);

impl Report {
    /// Adds a number; `floor` is what the same machine did in the same run without us.
    pub fn add(&mut self, name: &str, value: f64, unit: &str, floor: Option<f64>) {
        let ratio = floor.filter(|floor| *floor > 0.0).map(|floor| rounded(value / floor));
        self.0.push(
            json!({ "name": name, "value": rounded(value), "unit": unit, "floor": floor.map(rounded), "ratio": ratio }),
        );
    }

    /// Prints a table.
    pub fn print(&self) {
        println!(
            "\n{:44} {:>12} {:10} {:>12} {:>8}",
            "NAME", "VALUE", "UNIT", "FLOOR", "RATIO"
        );
        for row in &self.0 {
            let shown = |name: &str| {
                row[name]
                    .as_f64()
                    .map_or_else(|| "-".to_owned(), |number| number.to_string())
            };
            let text = |name: &str| row[name].as_str().unwrap_or("");
            println!(
                "{:44} {:>12} {:10} {:>12} {:>8}",
                text("name"),
                shown("value"),
                text("unit"),
                shown("floor"),
                shown("ratio")
            );
        }
    }

    /// Writes `[{"name", "value", "unit", "floor", "ratio"}]`.
    pub fn write(&self, file: &Path) -> Result<()> {
        std::fs::write(file, serde_json::to_string_pretty(&self.0)?)
            .with_context(|| format!("writing {}", file.display()))
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
