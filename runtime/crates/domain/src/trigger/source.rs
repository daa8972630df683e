//! Which source does the platform watch, and what of it starts a run?

use serde::{Deserialize, Serialize};

use crate::ids::{BindingName, TriggerName};
use crate::manifest::Refused;

/// Changes of offenses that can be watched.
pub const CHANGES: [&str; 3] = ["new", "changed", "closed"];
/// Longest name of a folder, bytes.
const FOLDER_BYTES: usize = 512;

/// Starts runs for what is new at a source. The platform keeps the cursor; cursor and runs change in one transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Source {
    /// Its name within the deployment.
    pub name: TriggerName,
    /// The binding whose connection is watched.
    pub binding: BindingName,
    /// What is watched there.
    pub watch: Watch,
    /// Seconds between two looks, 10 to 86,400. Default 60. Spread a little, so that triggers do not ask all at once.
    pub every_seconds: u32,
    /// Items of one run, 1 to 100. Default 20.
    pub batch: u32,
    /// Items that are at most so many minutes old go before all others (the live lane), 0 to 1,440. Default 30.
    pub fresh_minutes: u32,
    /// Offenses of this magnitude or more go into the live lane whatever their age, 0 to 11 (11: none). Default 8.
    pub live_magnitude: u8,
    /// Unfinished runs for older items (the backlog lane) at once, 1 to 16. Default 1.
    pub backlog_runs: u32,
    /// Days for which handled items are remembered, 1 to 365. Default 30.
    pub keep_days: u32,
    /// Failures of an item that is alone in its run until it is given up, 1 to 10. Default 5.
    pub tries: u32,
}

/// A source as it is written. Flat, because serde cannot refuse unknown fields beside a flattened enumeration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: TriggerName,
    binding: BindingName,
    watch: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(default = "every")]
    every_seconds: u32,
    #[serde(default = "batch")]
    batch: u32,
    #[serde(default = "fresh")]
    fresh_minutes: u32,
    #[serde(default = "live")]
    live_magnitude: u8,
    #[serde(default = "backlog")]
    backlog_runs: u32,
    #[serde(default = "keep")]
    keep_days: u32,
    #[serde(default = "tries")]
    tries: u32,
}

impl TryFrom<Written> for Source {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let watch = match (written.watch.as_str(), written.changes, written.folder) {
            ("offenses", changes, None) => Watch::Offenses {
                changes: changes.unwrap_or_else(new),
            },
            ("folder", None, Some(folder)) => Watch::Folder { folder },
            ("offenses", _, Some(_)) => return Err("`folder` belongs to `watch = \"folder\"`".to_owned()),
            ("folder", Some(_), _) => return Err("`changes` belongs to `watch = \"offenses\"`".to_owned()),
            ("folder", None, None) => return Err("`folder` is missing: which one is watched?".to_owned()),
            (other, ..) => return Err(format!("`{other}` cannot be watched; use `offenses` or `folder`")),
        };
        Ok(Self {
            name: written.name,
            binding: written.binding,
            watch,
            every_seconds: written.every_seconds,
            batch: written.batch,
            fresh_minutes: written.fresh_minutes,
            live_magnitude: written.live_magnitude,
            backlog_runs: written.backlog_runs,
            keep_days: written.keep_days,
            tries: written.tries,
        })
    }
}

impl From<Source> for Written {
    fn from(source: Source) -> Self {
        let (watch, changes, folder) = match source.watch {
            Watch::Offenses { changes } => ("offenses", Some(changes), None),
            Watch::Folder { folder } => ("folder", None, Some(folder)),
        };
        Self {
            name: source.name,
            binding: source.binding,
            watch: watch.to_owned(),
            changes,
            folder,
            every_seconds: source.every_seconds,
            batch: source.batch,
            fresh_minutes: source.fresh_minutes,
            live_magnitude: source.live_magnitude,
            backlog_runs: source.backlog_runs,
            keep_days: source.keep_days,
            tries: source.tries,
        }
    }
}

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// Offenses of a QRadar console.
    Offenses {
        /// Which changes: `new`, `changed`, `closed`. Default: `new`.
        changes: Vec<String>,
    },
    /// A folder of a mailbox.
    Folder {
        /// Path, well-known name or display name.
        folder: String,
    },
}

fn every() -> u32 {
    60
}

fn batch() -> u32 {
    20
}

fn fresh() -> u32 {
    30
}

fn live() -> u8 {
    8
}

fn backlog() -> u32 {
    1
}

fn keep() -> u32 {
    30
}

fn tries() -> u32 {
    5
}

fn new() -> Vec<String> {
    vec!["new".to_owned()]
}

impl Source {
    /// Checks the shape.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn check(&self, place: &str) -> Result<(), Refused> {
        let numbers = [
            ("every_seconds", self.every_seconds, 10, 86_400),
            ("batch", self.batch, 1, 100),
            ("fresh_minutes", self.fresh_minutes, 0, 1_440),
            ("live_magnitude", u32::from(self.live_magnitude), 0, 11),
            ("backlog_runs", self.backlog_runs, 1, 16),
            ("keep_days", self.keep_days, 1, 365),
            ("tries", self.tries, 1, 10),
        ];
        for (field, number, least, most) in numbers {
            if !(least..=most).contains(&number) {
                let problem = format!("{number}; use {least} to {most}");
                return Err(Refused::new(format!("{place}.{field}"), problem));
            }
        }
        self.watch.check(place)
    }
}

impl Watch {
    /// Its name in manifests: `offenses`, `folder`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offenses { .. } => "offenses",
            Self::Folder { .. } => "folder",
        }
    }

    /// The type of its events.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Offenses { .. } => "synapse.source.offenses",
            Self::Folder { .. } => "synapse.source.folder",
        }
    }

    fn check(&self, place: &str) -> Result<(), Refused> {
        match self {
            Self::Offenses { changes } => {
                let wrong = changes.iter().find(|change| !CHANGES.contains(&change.as_str()));
                let problem = match wrong {
                    Some(wrong) => format!("`{wrong}` is no change; use some of {}", CHANGES.join(", ")),
                    None if changes.is_empty() => format!("empty; use some of {}", CHANGES.join(", ")),
                    None => return Ok(()),
                };
                Err(Refused::new(format!("{place}.changes"), problem))
            }
            Self::Folder { folder } if folder.trim().is_empty() || folder.len() > FOLDER_BYTES => {
                let problem = format!("name a folder, in at most {FOLDER_BYTES} bytes");
                Err(Refused::new(format!("{place}.folder"), problem))
            }
            Self::Folder { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str) -> Result<Source, String> {
        let text = format!("name = \"new\"\nbinding = \"qradar\"\n{lines}");
        let source: Source = toml::from_str(&text).map_err(|error| error.to_string())?;
        source.check("triggers[0]").map_err(|refused| refused.to_string())?;
        Ok(source)
    }

    #[test]
    fn a_source_has_defaults_and_every_number_its_range() {
        let source = check("watch = \"offenses\"").unwrap();
        assert_eq!((source.every_seconds, source.batch, source.backlog_runs), (60, 20, 1));
        assert_eq!(
            source.watch,
            Watch::Offenses {
                changes: vec!["new".to_owned()]
            }
        );
        assert!(check("watch = \"folder\"\nfolder = \"inbox/TheHive\"").is_ok());
        for (lines, field) in [
            ("every_seconds = 9", "every_seconds"),
            ("batch = 101", "batch"),
            ("live_magnitude = 12", "live_magnitude"),
            ("backlog_runs = 0", "backlog_runs"),
            ("changes = []", "changes"),
            ("changes = [\"deleted\"]", "changes"),
        ] {
            let why = check(&format!("watch = \"offenses\"\n{lines}")).unwrap_err();
            assert!(why.contains(field), "{lines}: {why}");
        }
        assert!(check("watch = \"folder\"\nfolder = \" \"").is_err());
        assert!(check("watch = \"assets\"").is_err());
    }
}
