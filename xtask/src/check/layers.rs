//! Does each layer keep to itself: SQL in the store, HTTP clients in egress, wasmtime in the sandbox?

use super::{
    Finding,
    source::{File, Tree},
};

/// Files that name a crate outside its places are reported.
struct Rule {
    /// Crate names as they appear in code.
    words: &'static [&'static str],
    /// Where they may appear.
    places: &'static [&'static str],
    /// What to do instead.
    remedy: &'static str,
}

const RULES: [Rule; 3] = [
    Rule {
        words: &["sqlx"],
        places: &["runtime/crates/store"],
        remedy: "SQL belongs to runtime/crates/store: add a method to its traits",
    },
    Rule {
        words: &["reqwest", "hyper", "hyper_util"],
        places: &[
            "runtime/crates/capabilities/src/egress",
            "runtime/src/cli",
            "tests",
            "xtask",
        ],
        remedy: "HTTP clients belong to capabilities/src/egress (limits, address check) or runtime/src/cli; for plain types use the http crate",
    },
    Rule {
        words: &["wasmtime", "wasmtime_wasi"],
        places: &["runtime/crates/capabilities", "runtime/crates/sandbox"],
        remedy: "wasmtime belongs to capabilities (bindings, host) and sandbox",
    },
];

/// SQL in a literal, outside the store. AQL is SQL's cousin: QRadar's query builder may write it.
const STATEMENTS: [&str; 6] = [
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "UPDATE ",
];
const STORE: &[&str] = &["runtime/crates/store"];
const AQL: &[&str] = &["runtime/crates/capabilities/src/qradar"];

/// Checks all of it.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, rust) in tree.rust() {
        for rule in RULES.iter().filter(|rule| !file.is_in(rule.places) && !file.is_test()) {
            for (number, line) in rust.code.lines().enumerate() {
                if let Some(word) = words(line).find(|word| rule.words.contains(word)) {
                    findings.push(finding(file, number + 1, &format!("`{word}` here: {}", rule.remedy)));
                }
            }
        }
        let may_hold_sql = !file.path.starts_with("runtime") || file.is_in(STORE) || file.is_in(AQL) || file.is_test();
        if !may_hold_sql {
            for (line, _) in rust.strings.iter().filter(|(_, text)| is_sql(text)) {
                findings.push(finding(
                    file,
                    *line,
                    "SQL in a literal: SQL belongs to runtime/crates/store",
                ));
            }
        }
    }
    findings
}

fn finding(file: &File, line: usize, message: &str) -> Finding {
    Finding {
        file: file.path.clone(),
        line,
        message: message.to_owned(),
    }
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !(character.is_alphanumeric() || character == '_'))
}

/// "UPDATE x SET" rather than any sentence that shouts.
fn is_sql(text: &str) -> bool {
    let text = text.trim_start();
    STATEMENTS.iter().any(|start| text.starts_with(start)) && (!text.starts_with("UPDATE ") || text.contains(" SET "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree {
            files: vec![File::new(path, text)],
        })
        .into_iter()
        .map(|finding| finding.line)
        .collect()
    }

    #[test]
    fn sql_outside_the_store_is_reported_as_a_crate_and_as_a_literal() {
        let text = "use sqlx::Row;\nlet q = \"SELECT 1\";\nlet m = \"UPDATE your rules\";\n// sqlx\n";
        assert_eq!(lines("runtime/src/http/a.rs", text), [1, 2]);
        assert!(lines("runtime/crates/store/src/a.rs", text).is_empty());
    }

    #[test]
    fn aql_may_be_written_by_the_qradar_connector_only() {
        let text = "let q = \"SELECT sourceip FROM events\";\n";
        assert!(lines("runtime/crates/capabilities/src/qradar/query.rs", text).is_empty());
        assert_eq!(lines("runtime/crates/capabilities/src/thehive/query.rs", text), [1]);
    }

    #[test]
    fn http_clients_are_kept_in_egress_and_the_cli() {
        let text = "fn f(c: &reqwest::Client) {}\n";
        assert_eq!(lines("runtime/crates/capabilities/src/thehive/client.rs", text), [1]);
        assert!(lines("runtime/crates/capabilities/src/egress/client.rs", text).is_empty());
        assert!(lines("runtime/src/cli/api.rs", text).is_empty());
    }

    #[test]
    fn wasmtime_is_kept_in_capabilities_and_sandbox() {
        let text = "let e: wasmtime::Engine;\n";
        assert_eq!(lines("runtime/src/engine/attempt.rs", text), [1]);
        assert!(lines("runtime/crates/sandbox/src/engine.rs", text).is_empty());
        assert!(lines("runtime/src/a.rs", "let m = \"wasmtime 48\"; // wasmtime\n").is_empty());
    }
}
