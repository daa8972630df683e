//! What do the connectors say about each function: its class, and the arm of `permission` that answers for it?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::check::Tree;

const HOME: &str = "runtime/crates/capabilities/src";

/// What is declared about one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// `read`, `keyed`, `probe`, `opaque`; two where a write reads first.
    pub classes: BTreeSet<String>,
    /// Arms of the connector's `permission` that its calls go through, if `permission` has them.
    pub permission: BTreeSet<String>,
    /// What the target's user needs for it, where the connector has a table of rights.
    pub right: Option<String>,
}

/// By the function's name.
pub fn calls(tree: &Tree) -> BTreeMap<String, Declared> {
    let mut found: BTreeMap<String, Declared> = BTreeMap::new();
    for (connector, files) in connectors(tree) {
        let text = |part: &str| -> Vec<&str> {
            let of_it = files
                .iter()
                .filter(|(path, _)| path.split(['/', '.']).next() == Some(part));
            of_it.map(|(_, text)| *text).collect()
        };
        let constants: BTreeMap<_, _> = files.iter().flat_map(|(_, text)| constants(text)).collect();
        let rights: BTreeMap<_, _> = text("rights").into_iter().flat_map(rights).collect();
        let arms: BTreeSet<_> = text("permission").into_iter().flat_map(arms).collect();
        for call in text("calls").into_iter().flat_map(implementations) {
            let operation = match call.operation {
                Named::Here(operation) => Some(operation),
                Named::Constant(name) => constants.get(&name).cloned(),
            };
            let Some((operation, class)) =
                operation.filter(|(name, _)| name.starts_with(&connector) && connector != "lab")
            else {
                continue;
            };
            let right = rights.get(&operation).cloned();
            let declared = found.entry(operation).or_default();
            declared.right = right;
            declared.classes.insert(class);
            declared.permission.extend(arms.get(&call.of).cloned());
        }
    }
    found
}

/// Each connector's files, by path below its folder.
fn connectors(tree: &Tree) -> BTreeMap<String, Vec<(&str, &str)>> {
    let mut found: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
    for file in &tree.files {
        let below = file.path.strip_prefix(HOME).ok().and_then(Path::to_str);
        if let Some((connector, path)) = below.and_then(|path| path.split_once('/')) {
            found.entry(connector.to_owned()).or_default().push((path, &file.text));
        }
    }
    found
}

/// Each `("a/b.c", "right")`.
fn rights(text: &str) -> Vec<(String, String)> {
    let pairs = text.split("(\"").skip(1).filter_map(|part| {
        let mut quoted = part.split('"');
        Some((quoted.next()?.to_owned(), quoted.nth(1)?.to_owned()))
    });
    pairs.filter(|(name, _)| name.contains('/')).collect()
}

/// Every `Request::Name`.
fn arms(text: &str) -> Vec<String> {
    text.split("Request::").skip(1).map(word).collect()
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        .collect()
}

/// Function and class of `Operation::read("a/b.c")` or `Operation::write("a/b.c", Effect::Keyed)`.
fn operation(text: &str) -> Option<(String, String)> {
    let name = text.split('"').nth(1)?.to_owned();
    if text.starts_with("read") {
        return Some((name, "read".to_owned()));
    }
    let (_, effect) = text.split_once("Effect::")?;
    Some((name, word(effect).to_lowercase()))
}

/// Operations that have a name: `const LIST_OFFENSES: Operation = Operation::…`.
fn constants(text: &str) -> Vec<(String, (String, String))> {
    let named = text.split("const ").skip(1).filter_map(|part| {
        let (name, rest) = part.split_once(": Operation =")?;
        let value = rest.trim_start().strip_prefix("Operation::")?;
        Some((word(name), operation(value)?))
    });
    named.filter(|(name, _)| name != "OPERATION").collect()
}

/// Function and class of `"a/b.c" -> …`, which asks, and of `Keyed "a/b.c" -> …`, which changes.
fn literal(text: &str) -> Option<(String, String)> {
    let effect = word(text);
    let name = text[effect.len()..].trim_start().strip_prefix('"')?;
    let name = name.split('"').next()?.to_owned();
    let class = if effect.is_empty() {
        "read".to_owned()
    } else {
        effect.to_lowercase()
    };
    Some((name, class))
}

enum Named {
    Here((String, String)),
    Constant(String),
}

struct Call {
    /// The struct; its arm in `permission` has the same name.
    of: String,
    operation: Named,
}

/// Each `impl Read for X` and `impl Write for X`, and each `X { … } = OPERATION ->`, with a constant or a literal, of the connectors' macros.
fn implementations(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for part in text.split("\nimpl ").skip(1) {
        let of = part
            .strip_prefix("Read for ")
            .or_else(|| part.strip_prefix("Write for "));
        let declared = part
            .split_once("const OPERATION: Operation =")
            .map(|(_, value)| value.trim_start());
        let (Some(of), Some(declared)) = (of, declared) else {
            continue;
        };
        let operation = match declared.strip_prefix("Operation::") {
            Some(value) => operation(value).map(Named::Here),
            None => Some(Named::Constant(word(declared.trim_start_matches("permission::")))),
        };
        calls.extend(operation.map(|operation| Call {
            of: word(of),
            operation,
        }));
    }
    for (at, _) in text.match_indices("} = ") {
        let after = &text[at + "} = ".len()..];
        let constant = word(after);
        let of = text[..at].rsplit_once('{').map(|(before, _)| before.trim_end());
        let of = of.and_then(|before| before.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next());
        if let (Some(of), Some(operation)) = (of, literal(after)) {
            let (of, operation) = (of.to_owned(), Named::Here(operation));
            calls.push(Call { of, operation });
            continue;
        }
        let is_constant = !constant.is_empty() && !constant.contains(|letter: char| letter.is_ascii_lowercase());
        if let Some(of) = of.filter(|_| is_constant) {
            let (of, operation) = (of.to_owned(), Named::Constant(constant));
            calls.push(Call { of, operation });
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::File;

    #[test]
    fn a_function_is_declared_by_an_implementation_or_by_a_macro() {
        let home = "runtime/crates/capabilities/src/qradar";
        let file = |name: &str, text: &str| File::new(&format!("{home}/{name}"), text);
        let tree = Tree {
            files: vec![
                file(
                    "permission.rs",
                    "pub const LIST: Operation = Operation::read(\"qradar/a.list\");\nmatch request { Request::List(call) => x, Request::Close(_) | Request::Open(_) | Request::Get(_) => y }",
                ),
                file(
                    "rights.rs",
                    "const R: [(&str, &str); 1] = [(\"qradar/a.open\", \"manageIt\")];",
                ),
                file(
                    "calls/a.rs",
                    "change!(\n    Open {\n        id: S,\n    } = Probe \"qradar/a.open\" -> (),\n);\nask!(\n    Get {} = \"qradar/a.get\" -> (),\n);\nread!(\n    List {\n        filter: F,\n    } = LIST -> Page,\n);\n\nimpl Write for Close {\n    const OPERATION: Operation = Operation::write(\"qradar/a.close\", Effect::Keyed);\n}\n",
                ),
            ],
        };
        let calls = calls(&tree);
        let declared = |name: &str| (calls[name].classes.clone(), calls[name].permission.clone());
        let one = |text: &str| BTreeSet::from([text.to_owned()]);
        assert_eq!(declared("qradar/a.list"), (one("read"), one("List")));
        assert_eq!(declared("qradar/a.close"), (one("keyed"), one("Close")));
        assert_eq!(declared("qradar/a.open"), (one("probe"), one("Open")));
        assert_eq!(declared("qradar/a.get"), (one("read"), one("Get")));
        assert_eq!(calls.len(), 4);
        assert_eq!(calls["qradar/a.open"].right.as_deref(), Some("manageIt"));
        assert_eq!(calls["qradar/a.close"].right, None);
    }
}
