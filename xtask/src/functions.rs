//! Is every capability function there as a whole: permission, class, upstream route, test?
//!
//! The table is made, not written: functions from the WIT, class and permission from the connectors' `calls`, routes and tests from what
//! the simulators saw while all tests ran. A gap fails the build.

mod declared;
mod observed;
mod table;
mod wit;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::check::Tree;
use crate::paths;

/// Where tests write down what they saw.
pub fn observations() -> PathBuf {
    paths::report().join("observed.tsv")
}

/// Makes the table; an error names every gap.
pub fn run() -> Result<()> {
    let tree = Tree::load(&paths::root())?;
    let functions = wit::functions(&tree);
    if functions.is_empty() {
        bail!("no function was found in the WIT");
    }
    let (table, gaps) = table::make(&functions, &declared::calls(&tree), &observed::read(&observations())?);
    let path = paths::report().join("functions.md");
    std::fs::create_dir_all(paths::report())?;
    std::fs::write(&path, table)?;
    println!("functions: {} in {}", functions.len(), path.display());
    for gap in &gaps {
        println!("functions: {gap}");
    }
    if !gaps.is_empty() {
        bail!("{} gaps", gaps.len());
    }
    Ok(())
}
