//! Is any test switched off, or any warning, without saying why?

use super::{Finding, source::Tree};

/// Reports `#[ignore]` anywhere, and `allow`/`expect` attributes without a reason.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, rust) in tree.rust() {
        for (line, body) in attributes(&rust.code) {
            let message = if names(&body, "ignore") {
                "a test may not be ignored: fix it, or delete it with the rule that it guarded"
            } else if ["allow", "expect"].iter().any(|word| names(&body, word)) && !body.contains("reason=") {
                "allow/expect without a reason: add reason = \"...\", or fix the warning"
            } else {
                continue;
            };
            findings.push(Finding {
                file: file.path.clone(),
                line,
                message: message.to_owned(),
            });
        }
    }
    findings
}

/// Whether the attribute is this one, or applies it under a condition (`cfg_attr`).
fn names(body: &str, name: &str) -> bool {
    let is_whole = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '_' | ':'));
    body.strip_prefix(name).is_some_and(is_whole)
        || (body.starts_with("cfg_attr(")
            && body
                .split(',')
                .skip(1)
                .any(|part| part.strip_prefix(name).is_some_and(is_whole)))
}

/// Each attribute's line and its inside without spaces. Strings in it are blanked already.
fn attributes(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = code.get(at..).and_then(|rest| rest.find('#')) {
        at += offset + 1;
        let Some(rest) = code.get(at..) else { break };
        let inside = rest.strip_prefix('!').unwrap_or(rest);
        let Some(inside) = inside.strip_prefix('[') else {
            continue;
        };
        let mut depth = 1usize;
        let mut body = String::new();
        for character in inside.chars() {
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if !character.is_whitespace() {
                body.push(character);
            }
        }
        let line = code.get(..at).unwrap_or_default().matches('\n').count() + 1;
        found.push((line, body));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::source::File;
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&Tree {
            files: vec![File::new("a.rs", text)],
        })
        .into_iter()
        .map(|finding| finding.line)
        .collect()
    }

    #[test]
    fn ignored_tests_are_reported_however_they_are_written() {
        let hash = "#";
        assert_eq!(lines(&format!("{hash}[test]\n{hash}[ignore]\n")), [2]);
        assert_eq!(lines(&format!("{hash}[ignore = \"slow\"]\n")), [1]);
        assert_eq!(lines(&format!("{hash}[cfg_attr(windows, ignore)]\n")), [1]);
        assert!(lines("// #[ignore]\nlet ignore = \"#[ignore]\";\n").is_empty());
    }

    #[test]
    fn a_switched_off_warning_needs_a_reason() {
        assert_eq!(lines("#[allow(dead_code)]\n"), [1]);
        assert_eq!(lines("#![expect(\n  unused\n)]\n"), [1]);
        assert!(lines("#[allow(dead_code, reason = \"for [b]\")]\n").is_empty());
        assert!(lines("#[must_use]\nx.expect(\"a\");\n").is_empty());
    }
}
