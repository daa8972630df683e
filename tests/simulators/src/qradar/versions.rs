//! Which API versions does the console speak, and what does it say to the others? (contract 1.2)

use serde_json::{Value, json};

use super::error::ApiError;
use super::list::table::Row;

/// Minor versions beside `N.0` that public clients pin (api-samples, stix-shifter, ansible, XSOAR, qradar4py).
const MINORS: [(u32, u32); 5] = [(5, 1), (8, 1), (9, 1), (10, 1), (13, 1)];

/// Versions every console has removed [R].
const REMOVED: [(u32, u32); 6] = [(0, 1), (0, 2), (1, 0), (2, 0), (3, 0), (3, 1)];

/// The version table of one console.
#[derive(Debug, Clone)]
pub struct Versions {
    newest: u32,
    strict: bool,
    error_code: i64,
}

impl Versions {
    /// A console whose newest API is `newest`.0: the last three are current, 4.0 and up deprecated, older removed.
    /// `strict` treats deprecated versions as removed. `error_code` is the unestablished `code` of the 422.
    pub fn new(newest: u32, strict: bool, error_code: i64) -> Self {
        Self {
            newest,
            strict,
            error_code,
        }
    }

    /// Checks the header; `Ok(true)` means answered, but deprecated.
    pub fn check(&self, header: Option<&str>) -> Result<bool, ApiError> {
        let Some(text) = header.map(str::trim) else {
            return Ok(false);
        };
        let named = match text.split_once('.') {
            Some((major, minor)) => number(major).zip(number(minor)),
            None => number(text).map(|major| (major, self.latest_minor(major))),
        };
        let refuse = |what: &str| {
            let text = format!(
                "Version ({text}) from header parameter (Version) {what}. Please refer to documentation for list of valid versions."
            );
            ApiError::framework(422, self.error_code, text)
        };
        let version = named
            .filter(|v| self.all().contains(v))
            .ok_or_else(|| refuse("is not a valid version"))?;
        let removed = REMOVED.contains(&version) || (self.strict && self.deprecated(version));
        if removed {
            Err(refuse("has been removed and is no longer valid"))
        } else {
            Ok(self.deprecated(version))
        }
    }

    /// The major version that a request is answered in: its own, or the newest.
    pub fn major(&self, header: Option<&str>) -> u32 {
        let named = header.and_then(|text| number(text.trim().split('.').next().unwrap_or_default()));
        named.unwrap_or(self.newest)
    }

    fn latest_minor(&self, major: u32) -> u32 {
        self.all()
            .iter()
            .filter(|(found, _)| *found == major)
            .map(|(_, minor)| *minor)
            .max()
            .unwrap_or(0)
    }

    fn deprecated(&self, (major, _): (u32, u32)) -> bool {
        major >= 4 && major + 3 <= self.newest
    }

    fn all(&self) -> Vec<(u32, u32)> {
        let majors = (4..=self.newest).map(|major| (major, 0));
        let minors = MINORS.into_iter().filter(|(major, _)| *major <= self.newest);
        let mut all: Vec<_> = REMOVED.into_iter().chain(majors).chain(minors).collect();
        all.sort_unstable();
        all
    }

    /// The newest version as text, for `/help/endpoints`.
    pub fn newest(&self) -> String {
        format!("{}.0", self.newest)
    }

    /// Rows of `GET /help/versions`.
    pub fn rows(&self) -> Vec<Row> {
        let row = |(at, version): (usize, (u32, u32))| {
            let removed = REMOVED.contains(&version) || (self.strict && self.deprecated(version));
            let row = json!({
                "id": at + 1,
                "deprecated": !removed && self.deprecated(version),
                "root_resource_ids": [],
                "removed": removed,
                "version": format!("{}.{}", version.0, version.1),
            });
            if let Value::Object(row) = row { row } else { Row::new() }
        };
        self.all().into_iter().enumerate().map(row).collect()
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
