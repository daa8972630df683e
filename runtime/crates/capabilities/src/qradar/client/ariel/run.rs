//! How does one search get from its creation to its rows, whatever happens on the way?

use futures::{StreamExt as _, stream};
use http::Method;
use tokio::time::Instant;

use super::super::super::permission::Domains;
use super::super::super::query::aql::{self, Plan};
use super::super::super::query::invalid;
use super::super::super::reconcile;
use super::super::super::types::search::{Progress, WireSearch, size};
use super::super::{Ask, Client, Fault};
use super::pause::Pause;
use super::results::{Reading, Rows};
use crate::bindings::synapse::qradar::ariel::{Search, SearchResult};
use crate::bindings::synapse::workflow::types::Error;

/// Bytes of all answers of one call together: below what the journal takes (`limits::JOURNAL_PAYLOAD_BYTES`).
pub(super) const ANSWER_BYTES: usize = 3 << 20;

/// For messages.
pub(super) const WHAT: &str = "an Ariel search";

/// What is known of a search under way; it outlives the deadline, so that it can be cleaned up.
pub(super) struct Life {
    /// What to ask for; the console's own id if it did not take ours.
    pub id: String,
    /// May it exist at the console?
    pub created: bool,
    /// The last answer that was no answer.
    pub trouble: Option<String>,
}

impl Client {
    /// Runs searches side by side within the connection's slots; one answer each, in order.
    pub async fn run_searches(&self, searches: &[Search], domains: &Domains) -> Vec<Result<SearchResult, Error>> {
        if searches.len() > aql::SEARCHES {
            let refused = invalid(
                "searches",
                format!("{} searches; at most {}", searches.len(), aql::SEARCHES),
            );
            return searches.iter().map(|_| Err(refused.clone())).collect();
        }
        let plans = searches
            .iter()
            .enumerate()
            .map(|(index, search)| aql::plan(&format!("searches[{index}]"), search, domains));
        let plans: Vec<Result<Plan, Error>> = plans.collect();
        let runs = stream::iter(plans).map(|plan| async { self.run_search(plan?).await });
        let answers: Vec<_> = runs.buffered(self.options.searches.max(1)).collect().await;
        let mut room = ANSWER_BYTES;
        let fit = answers.into_iter().map(|answer| {
            let answer = answer?;
            let bytes = answer
                .rows
                .iter()
                .fold(0usize, |sum, row| sum.saturating_add(size(row)));
            // What does not fit any more is refused by itself, so that the others are not lost with it.
            room = room.checked_sub(bytes).ok_or(Error::TooLarge(ANSWER_BYTES as u64))?;
            Ok(answer)
        });
        fit.collect()
    }

    async fn run_search(&self, plan: Plan) -> Result<SearchResult, Error> {
        let Ok(_slot) = self.slots.acquire().await else {
            return Err(Error::Unavailable("the connection is being closed".to_owned()));
        };
        // Waiting for a slot is not the search's fault: its time starts here.
        let deadline = Instant::now().checked_add(self.options.search_deadline);
        let owned = self.searches.own(&plan.text(""));
        let mut life = Life {
            id: owned.name.clone(),
            created: false,
            trouble: None,
        };
        let ask = creation().form("query_expression", plan.text(&owned.name));
        let reading = Reading {
            table: plan.table,
            limit: plan.limit,
            columns: Some(&plan.aliases),
        };
        let driven = self.drive(&ask, Some(&owned.name), reading, &mut life);
        let result = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, driven).await,
            None => Ok(driven.await),
        };
        let result = result.unwrap_or_else(|_| Err(self.too_late(&life)));
        if life.created {
            self.delete_search(&life.id).await;
        }
        let Rows { rows, truncated, .. } = result?;
        Ok(SearchResult { rows, truncated })
    }

    pub(super) fn too_late(&self, life: &Life) -> Error {
        let seconds = self.options.search_deadline.as_secs_f64();
        let trouble = life
            .trouble
            .as_deref()
            .map(|text| format!("; last trouble: {text}"))
            .unwrap_or_default();
        Error::Unavailable(format!(
            "{WHAT} did not end within {seconds} s and was deleted: narrow its window, or raise the connection's search deadline{trouble}"
        ))
    }

    /// Creates, polls and reads until there is a result or a final error. What may pass counts against the deadline only (D38).
    pub(super) async fn drive(
        &self,
        ask: &Ask,
        name: Option<&str>,
        reading: Reading<'_>,
        life: &mut Life,
    ) -> Result<Rows, Error> {
        let mut pause = Pause::new();
        loop {
            let created = self.create(ask, name, life, &mut pause).await?;
            if let Some(rows) = self.follow(reading, created, life, &mut pause).await? {
                return Ok(rows);
            }
            // It is gone: expired, or deleted at the console. It is asked anew, under the same name.
            self.hold_on(life, &mut pause, &Fault::Page(404)).await;
        }
    }

    /// Creates the search. A busy console (503/1010) and a lost answer are met by creating it again: if one of our name exists then, it is
    /// ours; without a name the console answers the search that it made before.
    async fn create(
        &self,
        ask: &Ask,
        name: Option<&str>,
        life: &mut Life,
        pause: &mut Pause,
    ) -> Result<WireSearch, Error> {
        loop {
            // From here on it may exist, unless the console says that it refused.
            let existed = std::mem::replace(&mut life.created, true);
            let result = match (self.json::<WireSearch>(ask).await, name) {
                (Err(fault), Some(name)) if reconcile::exists_already(&fault) => {
                    match reconcile::adopt(self, name).await {
                        Ok(Some(search)) => Ok(search),
                        Ok(None) => Err(Fault::Page(404)),
                        Err(fault) => Err(fault),
                    }
                }
                (result, _) => result,
            };
            match result {
                Ok(search) => {
                    if let Some(id) = search.id().or(name) {
                        life.id = id.to_owned();
                    }
                    *pause = Pause::new();
                    return Ok(search);
                }
                Err(fault) if fault.is_transient() || matches!(fault, Fault::Cut(_)) => {
                    self.hold_on(life, pause, &fault).await;
                }
                Err(fault) => {
                    life.created = existed;
                    return Err(fault.into_error(WHAT));
                }
            }
        }
    }

    /// Polls, at once and then with a growing pause, and reads the rows. None: the search is gone.
    async fn follow(
        &self,
        reading: Reading<'_>,
        created: WireSearch,
        life: &mut Life,
        pause: &mut Pause,
    ) -> Result<Option<Rows>, Error> {
        let mut state = created.progress();
        loop {
            match state {
                Progress::Failed(error) => return Err(error),
                Progress::Completed => match self.results(&life.id, reading).await {
                    Ok(rows) => return Ok(Some(rows)),
                    // 404/1003: it says that it is completed, and that its results are not there yet.
                    Err(fault) if fault.is(404, 1003) || fault.is_transient() => {
                        self.hold_on(life, pause, &fault).await;
                    }
                    Err(fault) if fault.is_missing() => return Ok(None),
                    Err(fault) => return Err(fault.into_error("the results of an Ariel search")),
                },
                Progress::Running => {}
            }
            state = match reconcile::find(self, &life.id).await {
                Ok(Some(search)) => search.progress(),
                Ok(None) => return Ok(None),
                Err(fault) if fault.is_transient() || matches!(fault, Fault::Cut(_)) => {
                    self.hold_on(life, pause, &fault).await;
                    state = Progress::Running;
                    continue;
                }
                Err(fault) => return Err(fault.into_error(WHAT)),
            };
            if state == Progress::Running {
                pause.wait(None).await;
            }
        }
    }

    /// Remembers what went wrong, and waits.
    async fn hold_on(&self, life: &mut Life, pause: &mut Pause, fault: &Fault) {
        let asked = fault.retry_after();
        life.trouble = Some(fault.said(WHAT));
        pause.wait(asked).await;
    }

    /// Deletes a search, with its results. If that fails, the janitor does it later.
    pub(super) async fn delete_search(&self, id: &str) -> bool {
        let ask = Ask::get("the removal of an Ariel search", &["ariel", "searches", id]).method(Method::DELETE);
        match self.ask(&ask, None).await {
            Ok(_) => true,
            Err(fault) if fault.is_missing() => true,
            Err(fault) => {
                tracing::debug!(
                    search = id,
                    ?fault,
                    "an Ariel search was not deleted; the janitor will try again"
                );
                false
            }
        }
    }
}

/// The creation of a search, still without what it asks.
pub(super) fn creation() -> Ask {
    Ask::post(WHAT, &["ariel", "searches"])
}
