//! What did the simulators see of each function while the tests ran?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

/// What was seen of one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Method and route of the simulator.
    pub routes: BTreeSet<String>,
    /// Tests in which it was called.
    pub tests: BTreeSet<String>,
}

/// By the function's name.
pub fn read(path: &Path) -> Result<BTreeMap<String, Observed>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} is missing: it is written while all tests run", path.display()))?;
    Ok(parse(&text))
}

fn parse(text: &str) -> BTreeMap<String, Observed> {
    let mut found: BTreeMap<String, Observed> = BTreeMap::new();
    for line in text.lines() {
        let mut parts = line.split('\t');
        let (Some(operation), Some(method), Some(route)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let seen = found.entry(operation.to_owned()).or_default();
        seen.routes.insert(format!("{method} {route}"));
        if let Some(test) = parts.next().filter(|test| test.contains("::")) {
            seen.tests.insert(test.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_test_tells_the_route_only() {
        let seen = parse("a/b.c\tGET\t/x/{id}\ta::b\na/b.c\tGET\t/x/{id}\ttokio-rt-worker\n");
        assert_eq!(seen["a/b.c"].routes.len(), 1);
        assert_eq!(seen["a/b.c"].tests.iter().collect::<Vec<_>>(), ["a::b"]);
    }
}
