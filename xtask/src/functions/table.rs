//! Which row does each function have, and what is missing in it?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::declared::Declared;
use super::observed::Observed;

/// Tests that a row names; their number is always given.
const SHOWN: usize = 2;
/// The connector that has a table of rights, and the one function that its table cannot answer for: it depends on the request.
const RIGHTS: (&str, &str) = ("thehive/", "thehive/raw.request");

/// The table as Markdown, and its gaps.
pub fn make(
    functions: &[String],
    declared: &BTreeMap<String, Declared>,
    observed: &BTreeMap<String, Observed>,
) -> (String, Vec<String>) {
    let mut table = String::from(
        "| function | class | permission | right | routes | tests |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let mut gaps = Vec::new();
    let (no_declaration, no_observation) = (Declared::default(), Observed::default());
    for function in functions {
        let declared = declared.get(function).unwrap_or(&no_declaration);
        let observed = observed.get(function).unwrap_or(&no_observation);
        let list = |items: &mut dyn Iterator<Item = &String>| items.cloned().collect::<Vec<_>>().join(", ");
        let cells = [
            ("class", list(&mut declared.classes.iter())),
            ("permission arm", list(&mut declared.permission.iter())),
            ("right at the target", right(function, declared)),
            ("simulator route", list(&mut observed.routes.iter())),
            ("test", tests(observed)),
        ];
        for (what, cell) in &cells {
            if cell.is_empty() {
                gaps.push(format!("{function} has no {what}"));
            }
        }
        let [class, permission, right, routes, tests] = cells.map(|(_, cell)| cell);
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| `{function}` | {class} | {permission} | {right} | {routes} | {tests} |"
        );
    }
    for name in declared.keys().filter(|name| !functions.contains(name)) {
        gaps.push(format!("{name} is declared by a connector and in no WIT"));
    }
    (table, gaps)
}

/// The right that the target's user needs; a line where there is none to name.
fn right(function: &str, declared: &Declared) -> String {
    let (connector, except) = RIGHTS;
    let changes = declared.classes.iter().any(|class| class != "read");
    match &declared.right {
        Some(right) => right.clone(),
        None if changes && function.starts_with(connector) && function != except => String::new(),
        None => "-".to_owned(),
    }
}

fn tests(observed: &Observed) -> String {
    let shown: Vec<&str> = observed.tests.iter().take(SHOWN).map(String::as_str).collect();
    match observed.tests.len() {
        0 => String::new(),
        count => format!("{count}: {}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests_of_the_table {
    use super::*;

    #[test]
    fn every_missing_cell_is_a_gap() {
        let functions = ["a/b.c".to_owned()];
        let (_, gaps) = make(&functions, &BTreeMap::new(), &BTreeMap::new());
        assert_eq!(gaps.len(), 4);
        let declared = Declared {
            classes: ["read".to_owned()].into(),
            permission: ["C".to_owned()].into(),
            right: None,
        };
        let observed = Observed {
            routes: ["GET /x".to_owned()].into(),
            tests: ["a::b".to_owned()].into(),
        };
        let whole = BTreeMap::from([("a/b.c".to_owned(), declared)]);
        let seen = BTreeMap::from([("a/b.c".to_owned(), observed)]);
        let (table, gaps) = make(&functions, &whole, &seen);
        assert!(gaps.is_empty() && table.contains("| `a/b.c` | read | C | - | GET /x | 1: a::b |"));
        let changing = Declared {
            classes: ["keyed".to_owned()].into(),
            ..Declared::default()
        };
        assert_eq!(right("thehive/b.c", &changing), "");
        assert_eq!(right("thehive/raw.request", &changing), "-");
        let (_, gaps) = make(&[], &whole, &seen);
        assert_eq!(gaps, ["a/b.c is declared by a connector and in no WIT"]);
    }
}
