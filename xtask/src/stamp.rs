//! Has this step already been done for exactly these inputs?

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Collects a step's inputs into one key.
pub struct Key(Sha256);

impl Key {
    /// An empty key for the named step.
    pub fn new(step: &str) -> Self {
        Self(Sha256::new()).text(step)
    }

    /// Adds a text. Length-prefixed, so that ("a", "bc") and ("ab", "c") differ.
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(text.len().to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds a file's content, or its absence.
    pub fn file(mut self, path: &Path) -> Result<Self> {
        let content = match std::fs::read(path) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(self.text("absent")),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        self.0.update(content.len().to_le_bytes());
        self.0.update(&content);
        Ok(self)
    }

    /// Adds every file below a folder with its name, in name order. Build output and hidden files are left out.
    pub fn tree(mut self, dir: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(dir, &mut files)?;
        files.sort();
        for file in files {
            self = self.text(&file.to_string_lossy()).file(&file)?;
        }
        Ok(self)
    }

    /// The finished key, as hexadecimal.
    pub fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn path(step: &str) -> PathBuf {
    crate::paths::tools().join("stamps").join(step)
}

/// The key that the step was last finished with.
pub fn read(step: &str) -> Option<String> {
    std::fs::read_to_string(path(step)).ok()
}

/// Whether the step was last finished with this key.
pub fn is(step: &str, key: &str) -> bool {
    read(step).as_deref() == Some(key)
}

/// Records the step as finished with this key.
pub fn write(step: &str, key: &str) -> Result<()> {
    let path = path(step);
    replace(&path, key.as_bytes())
}

/// Forgets the step: written before work that may be interrupted half-way.
pub fn clear(step: &str) {
    let _ = std::fs::remove_file(path(step));
}

/// Writes a file so that a reader sees the old or the new content, never a part.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let dir = path.parent().context("a file without a folder")?;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let partial = dir.join(format!(".{name}.{}", std::process::id()));
    std::fs::write(&partial, content).with_context(|| format!("cannot write {}", partial.display()))?;
    std::fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tempdir::TempDir;

    #[test]
    fn the_key_changes_with_content_name_and_order_of_texts() -> Result<()> {
        let dir = TempDir::new("stamp")?;
        let key = || -> Result<String> { Ok(Key::new("s").tree(dir.path())?.finish()) };
        std::fs::write(dir.path().join("a"), "1")?;
        let first = key()?;
        std::fs::write(dir.path().join("a"), "2")?;
        let second = key()?;
        std::fs::rename(dir.path().join("a"), dir.path().join("b"))?;
        let third = key()?;
        assert_ne!(first, second);
        assert_ne!(second, third);
        assert_ne!(Key::new("a").text("bc").finish(), Key::new("ab").text("c").finish());
        Ok(())
    }

    #[test]
    fn build_output_and_hidden_files_do_not_change_the_key() -> Result<()> {
        let dir = TempDir::new("stamp")?;
        std::fs::write(dir.path().join("a"), "1")?;
        let before = Key::new("s").tree(dir.path())?.finish();
        std::fs::create_dir(dir.path().join("target"))?;
        std::fs::write(dir.path().join("target/x"), "1")?;
        std::fs::write(dir.path().join(".a.swp"), "1")?;
        assert_eq!(Key::new("s").tree(dir.path())?.finish(), before);
        Ok(())
    }
}
