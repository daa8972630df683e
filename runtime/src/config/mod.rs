//! What can an operator set, and is it right? One TOML file; `file` documents every setting, `check` finds all problems at once,
//! `build` makes connections of it.

mod build;
mod check;
mod clock;
mod file;
mod hooks;
mod maintenance;

use std::path::{Path, PathBuf};

pub use build::connections;
pub use clock::clock;
pub use file::{Compat, Config};
pub use hooks::{Guard, Stranger, hooks};
pub use maintenance::{Window, windows};

/// One thing that is wrong with a configuration: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the setting, for instance `tenants.acme.connections.siem.url`.
    pub place: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Problem {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// Everything that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is refused:\n{}", .path.display(), .problems.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct Refused {
    /// Which file.
    pub path: PathBuf,
    /// Every problem.
    pub problems: Vec<Problem>,
}

/// Reads and checks a configuration file.
///
/// # Errors
/// Names every problem; nothing is half applied.
pub fn load(path: &Path) -> Result<Config, Refused> {
    let refused = |problems| Refused {
        path: path.to_owned(),
        problems,
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(vec![Problem::new("file", format!("cannot be read: {error}"))]))?;
    parse(&text, path.parent().unwrap_or(Path::new("."))).map_err(refused)
}

/// Reads and checks a configuration's text; relative paths in it start at `folder`.
///
/// # Errors
/// Names every problem.
pub fn parse(text: &str, folder: &Path) -> Result<Config, Vec<Problem>> {
    let mut config: Config = toml::from_str(text).map_err(|error| vec![Problem::new("syntax", error.to_string())])?;
    config.resolve(folder);
    let problems = check::problems(&config);
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
