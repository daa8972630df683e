//! What is found by a guest's own search, and where does the next page begin?

use serde::{Deserialize, Serialize};
use synapse_domain::permission::Scopes;

use super::client::Client;
use super::permission;
use super::query::cursor::{self, Place};
use super::query::{self, Window};
use super::types::{AlertRow, CaseRow, CommentRow, LogRow, ObservableRow, PageRow, ProcedureRow, TaskRow, UserRow};
use crate::bindings::synapse::thehive::query::{Found, Kind, Place as Where, ResultPage, Search};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// Deepest row of a list that is not in the order of creation: servers refuse deep windows (contract section 8).
const DEEPEST: usize = 10_000;

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum At {
    /// From a moment on.
    Time(Place),
    /// From a row on.
    Row(usize),
}

/// A row that says when it was made.
trait Made {
    fn created_at(&self) -> Option<u64>;
}

macro_rules! made {
    ($($row:ty),*) => {
        $(impl Made for $row {
            fn created_at(&self) -> Option<u64> {
                Some(self.created_at)
            }
        })*
    };
}
made!(AlertRow, CaseRow, TaskRow, ObservableRow, ProcedureRow, PageRow);

macro_rules! counted {
    ($($row:ty),*) => {
        $(impl Made for $row {
            fn created_at(&self) -> Option<u64> {
                None
            }
        })*
    };
}
// Their rows do not say it, or not by the name that sorts (contract 2.6).
counted!(LogRow, CommentRow, UserRow);

/// `find`
pub(super) async fn find(
    client: &Client,
    search: &Search,
    given: Option<&str>,
    scopes: &Scopes,
) -> Result<ResultPage, Error> {
    let limits = limits(search, scopes)?;
    let at: Option<At> = match given {
        Some(text) => Some(cursor::decode(search, text)?),
        None => None,
    };
    let walk = Walk {
        client,
        search,
        limits,
        at,
    };
    let (found, next) = match search.kind {
        Kind::Alert => {
            let (rows, next) = walk.page::<AlertRow>().await?;
            (Found::Alerts(all(rows, |row| client.shown(row))?), next)
        }
        Kind::Case => {
            let (rows, next) = walk.page::<CaseRow>().await?;
            (Found::Cases(all(rows, |row| client.shown_case(row))?), next)
        }
        Kind::Task => {
            let (rows, next) = walk.page::<TaskRow>().await?;
            (Found::Tasks(all(rows, TaskRow::into_task)?), next)
        }
        Kind::Log => {
            let (rows, next) = walk.page::<LogRow>().await?;
            (Found::Logs(rows.into_iter().map(LogRow::into_log).collect()), next)
        }
        Kind::Observable => {
            let (rows, next) = walk.page::<ObservableRow>().await?;
            (Found::Observables(all(rows, ObservableRow::into_existing)?), next)
        }
        Kind::Comment => {
            let (rows, next) = walk.page::<CommentRow>().await?;
            let comments = rows.into_iter().map(CommentRow::into_comment).collect();
            (Found::Comments(comments), next)
        }
        Kind::Procedure => {
            let (rows, next) = walk.page::<ProcedureRow>().await?;
            let procedures = rows.into_iter().map(ProcedureRow::into_procedure).collect();
            (Found::Procedures(procedures), next)
        }
        Kind::Page => {
            let (rows, next) = walk.page::<PageRow>().await?;
            (Found::Pages(rows.into_iter().map(PageRow::into_page).collect()), next)
        }
        Kind::User => {
            let (rows, next) = walk.users().await?;
            (Found::Users(rows.into_iter().map(UserRow::into_user).collect()), next)
        }
    };
    Ok(ResultPage {
        found,
        cursor: next.map(|at| cursor::encode(search, &at)),
    })
}

/// `count`
pub(super) async fn count(client: &Client, search: &Search, scopes: &Scopes) -> Result<u64, Error> {
    if search.kind == Kind::User {
        // An administrator's connection would count the users of all organisations (G9).
        return Err(Error::Unsupported("users are listed, not counted".to_owned()));
    }
    client.counted(search, &limits(search, scopes)?).await
}

/// What a grant that limits alerts makes of a search: alerts are narrowed, cases and what only they have are not, and what may belong to
/// an alert cannot be told apart here.
fn limits<'a>(search: &Search, scopes: &'a Scopes) -> Result<Vec<(&'static str, Vec<&'a str>)>, Error> {
    if !permission::limits_alerts(scopes) {
        return Ok(Vec::new());
    }
    match (search.kind, &search.place) {
        (_, Where::Alert(_) | Where::Observable(_)) => Err(beyond()),
        (Kind::Alert, _) => Ok(permission::alert_limits(scopes)),
        (Kind::Case | Kind::Task | Kind::Log | Kind::Page | Kind::User, _) | (_, Where::Case(_)) => Ok(Vec::new()),
        (Kind::Observable | Kind::Comment | Kind::Procedure, Where::Everywhere | Where::Task(_)) => Err(beyond()),
    }
}

fn beyond() -> Error {
    Error::Denied(
        "the grant limits alerts, and a search cannot tell what belongs to them; list what belongs to one alert, or widen the grant"
            .to_owned(),
    )
}

fn all<R, T>(rows: Vec<R>, shown: impl Fn(R) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    rows.into_iter().map(shown).collect()
}

struct Walk<'a> {
    client: &'a Client,
    search: &'a Search,
    limits: Vec<(&'static str, Vec<&'a str>)>,
    at: Option<At>,
}

impl Walk<'_> {
    async fn page<T: serde::de::DeserializeOwned + Made>(&self) -> Result<(Vec<T>, Option<At>), Error> {
        let by_time = query::order(self.search).0 == query::CREATED && self.search.kind != Kind::Comment;
        let window = match &self.at {
            Some(At::Time(place)) => Window::Time(Some(place)),
            Some(At::Row(from)) => Window::Row(*from),
            None if by_time => Window::Time(None),
            None => Window::Row(0),
        };
        if let Window::Row(from) = window
            && from >= DEEPEST
        {
            return Err(Error::Invalid(InvalidArgument {
                field: "cursor".to_owned(),
                reason: format!(
                    "more than {DEEPEST} objects; narrow the filter, or order by `{}`",
                    query::CREATED
                ),
            }));
        }
        let (rows, more) = self.client.found::<T>(self.search, &self.limits, window).await?;
        let next = more.then(|| self.after(&rows)).flatten();
        Ok((rows, next))
    }

    /// The place after these rows: behind the last one's moment where it is known, else behind the last row.
    fn after<T: Made>(&self, rows: &[T]) -> Option<At> {
        let row = |from: usize| At::Row(from.saturating_add(rows.len()));
        match (&self.at, rows.last()?.created_at()) {
            (Some(At::Row(from)), _) => Some(row(*from)),
            (None, _) if query::order(self.search).0 != query::CREATED => Some(row(0)),
            (None, None) => Some(row(0)),
            (Some(At::Time(_)), None) => None,
            (at, Some(created_at)) => {
                let here = rows.iter().filter(|row| row.created_at() == Some(created_at)).count();
                let before = match at {
                    Some(At::Time(place)) if place.created_at == created_at => place.seen,
                    _ => 0,
                };
                Some(At::Time(Place {
                    created_at,
                    seen: before.saturating_add(here),
                }))
            }
        }
    }

    /// Users of the connection's organisation only: an administrator sees those of all of them (G9).
    async fn users(&self) -> Result<(Vec<UserRow>, Option<At>), Error> {
        let own = self.client.current_user().await?.organisation;
        let (mut rows, next) = self.page::<UserRow>().await?;
        if let Some(organisation) = own {
            rows.retain(|row| row.belongs_to(&organisation));
        }
        Ok((rows, next))
    }
}
