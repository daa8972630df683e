//! How are offenses listed and read? By id watermark, so that no page loses or repeats one (contract 2.4, 3.1).

use super::super::permission::Domains;
use super::super::query::{cursor, filter};
use super::super::types::offense::{FIELDS, WireOffense};
use super::Client;
use super::ask::{Ask, Items};
use super::fault::Fault;
use crate::bindings::synapse::qradar::offenses::{Offense, OffenseFilter, OffensePage};
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::canonical;

/// Offenses of one page.
const PAGE: u64 = 100;
/// About how many bytes a page takes in the journal: below what one call may (`limits::JOURNAL_PAYLOAD_BYTES`).
const PAGE_BYTES: usize = 3 << 20;

const LIST: &str = "the list of offenses";

impl Client {
    /// A page of offenses, oldest first. The cursor holds the filter's digest and the last id, never an offset.
    ///
    /// # Errors
    /// `Invalid`, `ResyncRequired`: filter or cursor. `Other("upstream-inconsistent")`: the console did not keep to the order.
    /// Otherwise the console's refusal, or that it does not answer.
    pub async fn offenses(
        &self,
        wanted: &OffenseFilter,
        cursor: Option<&str>,
        domains: &Domains,
    ) -> Result<OffensePage, Error> {
        filter::check(wanted)?;
        let after = cursor.map(|cursor| cursor::decode(wanted, cursor)).transpose()?;
        if wanted.ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(OffensePage {
                offenses: Vec::new(),
                next: None,
            });
        }
        let mut ask = Ask::get(LIST, &["siem", "offenses"])
            .query("sort", "+id")
            .query("fields", FIELDS);
        if let Some(text) = filter::offenses(wanted, after, domains) {
            ask = ask.query("filter", text);
        }
        let slice = self
            .slice::<WireOffense>(&ask, Items { first: 0, count: PAGE }, None)
            .await;
        let slice = slice.map_err(|fault| fault.into_error(LIST))?;
        let (mut offenses, mut bytes, mut last, mut more) = (Vec::new(), 0usize, after, slice.more);
        for row in slice.rows {
            let Some(id) = row.id() else { continue };
            if last.is_some_and(|last| id <= last) {
                let why = format!(
                    "{LIST}: offense {id} came after {}, although ascending ids were asked for",
                    last.unwrap_or(0)
                );
                return Err(inconsistent(why));
            }
            // The console filters; what it lets through although it is not ours is not shown (threat row 65).
            let shown = domains
                .covers(row.domain())
                .then(|| row.into_wit(|id| self.link(id)))
                .flatten();
            let size = shown.as_ref().map_or(0, |offense| canonical::text(offense).len());
            if bytes.saturating_add(size) > PAGE_BYTES && !offenses.is_empty() {
                more = true;
                break;
            }
            bytes = bytes.saturating_add(size);
            offenses.extend(shown);
            last = Some(id);
        }
        if more && last == after {
            return Err(inconsistent(format!(
                "{LIST}: a page without any id, and more behind it"
            )));
        }
        let next = last.filter(|_| more).map(|last| cursor::encode(wanted, last));
        Ok(OffensePage { offenses, next })
    }

    /// One offense. One of another domain is not found, like one that never was.
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn offense(&self, id: u64, domains: &Domains) -> Result<Offense, Error> {
        const WHAT: &str = "an offense";
        if i64::try_from(id).is_err() {
            return Err(Error::NotFound);
        }
        let ask = Ask::get(WHAT, &["siem", "offenses", &id.to_string()]).query("fields", FIELDS);
        let found: WireOffense = self.json(&ask).await.map_err(|fault: Fault| fault.into_error(WHAT))?;
        if found.id() != Some(id) {
            return Err(inconsistent(format!(
                "QRadar answered offense {:?} when {id} was asked for",
                found.id()
            )));
        }
        if !domains.covers(found.domain()) {
            return Err(Error::NotFound);
        }
        found.into_wit(|id| self.link(id)).ok_or(Error::NotFound)
    }
}

/// The console did not keep to what it was asked.
pub(super) fn inconsistent(message: String) -> Error {
    Error::Other(OtherError {
        code: "upstream-inconsistent".to_owned(),
        message,
    })
}
