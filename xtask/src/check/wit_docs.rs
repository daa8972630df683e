//! Is every item of the WIT interfaces documented?
//!
//! Line by line, which the formatting of our WIT files allows: one item a line, `///` above it.

use super::{Finding, source::Tree};

/// Packages of others, copied next to ours, keep their own style.
const FOREIGN: &str = "deps";

/// Lines that start so open an item with a body or stand alone.
const KEYWORDS: [&str; 8] = [
    "interface ",
    "world ",
    "record ",
    "variant ",
    "enum ",
    "flags ",
    "resource ",
    "type ",
];

/// Lines that name what is documented elsewhere; a package is documented by its interfaces.
const REFERENCES: [&str; 4] = ["package ", "use ", "include ", "import "];

/// Reports each undocumented item.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let is_wit = file.path.starts_with("wit") && file.path.extension().is_some_and(|extension| extension == "wit");
        if is_wit && !file.path.iter().any(|part| part == FOREIGN) {
            for (line, item) in undocumented(&file.text) {
                let message = format!("`{item}` has no doc comment: add `///` lines above it (MUST/MAY, edge cases)");
                findings.push(Finding {
                    file: file.path.clone(),
                    line,
                    message,
                });
            }
        }
    }
    findings
}

fn undocumented(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut documented = false;
    // Parameters of a function that spans lines are no items.
    let mut depth = 0i32;
    for (number, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.starts_with("///") {
            documented = true;
            continue;
        }
        if line.is_empty() || line.starts_with("//") || line.starts_with('@') {
            continue;
        }
        let code = line.split("//").next().unwrap_or_default();
        let inside = depth > 0;
        depth += i32::try_from(code.matches('(').count()).unwrap_or(0);
        depth -= i32::try_from(code.matches(')').count()).unwrap_or(0);
        if !inside && is_item(line) && !documented {
            found.push((number + 1, line.trim_end_matches(['{', ' ']).to_owned()));
        }
        documented = false;
    }
    found
}

fn is_item(line: &str) -> bool {
    if REFERENCES.iter().any(|start| line.starts_with(start)) {
        return false;
    }
    let starts_name = line.starts_with(|c: char| c.is_ascii_lowercase() || c == '%');
    let is_keyword = KEYWORDS.iter().any(|start| line.starts_with(start));
    // Fields, cases and functions: `name: type,`  `name(type),`  `name,`  `name: func(...);`  `constructor(...)`.
    let names_a_part = line.contains([':', ',', '(']);
    let is_last_case = line.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_keyword || (starts_name && (names_a_part || is_last_case))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<String> {
        undocumented(text).into_iter().map(|(_, item)| item).collect()
    }

    #[test]
    fn every_kind_of_item_needs_a_comment() {
        let text = "interface a {\n  record b {\n    c: u8,\n  }\n  enum d {\n    e,\n    f\n  }\n  variant g {\n    h(u8),\n  }\n  i: func() -> u8;\n}\n";
        let expected = [
            "interface a",
            "record b",
            "c: u8,",
            "enum d",
            "e,",
            "f",
            "variant g",
            "h(u8),",
            "i: func() -> u8;",
        ];
        assert_eq!(items(text), expected);
    }

    #[test]
    fn a_comment_above_counts_also_with_since_between() {
        let text = "/// A.\n@since(version = 0.1.0)\ninterface a {\n  use b.{c};\n  /// D.\n  d: func(\n    e: u8,\n    f: u8,\n  ) -> u8;\n}\n";
        assert_eq!(items(text), Vec::<String>::new());
    }

    #[test]
    fn a_comment_documents_one_item_only() {
        assert_eq!(items("/// A.\nrecord a {\n  b: u8,\n}\n"), ["b: u8,"]);
    }
}
