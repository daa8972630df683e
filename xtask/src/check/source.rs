//! Which files do the rules look at, and what kind is each?

use super::lexer::{self, Lexed};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Larger files are data, not something a person wrote line by line.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// One text file.
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
    /// For Rust files: code, strings and comments told apart.
    pub rust: Option<Lexed>,
}

/// All text files that belong to the repository.
pub struct Tree {
    /// In path order.
    pub files: Vec<File>,
}

impl File {
    /// Made from a path and a text; for tests as well.
    pub fn new(path: &str, text: &str) -> Self {
        let path = PathBuf::from(path);
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        Self {
            rust: is_rust.then(|| lexer::lex(text)),
            path,
            text: text.to_owned(),
        }
    }

    /// Whether the file exists for tests only. The simulators are programs (they run the demo), so they are not.
    pub fn is_test(&self) -> bool {
        if self.path.starts_with("tests/simulators/src") {
            return false;
        }
        let in_tests_folder = self
            .path
            .parent()
            .is_some_and(|dir| dir.iter().any(|part| part == "tests"));
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        in_tests_folder || stem == "tests" || stem.ends_with("_tests") || stem.ends_with("_test")
    }

    /// Whether a program wrote it: it says so in its first lines.
    pub fn is_generated(&self) -> bool {
        let marker = ["@", "generated"].concat();
        self.text.lines().take(5).any(|line| line.contains(&marker))
    }

    /// Whether it lies in, or is, one of these paths (`a/b` matches `a/b.rs` and `a/b/c.rs`).
    pub fn is_in(&self, places: &[&str]) -> bool {
        let without_extension = self.path.with_extension("");
        places
            .iter()
            .any(|place| self.path.starts_with(place) || without_extension == Path::new(place))
    }
}

impl Tree {
    /// Reads every text file under `root`, build output and hidden folders aside.
    pub fn load(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        walk(root, root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The Rust files with their parts.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Lexed)> {
        self.files
            .iter()
            .filter_map(|file| file.rust.as_ref().map(|rust| (file, rust)))
    }
}

fn walk(root: &Path, dir: &Path, files: &mut Vec<File>) -> Result<()> {
    for entry in std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let skipped = matches!(&*name, "target" | ".git" | "node_modules" | "__pycache__");
            if !skipped {
                walk(root, &path, files)?;
            }
        } else if kind.is_file() && entry.metadata()?.len() <= MAX_TEXT_BYTES {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File::new(&path.strip_prefix(root)?.to_string_lossy(), &text));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulators_are_programs_and_everything_else_under_tests_is_test_code() {
        let kind = |path: &str| File::new(path, "").is_test();
        assert!(!kind("tests/simulators/src/main.rs"));
        assert!(kind("tests/simulators/tests/a.rs"));
        assert!(kind("tests/e2e/a.rs"));
        assert!(kind("runtime/crates/store/src/tests/a.rs"));
        assert!(kind("runtime/crates/store/src/tests.rs"));
        assert!(!kind("runtime/crates/store/src/journal.rs"));
    }

    #[test]
    fn a_place_names_a_folder_or_the_file_of_that_module() {
        let within = |path: &str| File::new(path, "").is_in(&["a/egress"]);
        assert!(within("a/egress.rs"));
        assert!(within("a/egress/tls.rs"));
        assert!(!within("a/egress_other.rs"));
    }
}
