//! How is what belongs to an object listed? By walking from the object, which sees what was just written (contract section 8).

use super::{Filter, Query, Step};
use crate::bindings::synapse::thehive::statuses::Subject;

/// Where a walk begins, by the server's id.
#[derive(Debug, Clone, Copy)]
pub enum Parent<'a> {
    Case(&'a str),
    Alert(&'a str),
    Task(&'a str),
    Log(&'a str),
    Observable(&'a str),
}

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub enum Child {
    Tasks,
    Logs,
    Observables,
    Attachments,
    Comments,
    Procedures,
    Pages,
    Alerts,
    Cases,
    Similar,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
    /// Comments alone spell their dates without an underscore (contract 2.6), so no name of the sort field is sure.
    AsTheyCome,
}

/// The rows from `from` up to `to` of what belongs to an object. None if the object is not visible.
pub fn children(parent: Parent<'_>, child: Child, order: Order, from: usize, to: usize) -> Query<'_> {
    let mut query = vec![parent.step(), child.step()];
    match order {
        Order::OldestFirst => query.push(Step::oldest_first()),
        Order::NewestFirst => query.push(Step::newest_first()),
        Order::AsTheyCome => {}
    }
    query.push(Step::Page { from, to });
    Query { query }
}

impl<'a> Parent<'a> {
    /// The step that begins there.
    pub(super) fn step(self) -> Step<'a> {
        match self {
            Self::Case(id) => Step::Case { id },
            Self::Alert(id) => Step::Alert { id },
            Self::Task(id) => Step::Task { id },
            Self::Log(id) => Step::One { name: "getLog", id },
            Self::Observable(id) => Step::One {
                name: "getObservable",
                id,
            },
        }
    }
}

impl Child {
    /// The step that goes there.
    pub(super) fn step(self) -> Step<'static> {
        match self {
            Self::Tasks => Step::TasksOf,
            Self::Logs => Step::LogsOf,
            Self::Observables => Step::ObservablesOf,
            Self::Attachments => Step::AttachmentsOf,
            Self::Comments => Step::CommentsOf,
            Self::Procedures => Step::Plain { name: "procedures" },
            Self::Pages => Step::Plain { name: "pages" },
            Self::Alerts => Step::Plain { name: "alerts" },
            Self::Cases => Step::Plain { name: "case" },
            Self::Similar => Step::Plain { name: "similar" },
        }
    }
}

/// What is listed from the organisation on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Alerts,
    Cases,
    Tasks,
    Observables,
    Templates,
    Organisations,
    Profiles,
    Tags,
    Jobs,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Alerts => "listAlert",
            Self::Cases => "listCase",
            Self::Tasks => "listTask",
            Self::Observables => "listObservable",
            Self::Templates => "listCaseTemplate",
            Self::Organisations => "listOrganisation",
            Self::Profiles => "listProfile",
            Self::Tags => "listTag",
            Self::Jobs => "listJob",
        }
    }
}

/// The rows from `from` up to `to` of a list, newest first.
pub fn list(list: List, from: usize, to: usize) -> Query<'static> {
    let start = Step::Plain { name: list.name() };
    Query {
        query: vec![start, Step::newest_first(), Step::Page { from, to }],
    }
}

/// The objects with these ids, as far as they exist.
pub fn by_id<'a>(list: List, ids: &'a [String]) -> Query<'a> {
    let start = Step::Plain { name: list.name() };
    let wanted = Filter::Or(ids.iter().map(|id| Filter::Id(id)).collect());
    let page = Step::Page { from: 0, to: ids.len() };
    Query {
        query: vec![start, Step::Filter(wanted), page],
    }
}

/// One object, by the name of the step that gets it, and what belongs to it there.
pub fn linked<'a>(
    get: &'static str,
    id: &'a str,
    then: Option<&'static str>,
    extra: Option<&'static str>,
) -> Query<'a> {
    let mut query = vec![Step::One { name: get, id }];
    query.extend(then.map(|name| Step::Plain { name }));
    query.push(match extra {
        Some(name) => Step::PageWith {
            from: 0,
            to: 1,
            extra: [name],
        },
        None => Step::Page { from: 0, to: 1 },
    });
    Query { query }
}

/// The cases that have an observable in common with an alert.
pub fn related(alert: &str, most: usize) -> Query<'_> {
    Query {
        query: vec![
            Step::Alert { id: alert },
            Step::ObservablesOf,
            Child::Similar.step(),
            Child::Cases.step(),
            Step::Page { from: 0, to: most },
        ],
    }
}

/// The types of observables that the organisation knows.
pub fn observable_types() -> Query<'static> {
    Query {
        query: vec![Step::ObservableTypes],
    }
}

/// The statuses that the organisation has.
pub fn statuses(subject: Subject) -> Query<'static> {
    let step = match subject {
        Subject::Case => Step::CaseStatuses,
        Subject::Alert => Step::AlertStatuses,
    };
    Query { query: vec![step] }
}

/// The users that the connection's organisation sees.
pub fn users(from: usize, to: usize) -> Query<'static> {
    Query {
        query: vec![Step::Users, Step::Page { from, to }],
    }
}
