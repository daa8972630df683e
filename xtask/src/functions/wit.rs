//! Which functions do the capability packages have?
//!
//! Line by line, which the formatting of our WIT files allows: one item a line.

use crate::check::Tree;

/// The platform's own packages: `workflow` has no target, `lab` no product.
const PLATFORM: [&str; 2] = ["workflow", "lab"];

/// `<package>/<interface>.<function>`, in the order of the files. A handle's `open` is none: it asks no target and is allowed by the binding.
pub fn functions(tree: &Tree) -> Vec<String> {
    let mut names = Vec::new();
    for file in &tree.files {
        let is_wit = file.path.starts_with("wit") && file.path.extension().is_some_and(|extension| extension == "wit");
        if is_wit {
            names.extend(of(&file.text));
        }
    }
    names
}

fn of(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut package, mut interface) = (String::new(), String::new());
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if let Some(name) = line.strip_prefix("package synapse:") {
            package = name.split('@').next().unwrap_or_default().to_owned();
        } else if let Some(name) = line.strip_prefix("interface ") {
            interface = name.trim_end_matches(['{', ' ']).trim_start_matches('%').to_owned();
        } else if let Some((name, rest)) = line.split_once(':')
            && rest.trim_start().starts_with("func(")
            && !PLATFORM.contains(&package.as_str())
        {
            names.push(format!("{package}/{interface}.{}", name.trim_start_matches('%')));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_and_handles_are_not() {
        let text = "package synapse:thehive@0.1.0;\ninterface alerts {\n  /// Doc: func(x).\n  resource organisation {\n    open: static func(a: string) -> b;\n  }\n  get-alert: func(\n    id: string\n  ) -> alert;\n}\n";
        assert_eq!(of(text), ["thehive/alerts.get-alert"]);
        assert!(of("package synapse:workflow@0.1.0;\ninterface log {\n write: func();\n}").is_empty());
    }
}
