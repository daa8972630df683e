//! Does any file name a package registry's host?
//!
//! Registries are configured on the machine, not in the repository: a checkout must build behind any mirror.

use super::{Finding, source::Tree};

/// Written in parts, so that this file keeps the rule.
const HOSTS: [(&str, &str); 9] = [
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("debian", ".org"),
    ("rust-lang", ".org"),
    ("yarnpkg", ".com"),
    ("proxy.golang", ".org"),
];

/// Lock files record where cargo fetched from; cargo writes them.
const LOCK: &str = "Cargo.lock";

/// Reports each line that names one.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let hosts: Vec<String> = HOSTS.iter().map(|(name, domain)| format!("{name}{domain}")).collect();
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.ends_with(LOCK)) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(host) = hosts.iter().find(|host| line.contains(*host)) {
                let message = format!("names the registry host {host}: say what is needed, not where it comes from");
                findings.push(Finding {
                    file: file.path.clone(),
                    line: number + 1,
                    message,
                });
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
    fn a_registry_host_is_reported_outside_the_lock_file() {
        let text = format!("one\nget it from {}{}\n", "pypi", ".org");
        let found = |path: &str| {
            let tree = Tree {
                files: vec![File::new(path, &text)],
            };
            check(&tree).into_iter().map(|finding| finding.line).collect::<Vec<_>>()
        };
        assert_eq!(found("README.md"), [2]);
        assert!(found("Cargo.lock").is_empty());
    }
}
