//! Which API version is spoken with this console? (contract 1.2)
//!
//! Asked at the first call and then pinned, so that an upgrade of the console does not change the shape of its answers
//! under us: the newest current version that was tested here, else the newest deprecated one (it still answers), else the oldest
//! that is newer than what was tested.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Mutex;

use super::Client;
use super::ask::{Ask, parse};
use super::fault::Fault;
use crate::bindings::synapse::qradar::system::ApiVersion;
use crate::bindings::synapse::workflow::types::Error;

/// Newest version whose answers were compared with what is read here.
const TESTED: (u32, u32) = (26, 0);
/// Oldest one (QRadar 7.4.2): the offense's fields are complete from here on.
const OLDEST: (u32, u32) = (15, 0);

/// The version, once it is known.
#[derive(Debug)]
pub struct Version {
    fixed: Option<Arc<str>>,
    found: Mutex<Option<Arc<str>>>,
}

impl Version {
    /// Fixed by the operator, or still to be found out.
    pub fn new(fixed: Option<String>) -> Self {
        Self {
            fixed: fixed.map(Arc::from),
            found: Mutex::default(),
        }
    }

    /// Forgets a version that the console no longer speaks.
    pub async fn forget(&self, version: &str) {
        self.found.lock().await.take_if(|found| &**found == version);
    }
}

/// A row of `/help/versions`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    version: Option<String>,
    #[serde(deserialize_with = "super::super::types::flag")]
    deprecated: bool,
    #[serde(deserialize_with = "super::super::types::flag")]
    removed: bool,
}

impl Row {
    /// The version for a guest, with its number.
    pub fn into_wit(self) -> Option<((u32, u32), ApiVersion)> {
        let number = number(&self)?;
        let version = ApiVersion {
            version: format!("{}.{}", number.0, number.1),
            deprecated: self.deprecated,
            removed: self.removed,
        };
        Some((number, version))
    }
}

impl Client {
    /// The version to ask in. Concurrent first calls wait for one discovery; a failed one is repeated by the next call.
    pub async fn version(&self) -> Result<Arc<str>, Fault> {
        if let Some(fixed) = &self.version.fixed {
            return Ok(Arc::clone(fixed));
        }
        let mut found = self.version.found.lock().await;
        if let Some(version) = &*found {
            return Ok(Arc::clone(version));
        }
        let ask = Ask::get("the list of API versions", &["help", "versions"]);
        let rows: Vec<Row> = match self.send(&ask, None, None).await {
            Err(fault) if fault.is_missing() => {
                let why = "this console does not list its API versions; set the connection's `version`";
                return Err(Fault::Transport(Error::Unsupported(why.to_owned())));
            }
            response => parse(&response?)?,
        };
        let version: Arc<str> = choose(&rows)
            .map_err(|why| Fault::Transport(Error::Unsupported(why)))?
            .into();
        let connection = &self.options.source_id;
        tracing::info!(connection, version = &*version, "QRadar API version chosen");
        *found = Some(Arc::clone(&version));
        Ok(version)
    }
}

/// The version to use, or why there is none.
fn choose(rows: &[Row]) -> Result<String, String> {
    let mut known: Vec<((u32, u32), &Row)> = rows
        .iter()
        .filter(|row| !row.removed)
        .filter_map(|row| Some((number(row)?, row)))
        .collect();
    known.sort_by_key(|(number, _)| *number);
    let tested = || known.iter().rev().filter(|(number, _)| *number <= TESTED);
    let chosen = tested()
        .find(|(_, row)| !row.deprecated)
        .or_else(|| tested().next())
        .or_else(|| known.first());
    match chosen {
        Some((number, row)) if *number >= OLDEST => Ok(row.version.clone().unwrap_or_default()),
        Some((number, _)) => Err(format!(
            "this console speaks API {}.{} at most; Synapse needs 15.0 (QRadar 7.4.2) or newer; upgrade it, or set the connection's `version` to try",
            number.0, number.1
        )),
        None => Err("this console lists no API version that still answers".to_owned()),
    }
}

fn number(row: &Row) -> Option<(u32, u32)> {
    let (major, minor) = row.version.as_deref()?.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+` current, `-` deprecated, `!` removed.
    fn choice(versions: &[&str]) -> Result<String, String> {
        let row = |text: &&str| {
            let (mark, version) = text.split_at(1);
            Row {
                version: Some(version.to_owned()),
                deprecated: mark == "-",
                removed: mark == "!",
            }
        };
        choose(&versions.iter().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn the_newest_current_version_that_was_tested_wins() {
        assert_eq!(
            choice(&["!3.0", "-23.0", "+24.0", "+25.0", "+26.0"]).as_deref(),
            Ok("26.0")
        );
        assert_eq!(choice(&["+26.0", "+25.0", "+27.0", "-24.0"]).as_deref(), Ok("26.0"));
        assert_eq!(choice(&["-16.0", "+17.0", "-9.1"]).as_deref(), Ok("17.0"));
    }

    #[test]
    fn a_console_newer_than_what_was_tested_is_asked_in_a_deprecated_version() {
        // 7.6.0 FP1 lists 29.0; 20.0 and 26.0 are deprecated and still answer (contract 1.2).
        assert_eq!(
            choice(&["-20.0", "-26.0", "+27.0", "+28.0", "+29.0"]).as_deref(),
            Ok("26.0")
        );
        assert_eq!(choice(&["!26.0", "-31.0", "+32.0", "+33.0"]).as_deref(), Ok("31.0"));
    }

    #[test]
    fn a_console_that_is_too_old_or_says_nothing_is_named_as_such() {
        assert!(
            choice(&["!3.1", "-5.1", "+6.0", "+7.0"])
                .unwrap_err()
                .contains("7.0 at most")
        );
        assert!(choice(&[]).is_err());
        assert!(choice(&["!26.0"]).is_err());
        assert!(choice(&["+abc", "+26"]).is_err());
    }

    #[test]
    fn the_recorded_list_of_an_old_console_can_be_read() {
        let rows = r#"[{"id":1,"deprecated":false,"root_resource_ids":[],"removed":true,"version":"0.1"},
            {"id":10,"deprecated":null,"root_resource_ids":[],"removed":false,"version":"7.0"}]"#;
        let rows: Vec<Row> = serde_json::from_str(rows).unwrap();
        assert!(rows[0].removed && !rows[1].deprecated);
        assert!(choose(&rows).is_err());
    }
}
