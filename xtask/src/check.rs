//! Does the tree keep its own rules?

mod attributes;
mod cargo;
mod crates;
mod headers;
mod hosts;
mod layers;
mod lexer;
mod size;
mod source;
mod symmetry;
mod wit_docs;

use anyhow::{Result, bail};
#[cfg(test)]
pub use source::File;
pub use source::Tree;
use std::path::PathBuf;

/// One broken rule, at a place, with the remedy.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the root.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Everything: the layout rules first, because they answer in a second.
pub fn run() -> Result<()> {
    let mut failed = Vec::new();
    let mut step = |name: &'static str, outcome: Result<()>| {
        if let Err(error) = outcome {
            eprintln!("check: {name}: {error:#}");
            failed.push(name);
        }
    };
    step("rules", rules_only());
    step("fmt", cargo::format());
    step("clippy", cargo::clippy());
    step("deny", cargo::deny());
    cargo::advisories();
    if !failed.is_empty() {
        bail!("check failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The layout rules alone.
pub fn rules_only() -> Result<()> {
    let tree = Tree::load(&crate::paths::root())?;
    let mut findings = Vec::new();
    let mut numbers = String::new();
    findings.extend(headers::check(&tree));
    findings.extend(size::check(&tree, &mut numbers));
    findings.extend(layers::check(&tree));
    findings.extend(attributes::check(&tree));
    findings.extend(hosts::check(&tree));
    findings.extend(symmetry::check(&tree));
    findings.extend(wit_docs::check(&tree));
    findings.extend(crates::check(&crates::read()?));
    findings.sort();
    println!("check: {numbers}");
    for finding in &findings {
        println!("{}:{}: {}", finding.file.display(), finding.line, finding.message);
    }
    if !findings.is_empty() {
        bail!("{} broken layout rules", findings.len());
    }
    println!("check: layout rules hold");
    Ok(())
}
