//! How are cases of 3 and 4 asked for, made and changed (contract 2.2)?

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::super::{not_sent, unknown};
use super::search::Search;
use super::{DELETED, V0, body};
use crate::bindings::synapse::thehive::cases::{CaseFilter, CasePatch, NewCase};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Failure;
use crate::thehive::query::cursor::Place;
use crate::thehive::query::v0 as filter;
use crate::thehive::types::v0::{self as types, Kind, read};
use crate::thehive::types::{self as v1, CaseRow};

/// How often tags are written again after somebody wrote others in between.
const TAG_TURNS: usize = 3;

impl V0<'_> {
    /// One case by the server's id or by its number. 3 deletes by a status: what is deleted is not there.
    pub async fn case(self, id: &str) -> Result<CaseRow, Error> {
        let by_number = self.major < 4 && id.bytes().all(|byte| byte.is_ascii_digit());
        let row: CaseRow = if by_number {
            let number: u64 = id.parse().map_err(|_| Error::NotFound)?;
            let search = cases(&[filter::is("caseId", number)], "createdAt");
            let wanted = |row: &CaseRow| row.number == number;
            self.first(&search, wanted).await?.ok_or(Error::NotFound)?
        } else {
            self.get(Kind::Case, &["case", id]).await?
        };
        if row.status == DELETED {
            Err(Error::NotFound)
        } else if row.id == id || row.number.to_string() == id {
            Ok(row)
        } else {
            Err(v1::inconsistent("another case than the one asked for"))
        }
    }

    /// At most `rows` cases that fit, newest first, from this place on, and whether there are more.
    pub async fn cases(
        self,
        wanted: &CaseFilter,
        place: Option<&Place>,
        rows: usize,
    ) -> Result<(Vec<CaseRow>, bool), Error> {
        let CaseFilter {
            tags,
            title,
            custom_fields,
            open,
        } = wanted;
        let mut every: Vec<Value> = tags.iter().map(|tag| filter::is("tags", tag.as_str())).collect();
        if let Some(title) = title {
            // 3 keeps titles as texts, whose words alone can be asked for.
            let of_title = if self.major >= 4 {
                filter::is("title", title.as_str())
            } else {
                filter::like("title", title)
            };
            every.push(of_title);
        }
        every.extend(custom_fields.iter().map(|field| {
            let kind = types::kind(&field.value);
            filter::custom(self.major, &field.name, kind, v1::value(&field.value))
        }));
        if *open {
            every.push(filter::is("status", "Open"));
        }
        every.extend(place.map(|place| filter::at_most("createdAt", place.created_at)));
        let fits = |row: &CaseRow| {
            row.status != DELETED
                && tags.iter().all(|tag| row.tags.contains(tag))
                && title.as_ref().is_none_or(|title| row.title == *title)
        };
        // Those of the last moment that were seen are asked for again and left out: an offset would count rows that do not fit.
        let seen = place.map_or(0, |place| place.seen);
        let most = rows.saturating_add(seen);
        let (found, more) = self.some(&cases(&every, "-createdAt"), 0, most, fits).await?;
        Ok((found.into_iter().skip(seen).collect(), more))
    }

    /// The oldest case with this marker.
    pub async fn marked_case(self, marker: &str) -> Result<Option<CaseRow>, Error> {
        let with = match self.marker_field() {
            Some(name) => filter::custom(self.major, name, "string", marker.into()),
            None => filter::is("tags", marker),
        };
        let there = |row: &CaseRow| row.status != DELETED;
        let row = self.first(&cases(&[with], "createdAt"), there).await?;
        if row.iter().all(|row| row.carries(marker, self.marker_field())) {
            Ok(row)
        } else {
            Err(v1::inconsistent("a case that was not asked for"))
        }
    }

    /// Sends a new case with its marker.
    pub async fn create_case(self, case: &NewCase, marker: &str, start: Instant) -> Result<CaseRow, Failure> {
        let sent = types::new_case(self.major, case, marker, self.marker_field()).map_err(not_sent)?;
        let row = self.make(Method::POST, &["case"], body(&sent)?, start).await?;
        let row: CaseRow = read(Kind::Case, row).map_err(unknown)?;
        if row.carries(marker, self.marker_field()) {
            Ok(row)
        } else {
            Err(unknown(v1::inconsistent("another case than the one sent")))
        }
    }

    /// Sets fields of a case.
    pub async fn update_case(self, id: &str, patch: &CasePatch, start: Instant) -> Result<(), Failure> {
        let path = ["case", id];
        let row = if self.reads_first(&patch.add_tags, &patch.remove_tags, patch.custom_fields.len()) {
            Some(self.raw(&path).await.map_err(not_sent)?)
        } else {
            None
        };
        let sent = types::case_patch(self.major, patch, row.as_ref()).map_err(not_sent)?;
        self.set(Method::PATCH, &path, sent, start).await?;
        self.settle_tags(&path, &patch.add_tags, &patch.remove_tags, start)
            .await
    }

    /// Makes one case of two. More are not merged by one request, and several could end half done.
    pub async fn merge_cases(self, ids: &[String], start: Instant) -> Result<CaseRow, Failure> {
        let [first, second] = ids else {
            let why = format!("more than two cases in one merge; TheHive {} takes two", self.major);
            return Err(not_sent(Error::Unsupported(why)));
        };
        let path = ["case", first, "_merge", second];
        let row = self
            .make(Method::POST, &path, body(&serde_json::json!({}))?, start)
            .await?;
        read(Kind::Case, row).map_err(unknown)
    }

    /// The newest case that is wanted, of those that are newer than this number.
    pub async fn case_after(self, number: u64, wanted: impl Fn(&CaseRow) -> bool) -> Result<Option<CaseRow>, Error> {
        let search = cases(&[], "-createdAt");
        let ends = |row: &CaseRow| row.number <= number || wanted(row);
        let found = self.first(&search, ends).await?;
        Ok(found.filter(|row| row.number > number))
    }

    /// Takes something away that v0 can take away; the path is that of v1, without a version.
    pub async fn remove(self, path: &[&str], start: Instant) -> Result<(), Failure> {
        let v0: Vec<&str> = match path {
            [_, _, "alert", id] => vec!["alert", id],
            // Without it 3 only marks the case.
            [_, _, "case", id] => vec!["case", id, "force"],
            [_, _, "observable", id] => vec!["case", "artifact", id],
            [_, _, "log", id] => vec!["case", "task", "log", id],
            _ => {
                let what = path.get(2).copied().unwrap_or_default();
                let why = format!("TheHive {} cannot delete this ({what}); TheHive 5 can", self.major);
                return Err(not_sent(Error::Unsupported(why)));
            }
        };
        let mut request = Self::request(Method::DELETE, &v0);
        if matches!(path, [_, _, "alert", _]) {
            request.query.push(("force".to_owned(), "1".to_owned()));
        }
        let response = self.client.change(request, start).await?;
        self.client.accept(&response)
    }

    /// Sends a change whose answer says nothing that is needed.
    pub(super) async fn set(self, method: Method, path: &[&str], sent: Value, start: Instant) -> Result<(), Failure> {
        let response = self.send(method, path, body(&sent)?, start).await?;
        self.client.accept(&response)
    }

    /// Does a change need to know what is there? 3 and 4 replace all tags, 3 all custom fields.
    pub(super) fn reads_first(self, add: &[String], remove: &[String], fields: usize) -> bool {
        !add.is_empty() || !remove.is_empty() || (self.major < 4 && fields > 0)
    }

    /// Looks whether tags are as they were set, and sets them again if somebody who had read them before wrote them after us. What
    /// somebody else added between our reading and our writing is lost: v0 has nothing against that (contract section 7).
    pub(super) async fn settle_tags(
        self,
        path: &[&str],
        add: &[String],
        remove: &[String],
        start: Instant,
    ) -> Result<(), Failure> {
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        for _ in 0..TAG_TURNS {
            let row = self.raw(path).await.map_err(unknown)?;
            let has = |tag: &String| {
                let tags = row.get("tags").and_then(Value::as_array);
                tags.is_some_and(|tags| tags.iter().any(|one| one.as_str() == Some(tag)))
            };
            if add.iter().all(has) && !remove.iter().any(has) {
                return Ok(());
            }
            let sent = serde_json::json!({"tags": types::tagged(Some(&row), add, remove)});
            let again = self.set(Method::PATCH, path, sent, start).await;
            // The first writing happened, so whatever stops the second leaves the outcome open.
            again.map_err(|failure| unknown(failure.error))?;
        }
        Err(unknown(Error::Conflict(format!(
            "somebody else writes the tags of {} all the time",
            path.join(" ")
        ))))
    }
}

fn cases(filters: &[Value], sort: &'static str) -> Search<'static> {
    Search {
        path: &["case"],
        kind: Kind::Case,
        filter: filter::all(filters),
        sort,
    }
}
