//! Does every Rust file open with the question that it answers?

use super::{Finding, source::Tree};

/// One finding for each file whose first line is no `//!` comment.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let bad = tree.rust().filter(|(file, _)| {
        let first = file.text.lines().next().unwrap_or_default();
        first.strip_prefix("//!").is_none_or(|rest| rest.trim().is_empty())
    });
    bad.map(|(file, _)| Finding {
        file: file.path.clone(),
        line: 1,
        message: "the first line must be `//! <which question does this file answer?>`".to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::source::File;
    use super::*;

    #[test]
    fn a_file_without_its_question_is_reported() {
        let files = vec![
            File::new("a.rs", "//! Which?\n"),
            File::new("b.rs", "use x;\n"),
            File::new("c.rs", "//!\n"),
            File::new("d.rs", ""),
            File::new("e.md", "no Rust"),
        ];
        let found = check(&Tree { files });
        let names: Vec<String> = found.iter().map(|finding| finding.file.display().to_string()).collect();
        assert_eq!(names, ["b.rs", "c.rs", "d.rs"]);
    }
}
