//! Are the connectors shaped alike, file by file?
//!
//! Who knows one connector knows them all (design.md section 7).

use super::{Finding, source::Tree};
use std::path::{Path, PathBuf};

const HOME: &str = "runtime/crates/capabilities/src";

/// Connectors that exist; a new one is added here and then has to have all parts.
const CONNECTORS: [&str; 3] = ["thehive", "qradar", "ews"];

/// Each as a file or, when it grew, as a folder of that name.
const PARTS: [&str; 6] = ["client", "types", "query", "permission", "reconcile", "host"];

/// Reports each missing part.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connector in CONNECTORS {
        let dir = Path::new(HOME).join(connector);
        for part in PARTS {
            let file = dir.join(format!("{part}.rs"));
            let folder: PathBuf = dir.join(part);
            let present = tree
                .files
                .iter()
                .any(|found| found.path == file || found.path.starts_with(&folder));
            if !present {
                let message =
                    format!("connector {connector} has no {part}.rs (or {part}/): connectors are shaped alike");
                findings.push(Finding { file, line: 1, message });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::File;
    use super::*;

    #[test]
    fn a_missing_part_is_reported_and_a_folder_counts_as_the_part() {
        let mut files = Vec::new();
        for connector in CONNECTORS {
            for part in PARTS {
                let ending = if part == "client" { "/mod.rs" } else { ".rs" };
                files.push(File::new(&format!("{HOME}/{connector}/{part}{ending}"), ""));
            }
        }
        assert_eq!(check(&Tree { files }), []);

        let files = vec![File::new(&format!("{HOME}/thehive/client.rs"), "")];
        assert_eq!(check(&Tree { files }).len(), CONNECTORS.len() * PARTS.len() - 1);
    }
}
